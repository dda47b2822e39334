import { endAll, type Gone, type ServerLog, type Slow, type SlowAsked, type Tables, type Tending } from '../../../engine/index.ts';
import type { ServerSession } from '../../../model/index.ts';
import { DiagnosticError } from '../../../model/index.ts';
import type { Input } from '../compile/draft.ts';
import type { Connection, Row } from '../connect/connection.ts';
import { errorNumber } from '../connect/trouble.ts';
import { rowWaits, TABLE_WAITS, TRANSACTIONS } from '../doctor/queries.ts';
import { Whose } from '../doctor/whose.ts';
import { text } from '../observe/read-rows.ts';
import { slow, tables } from './weights.ts';

/** `name`: how a session calls itself, where the server counts. Only those of the operator are ours by it. */
const SESSIONS = `SELECT p.ID AS id, p.USER AS user_, p.HOST AS host_, p.DB AS db, p.COMMAND AS command, p.TIME AS seconds, p.STATE AS state,
  (SELECT MAX(a.ATTR_VALUE) FROM performance_schema.session_connect_attrs a WHERE a.PROCESSLIST_ID = p.ID AND a.ATTR_NAME = 'program_name') AS name,
  p.USER = SUBSTRING_INDEX(USER(), '@', 1) AS operator
  FROM information_schema.PROCESSLIST p WHERE p.ID <> CONNECTION_ID() AND p.COMMAND NOT IN ('Daemon', 'Binlog Dump', 'Binlog Dump GTID') ORDER BY p.USER, p.ID`;

const TABLE_LOCK = /^Waiting for .* lock$/;
const NO_SUCH_THREAD = 1094;
const num = (value: unknown): number => Number(value ?? 0);
const isRefusal = (error: unknown): boolean => errorNumber(error) > 0;

export class MysqlTending implements Tending {
  readonly #input: Input;
  readonly #whose: Whose;
  readonly #readers: ReadonlySet<string>;
  readonly #connection: Connection;

  constructor(input: Input, connection: Connection) {
    this.#input = input;
    this.#whose = new Whose(input);
    this.#readers = new Set(input.readers.map(({ name }) => name));
    this.#connection = connection;
  }

  async sessions(): Promise<readonly ServerSession[]> {
    const rows = await this.#connection.rows(SESSIONS);
    const transactions = new Map((await this.#rows(TRANSACTIONS)).map((row) => [text(row['session']), num(row['seconds'])]));
    const [about] = await this.#connection.rows('SELECT VERSION() AS release_');
    const flavor = /mariadb/i.test(text(about?.['release_'])) ? 'mariadb' : 'mysql';
    const waits = [...(await this.#rows(rowWaits(flavor))), ...(await this.#rows(TABLE_WAITS))];
    const blockers = Map.groupBy(waits, (row) => text(row['waiter']));
    return rows.map((row) => this.#session(row, transactions, blockers));
  }

  /** A server gives a number only once until it starts again. */
  async end(sessions: readonly ServerSession[]): Promise<readonly Gone[]> {
    return await endAll(
      sessions,
      async ({ id }) => {
        await this.#connection.run(`KILL CONNECTION ${Number(id)}`).catch((error: unknown) => {
          if (errorNumber(error) !== NO_SUCH_THREAD) throw error;
        });
      },
      isRefusal,
      async () => await this.sessions(),
    );
  }

  async slow(asked: SlowAsked): Promise<Slow> {
    return await slow(this.#connection, this.#input, this.#whose, asked);
  }

  async tables(app: string | null): Promise<Tables> {
    return await tables(this.#connection, this.#whose, app);
  }

  async log(): Promise<ServerLog> {
    const [row] = await this.#connection.rows("SHOW GLOBAL VARIABLES LIKE 'log_error'");
    const file = text(row?.['Value']);
    const where = file === '' || file === 'stderr' ? null : file;
    return { where, lines: null, why: 'the server gives no lines of it, and they do not say which app they are about' };
  }

  /** What this operator may not ask, or this server does not count, is left out. */
  async #rows(sql: string): Promise<readonly Row[]> {
    return await this.#connection.rows(sql).catch((error: unknown) => {
      if (error instanceof DiagnosticError || !isRefusal(error)) throw error;
      return [];
    });
  }

  #session(row: Row, transactions: ReadonlyMap<string, number>, blockers: ReadonlyMap<string, readonly Row[]>): ServerSession {
    const id = text(row['id']);
    const login = text(row['user_']);
    const { app } = this.#whose.login(login);
    const isOurs = num(row['operator']) === 1 && text(row['name']).startsWith('cotenant');
    const mine = blockers.get(id) ?? [];
    const transaction = transactions.get(id);
    const sleeps = row['command'] === 'Sleep';
    const open = transaction === undefined ? 'idle' : 'idle in transaction';
    return {
      id,
      started: '',
      app,
      kind: app === null ? (isOurs ? 'cotenant' : 'other') : this.#readers.has(app) ? 'reader' : 'app',
      login,
      database: typeof row['db'] === 'string' ? row['db'] : null,
      from: text(row['host_']).replace(/:\d+$/, ''),
      state: sleeps ? open : mine.length > 0 || TABLE_LOCK.test(text(row['state'])) ? 'waiting' : 'active',
      seconds: Math.max(0, num(row['seconds'])),
      transaction: transaction === undefined ? null : Math.max(0, transaction),
      waitsFor: [...new Set(mine.map((wait) => text(wait['blocker'])))].filter((one) => one !== '0'),
    };
  }
}
