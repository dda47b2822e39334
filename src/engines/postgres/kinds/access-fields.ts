import { field, movedField } from '../../../engine/index.ts';
import type { FieldChange } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { type Acl, aclDelta, type AclMove, privilegeWords, splitLetters } from '../acl.ts';

/** As the manual's table of privileges has them. */
const ORDER = 'rawdDxtmXUCTcsA';

/** All letters that there are on a type, where it has more than one. */
export const ALL = { database: 'CTc', schema: 'CU', sequence: 'Urw', parameter: 'sA', 'large object': 'rw' } as const;

/** The privileges of one grantee in words. `all`: the letters of a complete set, which is one word. */
function wordsOf(letters: string, all: string): readonly string[] {
  const own = splitLetters(letters).map((one) => one.charAt(0));
  if (all.length > 1 && all.length === own.length && own.every((letter) => all.includes(letter))) return ['ALL'];
  return own.sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)).map(privilegeWords);
}

/** A complete access list entry: what can be granted on says so. */
function shown(letters: string | undefined, all: string): string | null {
  if (letters === undefined || letters === '') return null;
  const starred = splitLetters(letters).filter((one) => one.length === 2);
  const plain = splitLetters(letters).filter((one) => one.length === 1);
  return [...wordsOf(plain.join(''), all), ...wordsOf(starred.join(''), all).map(grantable)].join(', ');
}

const grantable = (words: string): string => `${words} WITH GRANT OPTION`;

const granted = ({ letters, option }: AclMove, all: string): readonly string[] =>
  option ? wordsOf(letters, all).map(grantable) : wordsOf(letters, all);

const revoked = ({ letters, option }: AclMove, all: string): readonly string[] =>
  option ? wordsOf(letters, all).map((word) => `GRANT OPTION FOR ${word}`) : wordsOf(letters, all);

const nameOf = (grantee: string): string => (grantee === '' ? 'PUBLIC' : grantee);

/** A field for each grantee whose privileges differ. `label` goes before the name. */
export function accessFields(label: string, desired: Acl, observed: Acl, all: string): FieldChange[] {
  const { grants, revokes } = aclDelta(desired, observed);
  return [...new Set([...grants, ...revokes].map(({ grantee }) => grantee))].sort().map((grantee) =>
    movedField(
      field(`${label} ${nameOf(grantee)}`, shown(lookUp(observed, grantee), all), shown(lookUp(desired, grantee), all)),
      grants.filter((one) => one.grantee === grantee).flatMap((one) => granted(one, all)),
      revokes.filter((one) => one.grantee === grantee).flatMap((one) => revoked(one, all)),
    ),
  );
}

/** One field for the whole list: what each grantee gets and loses. */
export function listsField(name: string, desired: Acl, observed: Acl, all: string): FieldChange {
  const { grants, revokes } = aclDelta(desired, observed);
  const each = (moves: readonly AclMove[], words: typeof granted): readonly string[] =>
    [...Map.groupBy(moves, ({ grantee }) => grantee)].map(
      ([grantee, own]) => `${nameOf(grantee)} (${own.flatMap((one) => words(one, all)).join(', ')})`,
    );
  const whole = (acl: Acl): string | null =>
    Object.keys(acl)
      .sort()
      .map((grantee) => `${nameOf(grantee)} (${shown(lookUp(acl, grantee), all) ?? ''})`)
      .join(', ') || null;
  return movedField(field(name, whole(observed), whole(desired)), each(grants, granted), each(revokes, revoked));
}
