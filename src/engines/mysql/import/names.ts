/** Longest name of an app in a manifest. */
const APP_LIMIT = 40;

/** Gives out names of apps that nothing in the manifest has yet. */
export class FreshNames {
  readonly #apps = new Set<string>();

  /** Names that differ in case or in `-` and `_` only count as one. */
  app(wish: string): string {
    const base = plainName(wish) || 'app';
    if (this.#take(base)) return base;
    for (let at = 2; ; at++) {
      const name = `${base.slice(0, APP_LIMIT - 5)}_${at}`;
      if (this.#take(name)) return name;
    }
  }

  #take(name: string): boolean {
    const key = name.toUpperCase().replaceAll('-', '_');
    if (this.#apps.has(key) || name in Object.prototype) return false;
    this.#apps.add(key);
    return true;
  }
}

function plainName(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '_')
    .replace(/^[^A-Za-z]+|_+$/g, '')
    .slice(0, APP_LIMIT);
}

/** Text as it is: nothing in it is a variable. */
export function plain(text: string): string {
  return text.replaceAll('$', () => '$$');
}
