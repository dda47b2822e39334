import { endAll, type Gone, type ServerLog, type Slow, type SlowAsked, type Tables, type Tending } from '../../../engine/index.ts';
import type { ServerSession } from '../../../model/index.ts';
import type { Input } from '../compile/draft.ts';
import type { Connection } from '../connect/connection.ts';
import { isTrouble } from '../connect/trouble.ts';
import { number, type Row, text } from '../doctor/rows.ts';
import { Whose } from '../doctor/whose.ts';
import { literal } from '../quote.ts';
import { log } from './log.ts';
import { slow } from './slow.ts';
import { tables } from './tables.ts';

/**
 * number, start, login, database, address, state, waits for a lock, seconds in that state and in its transaction, whether it is
 * one of ours, those in its way. A name that an app gives itself counts for nothing: ours are the operator's.
 */
const SESSIONS = `SELECT pid, backend_start::text, usename::text, datname::text, coalesce(host(client_addr), ''), coalesce(state, ''),
  coalesce(wait_event_type = 'Lock', false) AND state = 'active', extract(epoch FROM clock_timestamp() - state_change)::float8,
  extract(epoch FROM clock_timestamp() - xact_start)::float8, usename = current_user AND application_name LIKE 'cotenant%',
  CASE WHEN wait_event_type = 'Lock' THEN pg_blocking_pids(pid) ELSE '{}' END
  FROM pg_stat_activity WHERE coalesce(backend_type, 'client backend') = 'client backend' AND usename IS NOT NULL AND pid <> pg_backend_pid()
  ORDER BY usename, pid`;

export class PostgresTending implements Tending {
  readonly #whose: Whose;
  readonly #readers: ReadonlySet<string>;
  readonly #connection: Connection;
  readonly #open: (database: string) => Promise<Connection>;

  constructor(input: Input, connection: Connection, open: (database: string) => Promise<Connection>) {
    this.#whose = new Whose(input);
    this.#readers = new Set(input.readers.map(({ name }) => name));
    this.#connection = connection;
    this.#open = open;
  }

  async sessions(): Promise<readonly ServerSession[]> {
    const [rows] = await this.#connection.rows(SESSIONS);
    return (rows ?? []).map((row) => this.#session(row));
  }

  /** A number is given to another session later: with its start it is this one. */
  async end(sessions: readonly ServerSession[]): Promise<readonly Gone[]> {
    return await endAll(
      sessions,
      async ({ id, started }) => {
        await this.#connection.rows(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ${Number(id)} AND backend_start = ${literal(started)}::timestamptz`,
        );
      },
      isTrouble,
      async () => await this.sessions(),
    );
  }

  async slow(asked: SlowAsked): Promise<Slow> {
    return await slow(this.#connection, this.#whose, asked);
  }

  async tables(app: string | null): Promise<Tables> {
    return await tables(this.#whose, app, this.#open);
  }

  async log(app: string | null, lines: number): Promise<ServerLog> {
    return await log(this.#connection, this.#whose, app, lines);
  }

  #session(row: Row): ServerSession {
    const [id, started, login, database, from, state, waits, seconds, transaction, ours, blockers] = row;
    const { app } = this.#whose.login(text(login));
    return {
      id: text(id),
      started: text(started),
      app,
      kind: app === null ? (ours === true ? 'cotenant' : 'other') : this.#readers.has(app) ? 'reader' : 'app',
      login: text(login),
      database: database === null ? null : text(database),
      from: text(from),
      state: waits === true ? 'waiting' : stateOf(text(state)),
      seconds: seconds === null ? null : Math.max(0, number(seconds)),
      transaction: transaction === null ? null : Math.max(0, number(transaction)),
      // 0 stands for a prepared transaction.
      waitsFor: Array.isArray(blockers) ? [...new Set(blockers.map(String))].filter((pid) => pid !== '0') : [],
    };
  }
}

function stateOf(state: string): ServerSession['state'] {
  if (state.startsWith('idle in transaction')) return 'idle in transaction';
  return state === 'active' || state === 'fastpath function call' ? 'active' : 'idle';
}
