import { lookUp, putIn } from '../../util/record.ts';
import { roles } from './quote.ts';

/**
 * An access list in normal form: grantee to privilege letters, sorted, a letter followed by `*` where it can be
 * granted on. The empty grantee is PUBLIC. Letters as in the manual's table of ACL privilege abbreviations.
 */
export type Acl = Readonly<Record<string, string>>;

const WORDS: Readonly<Record<string, string>> = {
  r: 'SELECT',
  a: 'INSERT',
  w: 'UPDATE',
  d: 'DELETE',
  D: 'TRUNCATE',
  x: 'REFERENCES',
  t: 'TRIGGER',
  m: 'MAINTAIN',
  X: 'EXECUTE',
  U: 'USAGE',
  C: 'CREATE',
  T: 'TEMPORARY',
  c: 'CONNECT',
  s: 'SET',
  A: 'ALTER SYSTEM',
};

export function privilegeWords(letters: string): string {
  return splitLetters(letters)
    .map((letter) => lookUp(WORDS, letter.charAt(0)) ?? letter)
    .join(', ');
}

/** `['arw', …]` split into single privileges, each with its `*`. */
export function splitLetters(letters: string): readonly string[] {
  return letters.match(/[a-zA-Z]\*?/g) ?? [];
}

export function sortLetters(letters: string): string {
  return [...splitLetters(letters)].sort().join('');
}

/** Reads the text form of an aclitem array: `app_ro=r/app_owner`, grantees quoted where they need it. */
export function parseAcl(items: readonly string[]): Acl {
  const acl: Record<string, string> = {};
  for (const item of items) {
    const match = /^("(?:[^"]|"")*"|[^=]*)=([a-zA-Z*]*)\//.exec(item);
    if (!match) throw new Error(`unreadable access list entry: ${item}`);
    const grantee = unquote(match[1] ?? '');
    putIn(acl, grantee, mergeLetters(lookUp(acl, grantee) ?? '', match[2] ?? ''));
  }
  return acl;
}

/** Two sets of privileges in one: where somebody has the same from two hands, the one that can be granted on counts. */
export function mergeLetters(one: string, other: string): string {
  const all = new Set([...splitLetters(one), ...splitLetters(other)]);
  return sortLetters([...all].filter((letter) => !all.has(`${letter}*`)).join(''));
}

export function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

/** Privileges of one grantee that come or go together. */
export interface AclMove {
  readonly grantee: string;
  /** Without stars. */
  readonly letters: string;
  /** To grant: with the option to grant on. To revoke: that option only. */
  readonly option: boolean;
}

export interface AclDelta {
  readonly grants: readonly AclMove[];
  readonly revokes: readonly AclMove[];
}

const holds = (letters: readonly string[], letter: string): boolean => letters.some((one) => one.charAt(0) === letter.charAt(0));

/** What to grant and what to revoke so that `observed` becomes `desired`. */
export function aclDelta(desired: Acl, observed: Acl): AclDelta {
  const grants: AclMove[] = [];
  const revokes: AclMove[] = [];
  const others = Object.keys(observed).filter((grantee) => lookUp(desired, grantee) === undefined);
  for (const grantee of [...Object.keys(desired), ...others].sort()) {
    const [wanted = '', found = ''] = [lookUp(desired, grantee), lookUp(observed, grantee)];
    if (wanted === found) continue;
    const [want, have] = [splitLetters(wanted), splitLetters(found)];
    const put = (moves: AclMove[], option: boolean, letters: readonly string[]): void => {
      if (letters.length > 0) moves.push({ grantee, letters: letters.map((letter) => letter.charAt(0)).join(''), option });
    };
    const [plain, starred] = [want.filter((letter) => letter.length === 1), want.filter((letter) => letter.length === 2)];
    put(grants, false, have.length === 0 ? plain : plain.filter((letter) => !holds(have, letter)));
    put(grants, true, have.length === 0 ? starred : starred.filter((letter) => !have.includes(letter)));
    if (have.length === 0) continue;
    put(
      revokes,
      false,
      have.filter((letter) => !holds(want, letter)),
    );
    put(
      revokes,
      true,
      have.filter((letter) => letter.length === 2 && want.includes(letter.charAt(0))),
    );
  }
  return { grants, revokes };
}

/** `on` as `TABLE "a"."b"`; `words` writes the privileges out. */
export function grantText(move: AclMove, on: string, words: (letters: string) => string = privilegeWords): string {
  return `GRANT ${words(move.letters)} ON ${on} TO ${roles([move.grantee])}${move.option ? ' WITH GRANT OPTION' : ''}`;
}

/** What was granted on goes with it. */
export function revokeText(move: AclMove, on: string, words: (letters: string) => string = privilegeWords): string {
  return `REVOKE ${move.option ? 'GRANT OPTION FOR ' : ''}${words(move.letters)} ON ${on} FROM ${roles([move.grantee])} CASCADE`;
}

export function sameAcl(a: Acl, b: Acl): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => lookUp(a, key) === lookUp(b, key));
}
