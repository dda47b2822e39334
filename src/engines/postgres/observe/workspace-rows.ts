import { ident, literal } from '../quote.ts';
import type { Observed } from '../../../model/index.ts';
import { mapPool } from '../../../util/pool.ts';
import type { Connection } from '../connect/connection.ts';
import { partOf } from '../part-name.ts';
import { readMark } from '../marks/mark.ts';
import * as ask from '../queries/workspace-rows.ts';
import { type PartRow, partsQuery } from '../queries/rows.ts';
import type { SharedRows } from '../queries/shared.ts';
import type { Hanging } from '../retire/remains-spec.ts';
import { isRetired, kindOfRetired } from '../retire/retired-spec.ts';
import type { CountedTable, WorkspaceRows } from '../retire/workspace-rows-spec.ts';
import { isKind } from '../spec.ts';
import { judgeParts } from '../steps/guard.ts';
import type { ObserveContext } from './observe.ts';

const LANES = 4;
/** Up to this many bytes the rows of a table are counted, not estimated. */
const COUNTED_BYTES = 16 * 1024 * 1024;

/** Level rows, before a delete: which rows in which shared tables are a retired app's own, also where the manifest names none of it any more. */
export async function observeWorkspaceRows(
  context: ObserveContext,
  rows: SharedRows,
  resources: readonly Observed[],
  apps: readonly string[],
): Promise<readonly WorkspaceRows[]> {
  const claims = apps.map((app) => ({ app, logins: formerLogins(app, resources) })).filter(({ logins }) => logins.length > 0);
  if (claims.length === 0) return [];
  const { project, placements } = context.input;
  const named = new Set(placements.flatMap(({ placement: { isolation, database } }) => (isolation === 'rows' ? [database] : [])));
  const isShared = (comment: string | null): boolean => {
    const mark = readMark(comment);
    return mark?.project === project && mark.app === null && mark.retired === undefined;
  };
  const databases = rows.databases.filter((row) => row[6] && (named.has(row[0]) || isShared(row[9]))).map(([name]) => name);
  const guards = new Map(
    resources.flatMap((one) => {
      if (!isKind(one, 'row-guard')) return [];
      return [[partOf(one.address.name)[0], one.spec.column] as const];
    }),
  );
  const superusers = new Set(rows.roles.filter((row) => row[3] && readMark(row[10]) === null).map(([name]) => name));
  const owners = new Set(rows.roles.filter((row) => isShared(row[10])).map(([name]) => name));
  // What has a database or a schema of its own has no rows among those of others.
  const placed = new Set(resources.flatMap((one) => (isRetired(one) && kindOfRetired(one)[0] !== 'role' ? [one.app] : [])));
  const found = await mapPool(databases, LANES, async (database) => {
    await using connection = await context.open(database);
    const map = await readMap(connection, superusers);
    if (map === null) return [];
    const out: WorkspaceRows[] = [];
    for (const { app, logins } of claims) {
      const spec = map.whole
        ? await readClaim(connection, { app, database, logins, column: guards.get(database) ?? null, owners, writers: map.writers })
        : !placed.has(app)
          ? { ...NOTHING, app, database, logins, writers: map.writers, broken: true as const }
          : null;
      if (spec !== null) out.push(spec);
    }
    return out;
  });
  return found.flat();
}

function formerLogins(app: string, resources: readonly Observed[]): readonly string[] {
  const roles = resources.flatMap((one) => (isRetired(one) && one.app === app && kindOfRetired(one)[0] === 'role' ? [one.spec.was] : []));
  return [...new Set(roles)].sort();
}

interface WorkspaceMap {
  /** It is as cotenant made it. One that somebody else could write says nothing all the same. */
  readonly whole: boolean;
  /** Who else could write it. */
  readonly writers: readonly string[];
}

/** null: there is none. */
async function readMap(connection: Connection, superusers: ReadonlySet<string>): Promise<WorkspaceMap | null> {
  const [found = [], [[user] = []] = []] = await connection.rows(`${partsQuery};\nSELECT current_user::text`);
  // The shape stands beside the statement.
  const parts = found as unknown as readonly PartRow[];
  const { broken, present, strangers } = judgeParts(parts, [], (owner) => owner === user || superusers.has(owner));
  if (!present.includes('schema') || !present.includes('table')) return null;
  const whole = !broken.includes('schema') && !broken.includes('table');
  const keepers = whole ? [] : parts.filter(([part]) => part !== 'function').map(([, owner]) => owner);
  const writers = [...strangers.filter(({ writes }) => writes).map(({ grantee }) => grantee), ...keepers];
  return { whole, writers: [...new Set(writers)].filter((name) => name !== user && !superusers.has(name)).sort() };
}

const NOTHING = {
  workspaces: [],
  as: null,
  tables: [],
  hanging: [],
  references: [],
  reach: 0,
  viewers: [],
  left: [],
  published: [],
} as const;

interface Claim {
  readonly app: string;
  readonly database: string;
  readonly logins: readonly string[];
  /** Of the guard, where the manifest says it. */
  readonly column: string | null;
  /** Roles that serve several apps of this project. */
  readonly owners: ReadonlySet<string>;
  /** Who else could write the map. */
  readonly writers: readonly string[];
}

async function readClaim(
  connection: Connection,
  { app, database, logins, column: also, owners, writers }: Claim,
): Promise<WorkspaceRows | null> {
  const [lines] = (await connection.rows(ask.linesQuery(logins))) as unknown as [readonly (readonly [string, string, boolean])[]];
  const mine = lines.filter(([, , own]) => own);
  if (mine.length === 0) return null;
  const workspaces = [...new Set(mine.map(([, workspace]) => workspace))];
  const [read] = (await connection.rows(ask.workspaceTablesQuery(also))) as unknown as [readonly ask.WorkspaceTableRow[]];
  const shared = read.filter(([, , , , , , owner]) => owners.has(owner));
  const hanging: Hanging[] = lines
    .filter(([, , own]) => !own)
    .map(([login, workspace]) => hangs(`workspace ${literal(workspace)} as that of the login "${login}"`, '', 'cotenant.workspaces'));
  const tables: CountedTable[] = [];
  // The guard holds an admin that is a member of the apps' group.
  const as = connection.superuser ? null : (shared[0]?.[6] ?? null);
  const answer = async (text: string): Promise<unknown> => await ownersAnswer(connection, as, text);
  for (const [oid, schema, name, kind, column, plain, owner, bytes, sees] of shared) {
    const table = { oid: Number(oid), schema, name, column, partitioned: kind === 'p' };
    const why = plain ? 'rows that this admin does not see or may not delete' : 'a workspace column of a type of its own';
    if (!plain || !sees || (as !== null && owner !== as)) hanging.push(hangs(`${why} in ${schema}.${name}`, owner, ''));
    else tables.push({ ...table, ...(await countIn(answer, table, bytes, workspaces)) });
  }
  const full = tables.filter(({ rows }) => rows > 0);
  const [published] = (await connection.rows(ask.publishedQuery(full))) as unknown as [readonly ask.PublishedRow[]];
  for (const [publication, holder, on, refused] of published)
    if (refused)
      hanging.push(hangs(`publication ${publication}, for which a table without a replica identity cannot lose a row,`, holder, on));
  const left = connection.superuser ? await leftIn(connection, read, owners, workspaces) : [];
  const base = { ...NOTHING, app, database, logins: mine.map(([login]) => login), workspaces, as, tables, left, published, writers };
  if (full.length === 0) return { ...base, hanging };
  const [reach, viewers] = (await connection.rows(`${ask.reachQuery(full)};\n${ask.viewersQuery(full)}`)) as unknown as readonly [
    readonly ask.ReachRow[],
    readonly (readonly [string, string])[],
  ];
  const references: ask.Reference[] = [];
  for (const [what, owner, on, reference] of reach) {
    if (reference?.askable && (await answer(`SELECT ${ask.strangeRowsQuery(reference, full, workspaces)}`)) === false)
      references.push(reference);
    else
      hanging.push(
        hangs(
          reference === null ? what : `${what}, by which rows of others ${reference.askable ? 'refer' : 'may refer'} to these`,
          owner,
          on,
        ),
      );
  }
  return { ...base, hanging, references, reach: references.length, viewers };
}

const hangs = (what: string, owner: string, on: string): Hanging => ({ what, owner, on, remedy: '' });

/** Tables of others that have rows of these workspaces: they are not the app's, and stay. */
async function leftIn(
  connection: Connection,
  read: readonly ask.WorkspaceTableRow[],
  owners: ReadonlySet<string>,
  workspaces: readonly string[],
): Promise<readonly CountedTable[]> {
  const out: CountedTable[] = [];
  for (const [oid, schema, name, kind, column, plain, owner, bytes, sees] of read) {
    if (owners.has(owner) || !plain || !sees) continue;
    const table = { oid: Number(oid), schema, name, column, partitioned: kind === 'p' };
    const counted = await countIn(async (text) => (await connection.rows(text))[0]?.[0]?.[0], table, bytes, workspaces);
    if (counted.rows > 0) out.push({ ...table, ...counted });
  }
  return out;
}

/** The one value that it answers with. */
async function ownersAnswer(connection: Connection, as: string | null, text: string): Promise<unknown> {
  const answers = await connection.rows(as === null ? text : `SET ROLE ${ident(as)}; ${text}; RESET ROLE`);
  return answers[as === null ? 0 : 1]?.[0]?.[0];
}

async function countIn(
  answer: (text: string) => Promise<unknown>,
  table: ask.WorkspaceTable,
  bytes: number,
  workspaces: readonly string[],
): Promise<{ readonly rows: number; readonly estimated: boolean }> {
  if (bytes <= COUNTED_BYTES)
    return { rows: Number(await answer(ask.rowsQueryOf(table, workspaces, 'count(*)::float8'))), estimated: false };
  const plan = await answer(`EXPLAIN (FORMAT JSON) ${ask.rowsQueryOf(table, workspaces, '1')}`);
  const [first] = (plan ?? []) as readonly { readonly Plan?: { readonly 'Plan Rows'?: number } }[];
  return { rows: Math.max(1, first?.Plan?.['Plan Rows'] ?? 1), estimated: true };
}
