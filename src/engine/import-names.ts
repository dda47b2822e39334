/** Longest name of an app in a manifest. */
const LIMIT = 40;

/** Gives out names of apps, or of logins, that nothing in a manifest has yet. Names that differ in case or in `-` and `_` only count as one. */
export class FreshNames {
  readonly #taken = new Set<string>();

  constructor(...taken: readonly string[]) {
    for (const name of taken) this.#take(name);
  }

  /** Made from the first wish that can be used. */
  app(...wishes: readonly string[]): string {
    const plain = wishes.map(plainName);
    for (const name of plain) if (name !== '' && this.#take(name)) return name;
    const base = plain.find((name) => name !== '') ?? 'app';
    for (let at = 2; ; at++) {
      const name = `${base.slice(0, LIMIT - 5)}_${at}`;
      if (this.#take(name)) return name;
    }
  }

  #take(name: string): boolean {
    const key = name.toUpperCase().replaceAll('-', '_');
    if (this.#taken.has(key) || name in Object.prototype) return false;
    this.#taken.add(key);
    return true;
  }
}

/** As a manifest takes it for a name; '' where nothing of it can stand there. */
export function plainName(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '_')
    .replace(/^[^A-Za-z]+|_+$/g, '')
    .slice(0, LIMIT);
}

/** As it is, in a manifest: a dollar sign begins a variable there. */
export function plainText(text: string): string {
  return text.replaceAll('$', '$$$$');
}

/** Why an import leaves out what a project of cotenant has already. `own`: the project that the manifest is to have. */
export function ofProject(project: string, own: string): string {
  if (project !== own) return `it belongs to the cotenant project "${project}"`;
  return `it belongs to the cotenant project "${project}", and so would this manifest, whose first apply retires what it does not name: give it another \`project\``;
}
