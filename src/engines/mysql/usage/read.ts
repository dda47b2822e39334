import type { Counted, Figures, Round } from '../../../engine/index.ts';
import type { Connections, Pressure, Wait } from '../../../model/index.ts';
import { compile } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import type { Connection, Row } from '../connect/connection.ts';
import * as doctors from '../doctor/queries.ts';
import { Whose } from '../doctor/whose.ts';
import { accountKey } from '../observe/catalog.ts';
import { text } from '../observe/read-rows.ts';
import { sizesOf } from '../observe/usage.ts';
import { namesOf } from '../names.ts';
import { lookUp } from '../../../util/record.ts';
import { isKind } from '../spec.ts';
import * as sql from './queries.ts';

type Flavor = 'mysql' | 'mariadb';

const num = (value: unknown): number => Number(value ?? 0);
const NONE: Connections = { active: 0, idle: 0, idleInTransaction: 0, waiting: 0 };
/** How the server says in a list of sessions that one waits for a lock on a table. */
const TABLE_LOCK = /^Waiting for .* lock$/;

/** At most ten statements for a server, whatever the number of apps; with sizes two more. */
export async function read(input: Input, connection: Connection, round: Round): Promise<Figures> {
  const whose = new Whose(input);
  const ask = async (name: string, statement: string): Promise<readonly Row[] | null> =>
    await round.ask(name, async () => await connection.rows(statement));
  const values = (rows: readonly Row[] | null): ReadonlyMap<string, string> =>
    new Map((rows ?? []).map((row) => [text(row['Variable_name']), text(row['Value'])]));
  const status = values(await ask('status', sql.STATUS));
  const variables = values(await ask('variables', sql.VARIABLES));
  const flavor: Flavor = /mariadb/i.test(variables.get('version') ?? '') ? 'mariadb' : 'mysql';
  const counts = variables.get('performance_schema') === 'ON';
  const byUser = variables.get('userstat') === 'ON';
  const sessions = await ask('sessions', doctors.SESSIONS);
  const transactions = await ask('transactions', doctors.TRANSACTIONS);
  const waits = [
    ...((await ask('row waits', doctors.rowWaits(flavor))) ?? []),
    ...(counts ? ((await ask('table waits', doctors.TABLE_WAITS)) ?? []) : []),
  ];
  const accounts = await ask('accounts', doctors.ACCOUNTS);
  const [past] = (await ask('history', doctors.history(flavor))) ?? [];
  if (byUser) count(round, 'work', await ask('work', sql.BY_USER), whose);
  else if (counts) count(round, 'work', await ask('work', sql.BY_STATEMENT), whose);
  if (counts && flavor === 'mysql') count(round, 'denied', await ask('denied', sql.DENIED), whose);
  const seen = sessions === null ? null : statesOf({ sessions, transactions: transactions ?? [], waits }, whose);
  return {
    version: variables.get('version') ?? '',
    uptime: status.has('Uptime') ? Number(status.get('Uptime')) : null,
    connections: {
      open: status.has('Threads_connected') ? Number(status.get('Threads_connected')) : null,
      max: variables.has('max_connections') ? Number(variables.get('max_connections')) : null,
      // The server lets one administrator in when it is full.
      reserved: 0,
    },
    apps: appsOf(input, seen, accounts),
    others: seen ? (seen.get('')?.connections ?? NONE) : null,
    waits: sessions ? waitsOf(waits, sessions, whose) : [],
    pressures: past ? [history(num(past['Value']))] : [],
    untold: untold(flavor, { byUser, counts }),
    sizes: round.sizes ? await sizes(input, connection, flavor, round) : null,
  };
}

interface State {
  readonly connections: Connections;
  readonly oldest: number | null;
}

interface Seen {
  readonly sessions: readonly Row[];
  readonly transactions: readonly Row[];
  readonly waits: readonly Row[];
}

/** By app; under '' those of nobody here. */
function statesOf({ sessions, transactions, waits }: Seen, whose: Whose): ReadonlyMap<string, State> {
  const open = new Map(transactions.map((row) => [text(row['session']), num(row['seconds'])]));
  const waiting = new Set(waits.map((row) => text(row['waiter'])));
  const states = new Map<string, State>();
  for (const row of sessions) {
    if (num(row['mine']) === 1) continue;
    const id = text(row['id']);
    const app = whose.login(text(row['user_'])).app ?? '';
    const sleeps = row['command'] === 'Sleep';
    const state = sleeps
      ? open.has(id)
        ? 'idleInTransaction'
        : 'idle'
      : waiting.has(id) || TABLE_LOCK.test(text(row['state']))
        ? 'waiting'
        : 'active';
    const before = states.get(app) ?? { connections: NONE, oldest: null };
    const since = open.get(id);
    states.set(app, {
      connections: { ...before.connections, [state]: before.connections[state] + 1 },
      oldest: since === undefined ? before.oldest : Math.max(0, since, before.oldest ?? 0),
    });
  }
  return states;
}

function appsOf(input: Input, states: ReadonlyMap<string, State> | null, accounts: readonly Row[] | null): Figures['apps'] {
  const limits = new Map(
    (accounts ?? []).map((row) => [accountKey({ user: text(row['user_']), host: text(row['host_']) }), num(row['most'])]),
  );
  const live = Map.groupBy(
    compile(input).resources.flatMap((one) => (isKind(one, 'account') && !one.spec.locked ? [one] : [])),
    ({ app }) => app,
  );
  return [...input.placements.map(({ app }) => [app, 'app'] as const), ...input.readers.map(({ name }) => [name, 'reader'] as const)].map(
    ([app, kind]) => {
      const state = states === null ? null : (states.get(app) ?? { connections: NONE, oldest: null });
      const found = (live.get(app) ?? []).flatMap(({ spec }) => limits.get(accountKey(spec)) ?? []);
      return {
        app,
        kind,
        connections: state?.connections ?? null,
        connectionLimit: found.length === 0 || found.includes(0) ? null : found.reduce((sum, limit) => sum + limit, 0),
        blocked: state?.connections.waiting ?? null,
        oldestTransaction: state?.oldest ?? null,
      };
    },
  );
}

function waitsOf(waits: readonly Row[], sessions: readonly Row[], whose: Whose): readonly Wait[] {
  const users = new Map(sessions.map((row) => [text(row['id']), text(row['user_'])]));
  const appOf = (id: string): string | null => (users.has(id) ? whose.login(users.get(id) ?? '').app : null);
  const pairs = Map.groupBy(
    // The server's lists are of different moments: who has gone since waits for nobody.
    waits.filter((row) => users.has(text(row['waiter']))),
    (row) => JSON.stringify([appOf(text(row['waiter'])), appOf(text(row['blocker']))]),
  );
  return [...pairs.values()].map((some) => ({
    waiting: appOf(text(some[0]?.['waiter'])),
    holding: appOf(text(some[0]?.['blocker'])),
    sessions: new Set(some.map((row) => text(row['waiter']))).size,
    seconds: Math.max(0, ...some.map((row) => num(row['seconds']))),
  }));
}

const COLUMNS = {
  calls: 'calls',
  seconds: 'seconds',
  rows_: 'rows',
  bytes_in: 'bytesIn',
  bytes_out: 'bytesOut',
  wal: 'walBytes',
  denied: 'denied',
} as const;

function count(round: Round, statement: string, rows: readonly Row[] | null, whose: Whose): void {
  if (rows === null) return;
  const all = rows.flatMap((row): readonly Counted[] => {
    const by = text(row['user_']);
    const { app } = whose.login(by);
    const work = Object.fromEntries(
      Object.entries(COLUMNS).flatMap(([column, kind]) => (lookUp(row, column) === undefined ? [] : [[kind, num(lookUp(row, column))]])),
    );
    return app === null ? [] : [{ app, by, work }];
  });
  round.count(statement, all);
}

const history = (value: number): Pressure => ({
  metric: 'history_list_length',
  title: 'old versions of rows that are kept',
  value,
  unit: 'count',
  limit: null,
});

function untold(flavor: Flavor, { byUser, counts }: { readonly byUser: boolean; readonly counts: boolean }): readonly string[] {
  if (byUser || counts) return [];
  const how = flavor === 'mariadb' ? 'SET GLOBAL userstat = 1, and in the configuration' : 'performance_schema = ON in the configuration';
  return [`work of apps: ${how}`];
}

async function sizes(input: Input, connection: Connection, flavor: Flavor, round: Round): Promise<Figures['sizes']> {
  const names = new Map(input.placements.map(({ app, placement }) => [app, namesOf(app, placement).database]));
  const there = await round.ask('databases', async () => await connection.rows(doctors.DATABASES));
  if (there === null) return null;
  const present = new Set(there.map((row) => text(row['name'])));
  const found = await round.ask('sizes', async () => await sizesOf(connection, flavor, [...present]));
  if (found === null) return null;
  return new Map(
    [...names].flatMap(([app, database]) => {
      const bytes = found.get(database);
      return present.has(database) && bytes !== null ? [[app, { bytes: bytes ?? 0, exact: true }] as const] : [];
    }),
  );
}
