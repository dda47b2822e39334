import type { Observed } from '../../../model/index.ts';
import type { Basis } from '../basis.ts';
import type { Connection } from '../connection.ts';
import { readMark } from '../mark.ts';
import type { ObserveContext } from './observe.ts';
import { leavingApps } from '../retire/leaving.ts';
import { inside, insideOf } from '../inside.ts';
import { observeWorkspaceRows } from './workspace-rows.ts';
import {
  holdersQuery,
  type PreparedRow,
  type SessionRow,
  type SlotRow,
  type SubscriptionRow,
  type UserRow,
  usersQuery,
} from '../queries/holders.ts';
import { blockerOf } from '../blockers.ts';
import { type BlockerRow, lockersOfQuery } from '../queries/blockers.ts';
import * as ask from '../queries/remains.ts';
import type { SharedRows } from '../queries/shared.ts';
import type { Held, Holding, Link, Remains } from '../retire/remains-spec.ts';
import { isRetired, kindOfRetired } from '../retire/retired-spec.ts';
import type { AppMark } from '../../../engine/index.ts';
import { mapPool } from '../../../util/pool.ts';
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

type Leaving = Pick<Basis, 'held' | 'remains' | 'workspaceRows'>;

/** What a removal has to know of apps that the manifest does not name: who holds them, and before a delete what would go. */
export async function observeRemains(context: ObserveContext, rows: SharedRows, known: Known): Promise<Leaving> {
  const { gone, retired } = leavingApps(context.input, known.marks, known.resources);
  // One that is in the manifest again waits for its restore.
  const waiting = known.marks.filter((mark) => mark.retired !== null).map((mark) => mark.app);
  const all = [...new Set([...gone, ...retired, ...waiting])];
  if (all.length === 0) return { held: [], remains: [], workspaceRows: [] };
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
  const later = await hangingLater(context, rows, among(gone));
  if (context.input.removal !== 'delete') return { held, remains: later, workspaceRows: [] };
  const remains = [...later, ...(await readRemains(context, rows, among(retired)))];
  const workspaceRows = await observeWorkspaceRows(context, rows, known.resources, retired);
  return { held, remains, workspaceRows };
}

/**
 * What others have on apps that leave now: advice, which no lock and no database that this admin cannot enter holds up. What moves
 * with every row is left out: a saved plan is none the staler for it.
 */
async function hangingLater(context: ObserveContext, rows: SharedRows, parts: readonly Part[]): Promise<readonly Remains[]> {
  const found = await readRemains(context, rows, parts, false).catch(() => []);
  return found.map((one) => ({ ...one, tables: 0, rows: 0, size: '', largeObjects: 0, blockers: [], before: [] }));
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

interface Part {
  readonly app: string;
  readonly roles: readonly string[];
  readonly databases: readonly string[];
  /** `database/schema` of those that are its own in a database of several. */
  readonly schemas: readonly string[];
}

function schemasOf(app: string, resources: readonly Observed[]): readonly string[] {
  return resources.flatMap((one) => {
    if (one.app !== app || !one.owned) return [];
    if (one.address.kind === 'stray-schema') return [one.address.name];
    const [kind, name, database] = isRetired(one) ? kindOfRetired(one) : ['', '', ''];
    return kind === 'schema' ? [inside(database, name)] : [];
  });
}

async function readHeld(
  context: ObserveContext,
  rows: SharedRows,
  parts: readonly Part[],
  { idle, links: lookFor }: Pick<Known, 'links'> & { readonly idle: ReadonlySet<string> },
): Promise<readonly Held[]> {
  const roles = parts.flatMap((one) => one.roles);
  const answers = await context.shared.rows(
    [
      holdersQuery(
        parts.flatMap((one) => one.databases),
        roles,
      ),
      ask.sharedObjectsQuery(roles),
      ask.whereaboutsQuery(roles),
    ].join(';\n'),
  );
  // The shapes stand beside the statements.
  const [prepared, slots, subscriptions, sessions, objects, places] = answers as unknown as readonly [
    readonly PreparedRow[],
    readonly SlotRow[],
    readonly SubscriptionRow[],
    readonly SessionRow[],
    readonly (readonly [string, string, string, string])[],
    readonly (readonly [string, string, boolean])[],
  ];
  const database = new Map(rows.databases.map((row) => [row[0], row]));
  const using = await readUsers(context, parts);
  const links = parts.every(({ app }) => idle.has(app)) ? [] : await lookFor();
  return parts.map(({ app, roles: own, databases, schemas }) => {
    const mine = new Set(databases);
    const ours = new Set(own);
    return {
      app,
      databases,
      prepared: prepared.filter(([of, , owner]) => mine.has(of) || ours.has(owner)).map(([of, gid, owner]) => [gid, of, owner] as const),
      slots: slots.filter(([of]) => mine.has(of)).map(([of, slot, active]) => [slot, of, active] as const),
      subscriptions: subscriptions.filter(([of]) => mine.has(of)).map(([of, name]) => [name, of] as const),
      sessions: [
        ...sessions
          .filter(([of, login]) => mine.has(of) && !ours.has(login))
          .map(([of, login, type, endable]) => ({ login, type, database: of, schema: null, endable })),
        ...using.filter(({ database: of, schema, login }) => schemas.includes(inside(of, schema ?? '')) && !ours.has(login)),
      ],
      links: idle.has(app)
        ? []
        : links.filter(({ to, login, within, who }) => !ours.has(who) && (mine.has(to ?? '') ? !mine.has(within) : ours.has(login ?? ''))),
      owns: objects.filter(([role, , , name]) => ours.has(role) && !mine.has(name)).map(([role, , what]) => [what, role] as const),
      sharing: places.filter(([role, of]) => of === '' && ours.has(role)).map(([role]) => role),
      closed: databases.filter((name) => database.get(name)?.[6] === false),
      templates: databases.filter((name) => database.get(name)?.[7] === true),
    };
  });
}

/** Transactions that use something in the schemas that get another name. */
async function readUsers(context: ObserveContext, parts: readonly Part[]): Promise<readonly Holding[]> {
  const places = parts.flatMap(({ schemas }) => schemas).map((one) => insideOf(one));
  const perDatabase = [...Map.groupBy(places, ([database]) => database)];
  const read = await mapPool(perDatabase, LANES, async ([database, here]) => {
    await using connection = await context.open(database);
    const [rows = []] = await connection.rows(usersQuery(here.map(([, schema]) => schema)));
    return (rows as unknown as readonly UserRow[]).map(([schema, login]) => ({
      login,
      type: '',
      database,
      schema,
      endable: true,
    }));
  });
  return read.flat();
}

async function readRemains(
  context: ObserveContext,
  rows: SharedRows,
  parts: readonly Part[],
  counting = true,
): Promise<readonly Remains[]> {
  const roles = parts.flatMap((one) => one.roles);
  if (roles.length === 0) return [];
  const shares = rows.roles.filter((row) => isShare(row[10], context.input.project)).map(([name]) => name);
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
  const perDatabase = [
    ...Map.groupBy(
      places.filter(({ database }) => open.has(database)),
      ({ database }) => database,
    ),
  ];
  const read = await mapPool(perDatabase, LANES, async ([database, here]) => {
    await using connection = await context.open(database);
    const out: Remains[] = [];
    for (const { part, rows: mine } of here) {
      const owning = mine.filter(([, , owns]) => owns).map(([role]) => role);
      const holders = part.roles.filter((role) => !owning.includes(role) && mine.some(([name]) => name === role));
      const whole = part.databases.includes(database);
      const found = await readPlace(connection, { database, roles: part.roles, owners: owning, holders, whole, shares, counting });
      out.push({ app: part.app, ...found });
    }
    return out;
  });
  return read.flat();
}

interface Place {
  readonly database: string;
  readonly roles: readonly string[];
  readonly owners: readonly string[];
  readonly holders: readonly string[];
  readonly whole: boolean;
  readonly shares: readonly string[];
  /** Rows are counted. */
  readonly counting: boolean;
}

type TableRow = readonly [schema: string, name: string, kind: string, tuples: number, bytes: number, total: number, guarded: boolean];

async function readPlace(
  connection: Connection,
  { database, roles, owners, holders, whole, shares, counting }: Place,
): Promise<Omit<Remains, 'app'>> {
  const answers = await connection.rows(
    [
      ask.inventoryQuery(roles, whole),
      ask.ownerlessQuery(roles),
      whole ? ask.othersQuery([...roles, ...shares]) : ask.hangingQuery(roles),
      ask.passedOnQuery(roles),
      lockersOfQuery(owners),
    ].join(';\n'),
  );
  const [schemas, tables, [large], [size], before, hanging, passedOn, blockers] = answers as unknown as readonly [
    readonly [number, string][],
    readonly TableRow[],
    readonly [number][],
    readonly [string][],
    readonly [string][],
    readonly [string, string, string?, string?][],
    readonly (readonly [string, string])[],
    readonly BlockerRow[],
  ];
  const { rows, estimated } = counting ? await countRows(connection, tables) : { rows: 0, estimated: true };
  return {
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
    hanging: hanging.map(([what, owner, on = '', remedy = '']) => ({ what, owner, on, remedy })),
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
