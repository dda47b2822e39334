import {
  appFull,
  clockSkew,
  common,
  type Doctor,
  type DoctorRequest,
  type Examination,
  Examining,
  missingThings,
  serverFull,
  versionOver,
} from '../../../engine/index.ts';
import { DiagnosticError } from '../../../model/index.ts';
import { compile } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import type { Connection, Row } from '../connect/connection.ts';
import { errorNumber } from '../connect/trouble.ts';
import { accountKey } from '../observe/catalog.ts';
import { text } from '../observe/read-rows.ts';
import { accountName } from '../quote.ts';
import { isKind } from '../spec.ts';
import { own } from './checks.ts';
import { lifetimes } from './lifetimes.ts';
import * as sql from './queries.ts';
import { examinePrepared, examineSessions } from './sessions.ts';
import { examineCounters, examineTables, KINDS } from './tables.ts';
import { Whose } from './whose.ts';

const DAY = 86_400;
const AT = 'any session of the operator';

type Flavor = 'mysql' | 'mariadb';
type Ask = (checks: readonly string[], statement: string) => Promise<readonly Row[] | null>;

const num = (value: unknown): number => Number(value ?? 0);

/** Under twenty statements for the whole server, whatever the number of apps. */
export class MysqlDoctor implements Doctor {
  readonly #input: Input;
  readonly #connection: Connection;

  constructor(input: Input, connection: Connection) {
    this.#input = input;
    this.#connection = connection;
  }

  async examine(request: DoctorRequest): Promise<Examination> {
    const [about] = await this.#connection.rows('SELECT VERSION() AS release_');
    const release = text(about?.['release_']);
    const flavor = /mariadb/i.test(release) ? 'mariadb' : 'mysql';
    for (const statement of sql.careful(flavor)) await this.#connection.run(statement);
    try {
      return await this.#examine(request, flavor, release);
    } finally {
      for (const statement of sql.asBefore(flavor)) await this.#connection.run(statement).catch(() => undefined);
    }
  }

  async #examine(request: DoctorRequest, flavor: Flavor, release: string): Promise<Examination> {
    const on = new Examining((error) => error instanceof DiagnosticError || errorNumber(error) > 0);
    const ask: Ask = async (checks, statement) => await on.ask(checks, () => this.#connection.rows(statement));
    const whose = new Whose(this.#input);
    const { limits } = request;
    versionOver(on, lifetimes[flavor], release.split('-')[0] ?? '', request);
    on.made([common.version]);
    const before = Date.now();
    const clock = await ask([common.clock], sql.CLOCK);
    const after = Date.now();
    if (clock) clockSkew(on, { before, after, there: 1000 * num(clock[0]?.['now_']) }, limits.skew);
    const variables = new Map(
      ((await ask([own.blindfold, own.log], sql.VARIABLES)) ?? []).map((row) => [text(row['Variable_name']), text(row['Value'])]),
    );
    settings(on, variables);
    const counts = variables.get('performance_schema') === 'ON';
    const accounts = await ask([own.anonymous], sql.ACCOUNTS);
    const databases = await ask([], sql.DATABASES);
    if (accounts) anonymous(on, accounts, whose);
    if (accounts && databases) this.#missing(on, accounts, databases);
    const sessions = await ask([common.appFull, common.serverFull], sql.SESSIONS);
    if (sessions && accounts) connections(on, { sessions, accounts, most: num(variables.get('max_connections')) }, whose, limits.full);
    await this.#sessions(on, ask, { sessions, flavor, counts }, whose, request);
    const [past] = (await ask([own.history], sql.history(flavor))) ?? [];
    historyLength(on, num(past?.['Value']), limits.history);
    const present = new Set((databases ?? []).map((row) => text(row['name'])));
    const places = [...whose.databases].flatMap(([name, app]) =>
      present.has(name) && (request.apps?.includes(app) ?? true) ? [name] : [],
    );
    if (places.length > 0) await tables(on, ask, { places, flavor, counts }, whose, request);
    return on.end();
  }

  async #sessions(
    on: Examining,
    ask: Ask,
    { sessions, flavor, counts }: { readonly sessions: readonly Row[] | null; readonly flavor: Flavor; readonly counts: boolean },
    whose: Whose,
    { limits }: DoctorRequest,
  ): Promise<void> {
    const transactions = await ask([common.idle, common.transaction, common.query], sql.TRANSACTIONS);
    const rowWaits = await ask([common.blocked], sql.rowWaits(flavor));
    const tableWaits = counts ? await ask([common.blocked], sql.TABLE_WAITS) : null;
    if (sessions) examineSessions(on, { sessions, transactions, rowWaits, tableWaits }, whose, limits);
    const prepared = await ask([common.prepared], sql.PREPARED);
    if (prepared && transactions) examinePrepared(on, prepared, transactions, limits.prepared);
  }

  #missing(on: Examining, accounts: readonly Row[], databases: readonly Row[]): void {
    const keys = new Set(accounts.map((row) => accountKey({ user: text(row['user_']), host: text(row['host_']) })));
    const names = new Set(databases.map((row) => text(row['name'])));
    const gone = compile(this.#input).resources.flatMap((one) => {
      const { app, address } = one;
      if (isKind(one, 'account'))
        return keys.has(accountKey(one.spec)) ? [] : [{ app, what: `login ${accountName(one.spec)}`, held: false }];
      return isKind(one, 'database') && !names.has(address.name) ? [{ app, what: `database "${address.name}"`, held: true }] : [];
    });
    missingThings(on, gone);
    on.made([common.missing]);
  }
}

interface Inside {
  readonly places: readonly string[];
  readonly flavor: Flavor;
  readonly counts: boolean;
}

async function tables(on: Examining, ask: Ask, { places, flavor, counts }: Inside, whose: Whose, { limits }: DoctorRequest): Promise<void> {
  const near = await ask([common.counter], sql.counters(places, limits));
  if (near) examineCounters(on, near, whose);
  const odd = (await ask([own.crashed, own.unsafe], sql.oddTables(places))) ?? [];
  const isDamaged = (row: Row): boolean => num(row['damaged']) === 1;
  examineTables(on, odd.filter(isDamaged), whose, KINDS.damaged);
  examineTables(
    on,
    odd.filter((row) => !isDamaged(row)),
    whose,
    KINDS.unsafe,
  );
  const twice = await ask([own.duplicate], sql.duplicates(places, flavor));
  if (twice) examineTables(on, twice, whose, KINDS.duplicate);
  if (!counts) return;
  const [up] = (await ask([], sql.UPTIME)) ?? [];
  const idle = await ask([own.unused], sql.unused(places));
  if (idle && num(up?.['Value']) >= limits.unused * DAY) examineTables(on, idle, whose, KINDS.unused);
}

function settings(on: Examining, variables: ReadonlyMap<string, string>): void {
  if (variables.get('performance_schema') === 'OFF')
    on.found(own.blindfold, 'info', {
      apps: [],
      what: 'performance_schema is off: nothing tells which indexes are used, or who holds the lock of a table',
      evidence: { performance_schema: 'OFF' },
      remedy: [
        { say: 'in the section [mysqld] of the configuration, with a restart', where: 'the configuration', text: 'performance_schema=ON' },
      ],
    });
  const kept = [variables.get('binlog_expire_logs_seconds'), variables.get('expire_logs_days')].filter((value) => value !== undefined);
  if (variables.get('log_bin') === 'ON' && kept.length > 0 && kept.every((value) => Number(value) === 0))
    on.found(own.log, 'warning', {
      apps: [],
      what: 'the binary log is on, and nothing removes what is old',
      evidence: { binlog_expire_logs_seconds: 0 },
      remedy: [
        { say: 'see how much there is', where: AT, text: 'SHOW BINARY LOGS;' },
        {
          say: 'give it an end, longer than any replica is unreachable, and in the configuration as well',
          where: AT,
          text: 'SET GLOBAL binlog_expire_logs_seconds = 2592000;',
        },
      ],
    });
}

function anonymous(on: Examining, accounts: readonly Row[], whose: Whose): void {
  const hosts = accounts.flatMap((row) => (row['user_'] === '' && row['host_'] !== '' ? [text(row['host_'])] : []));
  if (hosts.length === 0) return;
  const names = hosts.map((host) => accountName({ user: '', host }));
  on.found(own.anonymous, 'error', {
    apps: [...new Set(whose.logins.values())].sort(),
    what: `${names.join(', ')} ${names.length === 1 ? 'stands' : 'stand'} before the logins of apps that come from there`,
    evidence: { accounts: names.join(', ') },
    remedy: [
      { say: 'see whether an apply removes it', where: 'a shell', text: 'cotenant plan' },
      ...names.map((name) => ({ say: 'or remove it, where nobody comes in by it', where: AT, text: `DROP USER ${name};` })),
    ],
  });
}

function connections(
  on: Examining,
  { sessions, accounts, most }: { readonly sessions: readonly Row[]; readonly accounts: readonly Row[]; readonly most: number },
  whose: Whose,
  full: number,
): void {
  const byUser = Map.groupBy(
    sessions.filter((row) => num(row['mine']) !== 1),
    (row) => text(row['user_']),
  );
  for (const [user, app] of whose.logins) {
    const mine = byUser.get(user) ?? [];
    const limit = Math.max(0, ...accounts.flatMap((row) => (row['user_'] === user ? [num(row['most'])] : [])));
    const idle = mine.filter((row) => row['command'] === 'Sleep').length;
    appFull(on, { app, what: `login "${user}"`, open: mine.length, idle, limit }, full);
  }
  const holders = [...Map.groupBy([...byUser], ([user]) => whose.login(user).words)];
  serverFull(
    on,
    holders.map(([who, some]) => ({ who, open: some.reduce((sum, [, mine]) => sum + mine.length, 0) })),
    most,
    full,
  );
}

function historyLength(on: Examining, length: number, limit: number): void {
  if (length < limit) return;
  on.found(own.history, 'warning', {
    apps: [],
    what: `InnoDB still keeps ${length} old versions of rows`,
    evidence: { length },
    remedy: [
      {
        say: 'see the oldest transaction, and have it end',
        where: AT,
        text: 'SELECT trx_mysql_thread_id, trx_started FROM information_schema.INNODB_TRX ORDER BY trx_started LIMIT 1;',
      },
    ],
  });
}
