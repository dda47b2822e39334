import { nameTrouble } from '../names.ts';

/** Longest name of an app in a manifest. */
const APP_LIMIT = 40;

/** Gives out names that nothing on the server or in the manifest has yet. */
export class FreshNames {
  readonly #apps = new Set<string>();
  readonly #roles: Set<string>;

  constructor(roles: Iterable<string>) {
    this.#roles = new Set(roles);
  }

  /** A name for an app, made from the first wish that can be used. Names that differ in case or in `-` and `_` only count as one. */
  app(...wishes: readonly string[]): string {
    const plain = wishes.map(plainName);
    for (const name of plain) if (name !== '' && this.#take(name)) return name;
    const base = plain.find((name) => name !== '') ?? 'app';
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

  /** The wished name of a role, or one like it. */
  role(wish: string): string {
    const usable = (name: string): boolean => !this.#roles.has(name) && nameTrouble(name) === null;
    let name = wish;
    for (let at = 2; !usable(name); at++) name = `${cut(wish, 56)}_${at === 2 ? 'new' : at}`;
    this.#roles.add(name);
    return name;
  }
}

export function plainName(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '_')
    .replace(/^[^A-Za-z]+|_+$/g, '')
    .slice(0, APP_LIMIT);
}

/** The text cut to a number of bytes. */
function cut(text: string, bytes: number): string {
  let short = text;
  while (Buffer.byteLength(short) > bytes) short = [...short].slice(0, -1).join('');
  return short;
}
