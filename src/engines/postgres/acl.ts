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
    .map((letter) => WORDS[letter.charAt(0)] ?? letter)
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
    acl[grantee] = sortLetters((acl[grantee] ?? '') + (match[2] ?? ''));
  }
  return acl;
}

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

export interface AclDelta {
  readonly grants: readonly { readonly grantee: string; readonly letters: string }[];
  readonly revokes: readonly { readonly grantee: string; readonly letters: string }[];
}

/** What to grant and what to revoke so that `observed` becomes `desired`. A privilege that may be granted on too much is revoked as a whole and granted again by the caller's grants. */
export function aclDelta(desired: Acl, observed: Acl): AclDelta {
  const grants: { grantee: string; letters: string }[] = [];
  const revokes: { grantee: string; letters: string }[] = [];
  for (const grantee of Object.keys({ ...desired, ...observed }).sort()) {
    const want = new Set(splitLetters(desired[grantee] ?? ''));
    const have = new Set(splitLetters(observed[grantee] ?? ''));
    const missing = [...want].filter((letter) => !have.has(letter) && !have.has(`${letter}*`));
    const extra = [...have].filter((letter) => !want.has(letter));
    if (missing.length > 0) grants.push({ grantee, letters: missing.join('') });
    if (extra.length > 0) revokes.push({ grantee, letters: extra.join('') });
  }
  return { grants, revokes };
}

export function sameAcl(a: Acl, b: Acl): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** How an access list is shown: `app_ro=r app_rw=arwd PUBLIC=X`. */
export function showAcl(acl: Acl): string {
  return Object.keys(acl)
    .sort()
    .map((grantee) => `${grantee === '' ? 'PUBLIC' : grantee}=${acl[grantee]}`)
    .join(' ');
}
