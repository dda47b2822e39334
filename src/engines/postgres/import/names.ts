import { FreshNames } from '../../../engine/index.ts';
import { nameTrouble } from '../names.ts';

/** Gives out names that nothing on the server or in the manifest has yet. */
export class FreshServerNames extends FreshNames {
  readonly #roles: Set<string>;

  constructor(roles: Iterable<string>) {
    super();
    this.#roles = new Set(roles);
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

/** The text cut to a number of bytes. */
function cut(text: string, bytes: number): string {
  let short = text;
  while (Buffer.byteLength(short) > bytes) short = [...short].slice(0, -1).join('');
  return short;
}
