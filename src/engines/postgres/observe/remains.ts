import type { Observed } from '../../../model/index.ts';
import type { Basis } from './basis.ts';
import type { Connection } from '../connect/connection.ts';
import { readMark } from '../marks/mark.ts';
import type { ObserveContext } from './observe.ts';
import { leavingApps } from '../retire/leaving.ts';
import { partName } from '../part-name.ts';
import { observeWorkspaceRows } from './workspace-rows.ts';
import { type Part, readHeld } from './held.ts';
import { blockerOf } from '../connect/blockers.ts';
import { type BlockerRow, lockersOfQuery } from '../queries/blockers.ts';
import * as ask from '../queries/remains.ts';
import type { SharedRows } from '../queries/shared.ts';
import type { Hanging, HangingIn, Link, Remains, RightsRow } from '../retire/remains-spec.ts';
import { isRetired, kindOfRetired } from '../retire/retired-spec.ts';
import type { AppMark } from '../../../engine/index.ts';
import { mapPool } from '../../../util/pool.ts';
import { isTrouble } from '../connect/trouble.ts';
import { inWords } from './size-words.ts';

/** Databases that are read at the same time. */
const LANES = 4;
/** Up to this many bytes and tables the rows are counted, not estimated. */
const COUNTED_BYTES = 16 * 1024 * 1024;
const COUNTED_TABLES = 500;

interface Known {
  readonly marks: readonly AppMark[];
  readonly resources: readonly Observed[];
  /** What leads to this server. */
  readonly links: () => Promise<readonly Link[]>;
}

type Leaving = Pick<Basis, 'held' | 'hanging' | 'remains' | 'workspaceRows'>;

/** What a removal has to know of apps that the manifest does not name: who holds them, and before a delete what would go. */
export async function observeRemains(context: ObserveContext, rows: SharedRows, known: Known): Promise<Leaving> {
  const { gone, retired } = leavingApps(context.input, known.marks, known.resources);
  // One that is in the manifest again waits for its restore.
  const waiting = known.marks.filter((mark) => mark.retired !== null).map((mark) => mark.app);
  const all = [...new Set([...gone, ...retired, ...waiting])];
  if (all.length === 0) return { held: [], hanging: [], remains: [], workspaceRows: [] };
  const ofApp = (app: string, names: readonly (readonly [string, string | null])[]): readonly string[] =>
    names.filter(([, comment]) => isOf(comment, context.input.project, app)).map(([name]) => name);
  const parts = all.map((app) => ({
    app,
    roles: ofApp(
      app,
      rows.roles.map((row) => [row[0], row[10]]),
    ),
    databases: ofApp(
      app,
      rows.databases.map((row) => [row[0], row[9]]),
    ),
    schemas: schemasOf(app, known.resources),
  }));
  // Whoever leads into what was put aside before, and stays so, has been told.
  const idle = new Set(context.input.removal === 'delete' ? [] : retired.filter((app) => !waiting.includes(app) || !isNamed(context, app)));
  const held = await readHeld(context, rows, parts, { idle, links: known.links });
  const among = (apps: readonly string[]): readonly Part[] => parts.filter(({ app }) => apps.includes(app));
  const hanging = await hangingLater(context, rows, among(gone));
  if (context.input.removal !== 'delete') return { held, hanging, remains: [], workspaceRows: [] };
  const remains = await readRemains(context, rows, among(retired));
  const workspaceRows = await observeWorkspaceRows(context, rows, known.resources, retired);
  return { held, hanging, remains, workspaceRows };
}

/** What others have on apps that leave now: advice, which no lock and no database that this admin cannot enter holds up. */
async function hangingLater(context: ObserveContext, rows: SharedRows, parts: readonly Part[]): Promise<readonly HangingIn[]> {
  const shares = sharesIn(context, rows);
  const perDatabase = await placesOf(context, rows, parts);
  const read = await mapPool(perDatabase, LANES, async ([database, here]) => {
    try {
      await using connection = await context.open(database);
      const queries = here.map(({ part }) => hangingIn(part, database, shares));
      const answers = (await connection.rows(queries.join(';\n'))) as unknown as readonly (readonly HangingRow[])[];
      return here.map(({ part: { app } }, at) => ({ app, database, hanging: (answers[at] ?? []).map(hangingOf) }));
    } catch (error) {
      if (isTrouble(error)) return [];
      throw error;
    }
  });
  return read.flat();
}

type HangingRow = readonly [what: string, owner: string, on?: string, remedy?: string];

function hangingIn({ roles, databases }: Part, database: string, shares: readonly string[]): string {
  return databases.includes(database) ? ask.othersQuery([...roles, ...shares]) : ask.hangingQuery(roles);
}

const hangingOf = ([what, owner, on = '', remedy = '']: HangingRow): Hanging => ({ what, owner, on, remedy });

function sharesIn({ input }: ObserveContext, rows: SharedRows): readonly string[] {
  return rows.roles.filter((row) => isShare(row[10], input.project)).map(([name]) => name);
}

function isNamed({ input }: ObserveContext, app: string): boolean {
  return [...input.placements.map((one) => one.app), ...input.readers.map(({ name }) => name)].includes(app);
}

function isOf(comment: string | null, project: string, app: string): boolean {
  const mark = readMark(comment);
  return mark?.project === project && mark.app === app && mark.share === undefined;
}

function isShare(comment: string | null, project: string): boolean {
  const mark = readMark(comment);
  return mark?.project === project && mark.share !== undefined;
}

function schemasOf(app: string, resources: readonly Observed[]): readonly string[] {
  return resources.flatMap((one) => {
    if (one.app !== app || !one.owned) return [];
    if (one.address.kind === 'stray-schema') return [one.address.name];
    const [kind, name, database] = isRetired(one) ? kindOfRetired(one) : ['', '', ''];
    return kind === 'schema' ? [partName(database, name)] : [];
  });
}

interface PartHere {
  readonly part: Part;
  readonly rows: readonly (readonly [role: string, database: string, owns: boolean])[];
}

/** Databases that can be entered in which these have something. */
async function placesOf(
  context: ObserveContext,
  rows: SharedRows,
  parts: readonly Part[],
): Promise<readonly (readonly [database: string, here: readonly PartHere[]])[]> {
  const roles = parts.flatMap((one) => one.roles);
  if (roles.length === 0) return [];
  const [found = []] = (await context.shared.rows(ask.whereaboutsQuery(roles))) as unknown as readonly (readonly [
    string,
    string,
    boolean,
  ])[][];
  const open = new Set(rows.databases.filter((row) => row[6]).map(([name]) => name));
  const places = parts.flatMap((part) => {
    const here = Map.groupBy(
      found.filter(([role, database]) => part.roles.includes(role) && database !== ''),
      ([, database]) => database,
    );
    const all = new Set([...part.databases, ...here.keys()]);
    return [...all].sort().map((database) => ({ part, database, rows: here.get(database) ?? [] }));
  });
  return [
    ...Map.groupBy(
      places.filter(({ database }) => open.has(database)),
      ({ database }) => database,
    ),
  ];
}

async function readRemains(context: ObserveContext, rows: SharedRows, parts: readonly Part[]): Promise<readonly Remains[]> {
  const shares = sharesIn(context, rows);
  const read = await mapPool(await placesOf(context, rows, parts), LANES, async ([database, here]) => {
    await using connection = await context.open(database);
    const out: Remains[] = [];
    for (const { part, rows: mine } of here) {
      const owning = mine.filter(([, , owns]) => owns).map(([role]) => role);
      const holders = part.roles.filter((role) => !owning.includes(role) && mine.some(([name]) => name === role));
      out.push(await readPlace(connection, { database, part, owners: owning, holders, shares }));
    }
    return out;
  });
  return read.flat();
}

interface Place {
  readonly database: string;
  readonly part: Part;
  readonly owners: readonly string[];
  readonly holders: readonly string[];
  readonly shares: readonly string[];
}

type TableRow = readonly [schema: string, name: string, kind: string, tuples: number, bytes: number, total: number, guarded: boolean];

async function readPlace(connection: Connection, { database, part, owners, holders, shares }: Place): Promise<Remains> {
  const { app, roles } = part;
  const whole = part.databases.includes(database);
  const answers = await connection.rows(
    [
      ask.inventoryQuery(roles, whole),
      ask.ownerlessQuery(roles),
      hangingIn(part, database, shares),
      ask.passedOnQuery(roles),
      ask.rightsQuery(roles),
      lockersOfQuery(owners),
    ].join(';\n'),
  );
  const [schemas, tables, [large], [size], before, hanging, passedOn, rights, blockers] = answers as unknown as readonly [
    readonly [number, string][],
    readonly TableRow[],
    readonly [number][],
    readonly [string][],
    readonly [string][],
    readonly HangingRow[],
    readonly (readonly [string, string])[],
    readonly RightsRow[],
    readonly BlockerRow[],
  ];
  const { rows, estimated } = await countRows(connection, tables);
  return {
    app,
    database,
    whole,
    owners,
    holders,
    schemas: (schemas[0]?.[1] ?? '').split(', ').filter((name) => name !== ''),
    tables: tables.filter(([, , kind]) => kind === 'r' || kind === 'p' || kind === 'f').length,
    rows,
    estimated,
    size: whole ? (size?.[0] ?? '') : inWords(tables.reduce((sum, [, , , , , total]) => sum + total, 0)),
    largeObjects: large?.[0] ?? 0,
    shares,
    passedOn,
    rights,
    hanging: hanging.map(hangingOf),
    blockers: blockers.map(blockerOf),
    before: before.map(([text]) => text),
  };
}

/** Counted where that is cheap and runs nothing of the app's, else what the statistics say. */
async function countRows(connection: Connection, tables: readonly TableRow[]): Promise<{ rows: number; estimated: boolean }> {
  const full = tables.filter(([, , kind]) => kind === 'r');
  const bytes = full.reduce((sum, [, , , , size]) => sum + size, 0);
  // A policy's functions are the app's: a superuser passes them by.
  const isSafe = connection.superuser || full.every(([, , , , , , guarded]) => !guarded);
  if (bytes <= COUNTED_BYTES && full.length <= COUNTED_TABLES && isSafe) {
    const [[[counted] = []] = []] = await connection.rows(ask.countQuery(full.map(([schema, name]) => [schema, name] as const)));
    return { rows: Number(counted ?? 0), estimated: false };
  }
  return { rows: full.reduce((sum, [, , , tuples]) => sum + Math.max(0, tuples), 0), estimated: true };
}
