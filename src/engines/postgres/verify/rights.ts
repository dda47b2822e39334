import { type Acl, parseAcl, privilegeWords, splitLetters } from '../acl.ts';
import type { Principal } from './principals.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';

export type ObjectKind = 'schema' | 'relation' | 'sequence' | 'column' | 'function' | 'type' | 'large object';

/** What a reader may do with an app that it reads. */
const READS: Readonly<Record<ObjectKind, string>> = {
  schema: 'U',
  relation: 'r',
  sequence: 'r',
  column: 'r',
  function: '',
  type: 'U',
  'large object': 'r',
};

/** Whose the object is: an app or retired app by name; null: it belongs to the operator and is there for all of the database. */
export interface Area {
  readonly owner: string | null;
  /** Who owns the database, and so has what pg_database_owner has in it. */
  readonly host?: string;
  /** Where passwords are looked up for a pooler: the logins that may. */
  readonly lookups?: ReadonlySet<string>;
}

export interface Excess {
  /** null: PUBLIC. */
  readonly from: string | null;
  readonly kind: 'public' | Principal['kind'];
  readonly live: boolean;
  readonly letters: string;
}

export function aclOf(items: readonly string[] | null, fallback: Acl): Acl {
  return items === null ? fallback : parseAcl(items);
}

/** Who, besides those whose area it is, has these rights through this grantee. */
export function excess(snapshot: CatalogSnapshot, area: Area, grantee: string, letters: string, kind: ObjectKind): readonly Excess[] {
  if (letters === '') return [];
  if (grantee === '') return [{ from: null, kind: 'public', live: true, letters }];
  const holders = snapshot.holders(grantee === 'pg_database_owner' ? (area.host ?? grantee) : grantee);
  const someone = holders.some(({ live }) => live);
  return holders.flatMap(({ principal, live }): readonly Excess[] => {
    if (principal.name === area.owner) return [];
    // A group of a shared database is spoken of by name only while nobody is in it.
    if (principal.kind === 'space' && !live && someone) return [];
    if (principal.kind === 'operator' && area.lookups?.has(principal.name)) return [];
    if (principal.kind === 'operator' && kind === 'schema') return excessOf(principal, live, without(letters, 'U'));
    const rest = area.owner !== null && principal.reads.has(area.owner) ? without(letters, READS[kind]) : letters;
    return excessOf(principal, live, rest);
  });
}

/**
 * The same, for an object of that owner. What the operator or somebody without a part in this laid in an app's area is
 * theirs: whom else they let to it is their affair, unless it is another app.
 */
export function excessOn(
  snapshot: CatalogSnapshot,
  area: Area,
  owner: string,
  grantee: string,
  letters: string,
  kind: ObjectKind,
): readonly Excess[] {
  const all = excess(snapshot, area, grantee, letters, kind);
  const holder = snapshot.principalOf(owner);
  const theirs = area.owner !== null && (holder === null || holder.kind === 'foreign' || holder.kind === 'operator');
  return theirs ? all.filter((one) => one.from !== null && one.kind !== 'foreign') : all;
}

function excessOf({ name, kind }: Principal, live: boolean, letters: string): readonly Excess[] {
  return letters === '' ? [] : [{ from: name, kind, live, letters }];
}

/** The probe that speaks of those whom nothing here belongs to; null: an app, a reader, or everybody. */
export function outsideProbe(kind: Excess['kind']): 'F1' | 'F2' | 'T1' | null {
  return kind === 'foreign' ? 'F1' : kind === 'operator' ? 'F2' : kind === 'retired' ? 'T1' : null;
}

/** The probe that speaks of it: what nobody can use yet, and what belongs to nobody here, have their own. */
export function probeFor(id: string, { kind, live }: Excess): string {
  if (kind === 'foreign' && !live) return 'G1';
  return outsideProbe(kind) ?? (live ? id : 'G1');
}

/** Letters without those in `taken`; a grant option goes with its letter. */
function without(letters: string, taken: string): string {
  return splitLetters(letters)
    .filter((letter) => !taken.includes(letter.charAt(0)))
    .join('');
}

export function only(letters: string, wanted: string): string {
  return splitLetters(letters)
    .filter((letter) => wanted.includes(letter.charAt(0)))
    .join('');
}

export function words(letters: string): string {
  return privilegeWords(letters.replaceAll('*', ''));
}

export function who(grantee: string): string {
  return grantee === '' ? 'PUBLIC' : grantee;
}
