import type { Counted, Figures, Link, Round } from '../../../engine/index.ts';
import type { Connections, Pressure, Wait } from '../../../model/index.ts';
import { mapPool } from '../../../util/pool.ts';
import { ownDatabaseNames, schemaNames, spacesOf } from '../compile/spaces.ts';
import { slotsOf } from '../compile/logins.ts';
import type { Input } from '../compile/draft.ts';
import { Whose } from '../doctor/whose.ts';
import { number, type Row, text } from '../doctor/rows.ts';
import { baseName, roleNames } from '../names.ts';
import * as sql from './queries.ts';

/** Databases that are asked for sizes at the same time: the apps need their connections more. */
const LANES = 2;
/** What a transaction number can hold, half of it ahead of the oldest. */
const XIDS = 2 ** 31;

export interface Here extends Link {
  /** `database` '': where the monitor is. */
  inside(database: string, sql: string): Promise<readonly Row[]>;
}

/** Seven statements for a server, whatever the number of apps; with sizes one more, and one in each database that apps share by schema. */
export async function read(input: Input, here: Here, round: Round): Promise<Figures> {
  const whose = new Whose(input);
  const ask = async (name: string, statement: string): Promise<readonly Row[] | null> =>
    await round.ask(name, async () => await here.inside('', statement));
  const [server] = (await ask('server', sql.SERVER)) ?? [];
  const activity = await ask('activity', sql.ACTIVITY);
  const waits = await ask('waits', sql.WAITS);
  const databases = await ask('databases', sql.DATABASES);
  const roles = await ask('roles', sql.ROLES);
  const slots = await ask('slots', sql.SLOTS);
  const schema = server?.[6] === true && typeof server[5] === 'string' ? server[5] : null;
  const worked = schema === null ? null : await ask('work', sql.work(schema));
  if (worked) countStatements(round, worked, whose);
  if (schema === null && databases) countDatabases(round, databases, whose);
  const states = activity === null ? null : statesOf(activity, whose);
  const settings = new Map(Object.entries(server?.[0] ?? {}).map(([name, value]) => [name, text(value)]));
  const setting = (name: string): number | null => (settings.has(name) ? Number(settings.get(name)) : null);
  return {
    version: (settings.get('server_version') ?? '').split(' ')[0] ?? '',
    uptime: server ? number(server[2]) : null,
    connections: {
      open: server ? number(server[4]) : null,
      max: setting('max_connections'),
      reserved: (setting('superuser_reserved_connections') ?? 0) + (setting('reserved_connections') ?? 0),
    },
    apps: appsOf(input, { states, roles, databases }),
    others: states?.get('')?.connections ?? (states ? NONE : null),
    waits: (waits ?? []).map((row) => waitOf(row, whose)),
    pressures: [...ages(databases ?? []), ...(slots ?? []).map(slot), ...archiver(server)],
    untold: untold(server, schema),
    sizes: round.sizes ? await sizes(input, here, round) : null,
  };
}

const NONE: Connections = { active: 0, idle: 0, idleInTransaction: 0, waiting: 0 };

interface State {
  readonly connections: Connections;
  readonly oldest: number | null;
}

/** By app; under '' those of nobody here. */
function statesOf(activity: readonly Row[], whose: Whose): ReadonlyMap<string, State> {
  const states = new Map<string, State>();
  for (const row of activity) {
    const app = whose.login(text(row[0])).app ?? '';
    const before = states.get(app) ?? { connections: NONE, oldest: null };
    const [active, idle, idleInTransaction, waiting] = row.slice(1, 5).map(number);
    const oldest = row[5] === null ? null : Math.max(0, number(row[5]));
    states.set(app, {
      connections: {
        active: before.connections.active + (active ?? 0),
        idle: before.connections.idle + (idle ?? 0),
        idleInTransaction: before.connections.idleInTransaction + (idleInTransaction ?? 0),
        waiting: before.connections.waiting + (waiting ?? 0),
      },
      oldest: oldest === null ? before.oldest : Math.max(oldest, before.oldest ?? 0),
    });
  }
  return states;
}

interface Told {
  readonly states: ReadonlyMap<string, State> | null;
  readonly roles: readonly Row[] | null;
  readonly databases: readonly Row[] | null;
}

function appsOf(input: Input, { states, roles, databases }: Told): Figures['apps'] {
  const logins = new Map((roles ?? []).filter((row) => row[1] === true).map((row) => [text(row[0]), number(row[2])]));
  const limits = new Map((databases ?? []).map((row) => [text(row[0]), number(row[1])]));
  const one = (app: string, kind: 'app' | 'reader', slots: readonly string[], database: string | null): Figures['apps'][number] => {
    const state = states === null ? null : (states.get(app) ?? { connections: NONE, oldest: null });
    const open = slots.flatMap((login) => logins.get(login) ?? []);
    const ends = [
      ...(open.length === 0 || open.some((limit) => limit < 0) ? [] : [open.reduce((sum, limit) => sum + limit, 0)]),
      ...(database === null || (limits.get(database) ?? -1) < 0 ? [] : [limits.get(database) ?? 0]),
    ];
    return {
      app,
      kind,
      connections: state?.connections ?? null,
      connectionLimit: ends.length === 0 ? null : Math.min(...ends),
      blocked: state?.connections.waiting ?? null,
      oldestTransaction: state?.oldest ?? null,
    };
  };
  return [
    ...input.placements.map(({ app, placement }) =>
      one(app, 'app', slotsOf(app, placement), placement.isolation === 'database' ? ownDatabaseNames(app, placement).database : null),
    ),
    ...input.readers.map(({ name }) => one(name, 'reader', roleNames(baseName(name)).logins, null)),
  ];
}

function waitOf([waiter, holder, sessions, seconds]: Row, whose: Whose): Wait {
  return {
    waiting: whose.login(text(waiter)).app,
    holding: holder === null ? null : whose.login(text(holder)).app,
    sessions: number(sessions),
    seconds: seconds === null ? null : Math.max(0, number(seconds)),
  };
}

function countStatements(round: Round, rows: readonly Row[], whose: Whose): void {
  const all = rows.flatMap((row): readonly Counted[] => {
    const by = text(row[0]);
    const { app } = whose.login(by);
    const [calls = 0, seconds = 0, made = 0, blocksRead = 0, walBytes = 0, tempBytes = 0] = row.slice(1, 7).map(number);
    return app === null ? [] : [{ app, by, work: { calls, seconds, rows: made, blocksRead, walBytes, tempBytes } }];
  });
  round.count('work', all, text(rows[0]?.[7]));
}

/** Without counters of statements: what a whole database has done, where an app has one of its own. */
function countDatabases(round: Round, rows: readonly Row[], whose: Whose): void {
  const all = rows.flatMap(([name, , , , , seconds, blocksRead, tempBytes]): readonly Counted[] => {
    const app = whose.database(text(name));
    if (app === null || seconds === null) return [];
    return [{ app, by: text(name), work: { seconds: number(seconds), blocksRead: number(blocksRead), tempBytes: number(tempBytes) } }];
  });
  round.count('databases', all);
}

function ages(databases: readonly Row[]): readonly Pressure[] {
  const oldest = (at: 2 | 3): number => Math.max(0, ...databases.map((row) => number(row[at])));
  const unit = 'transactions';
  return [
    { metric: 'xid_age', title: 'age of the oldest transaction number', value: oldest(2), unit, limit: XIDS },
    { metric: 'multixact_age', title: 'age of the oldest multixact', value: oldest(3), unit, limit: XIDS },
  ];
}

function slot([name, state, kept, left]: Row): Pressure {
  return {
    metric: 'slot_retained_bytes',
    title: 'log kept for a replication slot',
    of: text(name),
    value: Math.max(0, number(kept)),
    unit: 'bytes',
    limit: left === null ? null : Math.max(0, number(kept)) + Math.max(0, number(left)),
    ...(state === null ? {} : { state: text(state) }),
  };
}

/** Only while it fails. */
function archiver(server: Row | undefined): readonly Pressure[] {
  const failed = server?.[7] ?? null;
  return failed === null
    ? []
    : [
        {
          metric: 'archive_failures',
          title: 'failures of the archiver, and it still fails',
          value: number(failed),
          unit: 'count',
          limit: null,
        },
      ];
}

function untold(server: Row | undefined, schema: string | null): readonly string[] {
  if (!server) return [];
  return [
    ...(server[3] === true ? [] : ['states of sessions: the operator is no member of pg_read_all_stats']),
    ...(schema === null
      ? [
          `work of apps by statement: ${server[6] === true ? 'CREATE EXTENSION pg_stat_statements in the database of the admin URL' : 'shared_preload_libraries needs pg_stat_statements, and a restart'}; until then, the time of whole databases`,
        ]
      : []),
  ];
}

async function sizes(input: Input, here: Here, round: Round): Promise<Figures['sizes']> {
  const rows = await round.ask('sizes', async () => await here.inside('', sql.SIZES));
  const whole = new Map((rows ?? []).map(([name, size]) => [text(name), size === null ? null : number(size)]));
  const found = new Map<string, { readonly bytes: number; readonly exact: boolean }>();
  for (const { app, placement } of input.placements) {
    const size = placement.isolation === 'database' ? (whole.get(ownDatabaseNames(app, placement).database) ?? null) : null;
    if (size !== null) found.set(app, { bytes: size, exact: true });
  }
  const shared = spacesOf(input).filter(({ database, apps }) => whole.has(database) && apps[0]?.placement.isolation === 'schema');
  await mapPool(shared, LANES, async ({ database, apps }) => {
    const inside = await round.ask(`sizes in ${database}`, async () => await here.inside(database, sql.SCHEMAS));
    const bySchema = new Map((inside ?? []).map(([name, size]) => [text(name), number(size)]));
    for (const { app, placement } of apps) {
      const bytes = bySchema.get(schemaNames(app, placement).schema);
      if (bytes !== undefined) found.set(app, { bytes, exact: true });
    }
  });
  return rows === null && found.size === 0 ? null : found;
}
