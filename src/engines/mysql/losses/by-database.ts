import { GLOBAL, targetOf } from '../grants.ts';
import { type RowRule, rowsFor } from '../observe/row-order.ts';
import { patternReaches } from '../quote.ts';
import type { Rights } from './rights.ts';

type Rows = Rights['on'];

/** Where somebody has rights on databases from. */
export interface Sources {
  /** Its own rows, then those of the same user for more hosts, the nearest first. */
  readonly own: readonly Rows[];
  /** Of each role that it can take on: its rows and those of the roles that it has. */
  readonly roles: readonly (readonly Rows[])[];
  /** Rows without a user. */
  readonly everybody: readonly Rows[];
}

/** Privileges on one database as a whole. MySQL before 9 adds up the patterns in a session with roles: what only that gives is not sure. */
export interface OnDatabase {
  readonly sure: ReadonlySet<string>;
  readonly maybe: ReadonlySet<string>;
}

/** Databases that patterns reach: of others every row counts for itself. */
export function reachedByPatterns(
  { own, roles, everybody }: Sources,
  databases: readonly string[],
  literalNames: boolean,
): readonly string[] {
  const patterns = [...own, ...roles.flat(), ...everybody]
    .flatMap((rows) => [...rows.keys()].map(targetOf))
    .flatMap((target) => (target[0] === 'pattern' ? [target[1]] : []));
  return databases.filter((name) => patterns.some((pattern) => patternReaches(pattern, name, literalNames)));
}

export function onDatabase(sources: Sources, database: string, rule: Omit<RowRule, 'withRoles'>): OnDatabase {
  const [sure, maybe] = [new Set<string>(), new Set<string>()];
  const count = (rows: Rows, withRoles: boolean): void => {
    const found = rowsFor([...rows.keys()], database, { ...rule, withRoles }).map((key) => rows.get(key) ?? new Set<string>());
    for (const one of withRoles ? found : found.slice(0, 1)) for (const privilege of one) maybe.add(privilege);
    for (const privilege of found[0] ?? []) sure.add(privilege);
  };
  // Rows for a nearer host come first, whatever they are about.
  const mine =
    sources.own.find((rows) => rowsFor([...rows.keys()], database, { ...rule, withRoles: false }).length > 0) ??
    new Map<string, Set<string>>();
  count(mine, false);
  for (const rows of sources.everybody) count(rows, false);
  if (rule.flavor === 'mariadb') for (const role of sources.roles) count(together(role), false);
  else if (sources.roles.length > 0) {
    // Roles and the account are one list there: with any of the roles, and with all of them.
    for (const role of sources.roles) count(together([mine, ...role]), true);
    count(together([mine, ...sources.roles.flat()]), true);
  }
  return { sure, maybe };
}

function together(all: readonly Rows[]): Rows {
  const out = new Map<string, Set<string>>();
  for (const rows of all) for (const [key, list] of rows) out.set(key, new Set([...(out.get(key) ?? []), ...list]));
  return out;
}

/** What is not as sure in a database as it was. */
export function lessIn(before: OnDatabase, after: OnDatabase, rights: Rights, database: string): readonly string[] {
  if (isSame(before.sure, after.sure) && isSame(before.maybe, after.maybe)) return [];
  const onAll = (one: string): boolean => rights.on.get(GLOBAL)?.has(one) === true && rights.but.get(one)?.has(database) !== true;
  const had = isSame(before.maybe, after.maybe) ? before.sure : before.maybe;
  return [...had].filter((one) => !after.sure.has(one) && !onAll(one));
}

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((privilege) => other.has(privilege));
}
