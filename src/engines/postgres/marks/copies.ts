import type { Diagnostic, Resource } from '../../../model/index.ts';
import { parseAcl } from '../acl.ts';
import type { Input } from '../compile/draft.ts';
import { tenantsRole } from '../compile/spaces.ts';
import { commentStatement } from './statement.ts';
import { isPutAsideAs } from './put-aside.ts';
import { type Mark, readMark, textOf } from './mark.ts';
import type { SharedRows } from '../queries/shared.ts';

/** A database as the shared catalog has it. */
export interface Marked {
  readonly name: string;
  readonly comment: string | null;
  /** Place among all databases by age. */
  readonly age: number;
  readonly acl: readonly string[] | null;
}

/** Whose marks count, and which databases the manifest names. */
export interface Claims {
  readonly project: string;
  readonly isWanted: (database: string) => boolean;
}

export function claimsOf({ project }: Pick<Input, 'project'>, desired: readonly Resource[]): Claims {
  const names = new Set(desired.flatMap(({ address }) => (address.kind === 'database' ? [address.name] : [])));
  return { project, isWanted: (database) => names.has(database) };
}

/**
 * Databases that bear the mark of another one of this project, as a restored dump does that brought its comment along: each with
 * the one that it is a copy of. They are nobody's of the project. An app has one database, retired or not: of two with its mark
 * the original is the one that the manifest names, or that is called as the mark says, or the older one. A database in use that
 * somebody has renamed is the only one, and no copy; one that was put aside counts under its retired name only (`unprovenMarks`).
 */
export function copiesAmong(databases: readonly Marked[], claims: Claims): ReadonlyMap<string, string> {
  const { project, isWanted } = claims;
  const marks = databases.flatMap((one) => {
    const mark = readMark(one.comment);
    return mark?.project === project ? [{ ...one, mark }] : [];
  });
  const groups = Map.groupBy(marks, (one) => JSON.stringify(one.mark.app === null ? ['', sharedName(one, marks, claims)] : [one.mark.app]));
  const copies = new Map<string, string>();
  for (const group of groups.values()) {
    const [oldest] = group.toSorted((a, b) => a.age - b.age);
    const original =
      group.find(({ name }) => isWanted(name)) ?? group.find(({ name, mark }) => mark.name === name || isPutAsideAs(name, mark)) ?? oldest;
    for (const { name } of group) if (original && name !== original.name) copies.set(name, original.name);
  }
  return copies;
}

/**
 * A mark that an older version wrote has no name: the roles in the access list are called after the database, and a dump that comes
 * with its list brings them along. Where it names none of them, and the manifest does not name the database, it is a copy of one
 * that does: of which one, its name may tell.
 */
function sharedName({ name, mark, acl }: Marked & { readonly mark: Mark }, all: readonly Marked[], { isWanted }: Claims): string {
  const called = mark.name ?? calledIn(acl);
  if (called !== undefined || isWanted(name)) return called ?? name;
  const others = all.flatMap((one) => (readMark(one.comment)?.app === null ? (calledIn(one.acl) ?? []) : []));
  return others.find((one) => name.startsWith(one)) ?? others[0] ?? name;
}

function calledIn(acl: Marked['acl']): string | undefined {
  const roles = new Set(Object.keys(parseAcl(acl ?? [])));
  const bases = (suffix: string): readonly string[] =>
    [...roles].filter((role) => role.endsWith(suffix)).map((role) => role.slice(0, -suffix.length));
  return bases(tenantsRole(''))[0] ?? bases('_owner').find((base) => roles.has(`${base}_rw`));
}

/** Rows of roles or databases, by their name in front, some of them without the mark in the comment at `column`. */
export function withoutMarks<Row extends readonly unknown[]>(
  rows: readonly Row[],
  column: number,
  isBare: (name: string) => boolean,
): readonly Row[] {
  return rows.map((row) => {
    const [name, comment] = [row[0], row[column]];
    if (typeof name !== 'string' || typeof comment !== 'string' || !isBare(name)) return row;
    return row.with(column, withoutMark(comment)) as unknown as Row;
  });
}

/** What a person wrote into a comment, without the mark that came along. */
export function withoutMark(comment: string | null): string | null {
  return textOf(comment).text ?? null;
}

/**
 * Copies are told of. While one is about an app can neither leave nor be deleted: which of the two is its own only a person knows
 * once the manifest names neither, and the one that is left would be taken for it.
 */
export function toldOfCopies(
  { copies, databases, lost }: SharedRows,
  { name: instance, placements, removal }: Input,
): readonly Diagnostic[] {
  const comments = new Map(databases.map((row) => [row[0], row[9]]));
  return [...copies].map(([copy, original]) => {
    const mark = lost.find(({ kind, name }) => kind === 'database' && name === original)?.mark ?? readMark(comments.get(original) ?? null);
    const app = mark?.app ?? null;
    const isNamed = app === null || placements.some((one) => one.app === app);
    const goes = !isNamed && (mark?.retired === undefined || removal === 'delete');
    const off = (name: string): string => commentStatement('database', name, textOf(comments.get(name) ?? null).text);
    const both = `databases "${original}" and "${copy}" on "${instance}" bear one mark`;
    return {
      code: 'CT2066',
      severity: goes ? 'error' : 'warning',
      message: goes
        ? `${both}, that of app "${app}": it cannot ${mark?.retired === undefined ? 'leave' : 'be deleted'} before the copy, whichever it is, bears it no more`
        : `${both}, as after a dump was restored: "${copy}" is taken for a copy, and for nobody's of this project`,
      hint: goes ? `take the mark off the one that is the copy: ${off(original)}, or ${off(copy)}` : `${off(copy)} takes the mark off`,
      instance,
    };
  });
}
