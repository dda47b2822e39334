import type { Path } from '../../../model/index.ts';
import type { Acl } from '../acl.ts';
import type { Placement } from '../config.ts';
import type { Input } from '../compile/draft.ts';
import { hasWriters } from '../compile/logins.ts';
import { type AppNames, baseName } from '../names.ts';
import { ownDatabaseNames, schemaNames } from '../compile/spaces.ts';
import type { TableShare } from '../spec.ts';
import { byText } from '../../../util/text-order.ts';
import { sha256 } from '../../../util/canonical.ts';

/** Sessions of all of `to` together that may read across databases at one time. */
export const SHARE_CONNECTIONS = 5;

export const EXTENSION = 'postgres_fdw';

/** One table that is shared. */
export interface SharedTable {
  readonly table: string;
  /** null: all, those of the future too. */
  readonly columns: readonly string[] | null;
}

/** What one app may read of another on this server: all shares of the two together. */
export interface Pair {
  readonly from: string;
  readonly to: string;
  readonly tables: readonly SharedTable[];
  readonly source: AppNames;
  readonly target: AppNames;
  /** The role of `to` that reads: its owner, or where one of its logins is at `rw`, the group that the owner is then a member of. */
  readonly reader: string;
  /** The role that gets the rights on the tables: that one; across databases, a login of the share. */
  readonly grantee: string;
  /** null: both live in one database. */
  readonly across: Across | null;
  /** Of the first share. */
  readonly path: Path;
}

/** Names of what leads from one database to another. */
export interface Across {
  /** In the database of `from`: reads the tables and nothing else. Used by the server alone. */
  readonly login: string;
  /** In the database of `to`: owns the views, and has the user mapping. Nobody can be it. */
  readonly holder: string;
  /** In the database of `to`: the views. The foreign server has the same name. */
  readonly schema: string;
  /** In the database of `to`: the foreign tables behind the views, which nobody else can name. */
  readonly hidden: string;
}

const known = new WeakMap<Input, ReadonlyMap<string, readonly Pair[]>>();
const NONE: readonly Pair[] = [];

/** Shares that can be built, in the order of their apps in the manifest's shares. */
export function pairsOf(input: Input): readonly Pair[] {
  return [...byFrom(input).values()].flat();
}

/** Shares of this app's tables. */
export function pairsFrom(input: Input, app: string): readonly Pair[] {
  return byFrom(input).get(app) ?? NONE;
}

/** An input is frozen: they are worked out once. */
function byFrom(input: Input): ReadonlyMap<string, readonly Pair[]> {
  const found = known.get(input) ?? Map.groupBy(findPairs(input), (pair) => pair.from);
  known.set(input, found);
  return found;
}

function findPairs(input: Input): readonly Pair[] {
  const placed = new Map(input.placements.map((one) => [one.app, one.placement]));
  const pairs = new Map<string, Pair>();
  for (const share of input.shares) {
    const from = placed.get(share.from);
    const to = placed.get(share.to);
    if (share.via !== 'grant' || share.from === share.to || !from || !to || from.isolation === 'rows' || to.isolation === 'rows') continue;
    const key = JSON.stringify([share.from, share.to]);
    const pair = pairs.get(key) ?? emptyPair(share.from, share.to, from, to, share.path);
    pairs.set(key, { ...pair, tables: joined(pair.tables, share.tables, share.columns) });
  }
  return [...pairs.values()];
}

export function namesOf(app: string, placement: Placement): AppNames {
  return placement.isolation === 'database' ? ownDatabaseNames(app, placement) : schemaNames(app, placement);
}

function emptyPair(from: string, to: string, here: Placement, there: Placement, path: Path): Pair {
  const source = namesOf(from, here);
  const target = namesOf(to, there);
  const across = source.database === target.database ? null : acrossNames(baseName(from), baseName(to), target, there);
  const reader = hasWriters(to, there) ? target.readWrite : target.owner;
  return { from, to, tables: [], source, target, reader, grantee: across?.login ?? reader, across, path };
}

/** In a database of one app the views need no more than the name of the other one. */
function acrossNames(from: string, to: string, target: AppNames, placement: Placement): Across {
  const schema = fit(placement.isolation === 'database' ? `from_${from}` : `${target.schema}_from_${from}`);
  return { login: fit(`${to}_reads_${from}`), holder: fit(`${to}_from_${from}`), schema, hidden: fit(`cotenant_${schema}`) };
}

/** A name cut to what the server holds, kept apart from others by a hash. */
export function fit(name: string): string {
  const bytes = 63;
  if (Buffer.byteLength(name) <= bytes) return name;
  const hash = sha256(name).slice(0, 8);
  let head = name;
  while (Buffer.byteLength(head) + 1 + hash.length > bytes) head = [...head].slice(0, -1).join('');
  return `${head}_${hash}`;
}

/** The tables of two shares together: all columns win over some. */
function joined(before: readonly SharedTable[], tables: readonly string[], columns: readonly string[] | null): readonly SharedTable[] {
  const all = new Map(before.map((one) => [one.table, one.columns]));
  for (const table of tables) {
    const has = all.get(table);
    all.set(table, columns === null || has === null ? null : [...new Set([...(has ?? []), ...columns])].sort());
  }
  return [...all].map(([table, some]) => ({ table, columns: some })).sort((a, b) => byText(a.table, b.table));
}

/** Rights on the database for the logins through which others read it. */
export function doorsOf(pairs: readonly Pair[]): Acl {
  return Object.fromEntries(pairs.flatMap(({ across }) => (across ? [[across.login, 'c']] : [])));
}

/** What others need to find the shared tables of an app: entry to its schema. */
export function guestsOf(pairs: readonly Pair[]): Acl {
  return Object.fromEntries(pairs.map((pair) => [pair.grantee, 'U']));
}

/** The shares as part of what is wanted of the app's objects; nothing where there is none. */
export function tableShares(pairs: readonly Pair[]): { readonly shares?: readonly TableShare[] } {
  const shares = pairs.flatMap(({ grantee, source, tables }) => tables.map((one) => ({ ...one, grantee, schema: source.schema })));
  return shares.length === 0 ? {} : { shares };
}
