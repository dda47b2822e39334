import { lookUp, putIn } from '../../../util/record.ts';
import { type Acl, sortLetters } from '../acl.ts';

/** An object's owner and access list; the owner has every right on it, whatever the list says. */
export interface Guarded {
  readonly owner: string;
  readonly acl: Acl;
}

/** Rights of the server's own roles, which no access list names. */
export const SERVER_TABLE: Acl = { pg_read_all_data: 'r', pg_write_all_data: 'adw' };
export const SERVER_SCHEMA: Acl = { pg_read_all_data: 'U', pg_write_all_data: 'U' };

/** Letters that these roles and PUBLIC have on it. `all`: what an owner has. */
export function lettersOf({ owner, acl }: Guarded, roles: ReadonlySet<string>, all: string): string {
  if (roles.has(owner)) return all;
  let found = lookUp(acl, '') ?? '';
  for (const [grantee, letters] of Object.entries(acl)) if (grantee !== '' && roles.has(grantee)) found += letters;
  return [...new Set(found.replaceAll('*', ''))].sort().join('');
}

export function lettersWithout(letters: string, taken: string): string {
  return [...letters].filter((letter) => !taken.includes(letter)).join('');
}

/** Two access lists in one. */
export function joined(acl: Acl, more: Acl): Acl {
  const out: Record<string, string> = { ...acl };
  for (const [grantee, letters] of Object.entries(more)) {
    const both = sortLetters((lookUp(out, grantee) ?? '') + letters);
    putIn(out, grantee, [...new Set(both.match(/[a-zA-Z]\*?/g) ?? [])].join(''));
  }
  return out;
}

/** Without what everybody has. */
export function unnamed({ owner, acl }: Guarded): Guarded {
  const { '': _everybody, ...named } = acl;
  return { owner, acl: named };
}
