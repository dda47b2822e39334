import { hostname, userInfo } from 'node:os';
import type { Lane, LockOutcome, Observation, Session, SessionContext, Verifier } from '../../engine/index.ts';
import type { PlacementStatus } from '../../model/index.ts';
import { Connection, type Target, targetOf } from './connection.ts';
import type { Input } from './draft.ts';
import { PostgresLane } from './lane.ts';
import { observe } from './observe.ts';
import { usage } from './usage.ts';

/** "cote" as a number: the first half of the advisory lock's key. */
const LOCK_SPACE = 0x636f7465;
const LOCK_POLL = 200;

/** An open PostgreSQL server, as its operator. */
export class PostgresSession implements Session {
  readonly #target: Target;
  readonly #input: Input;
  readonly #context: SessionContext;
  readonly #shared: Connection;

  private constructor(target: Target, input: Input, context: SessionContext, shared: Connection) {
    this.#target = target;
    this.#input = input;
    this.#context = context;
    this.#shared = shared;
  }

  static async open(input: Input, context: SessionContext): Promise<PostgresSession> {
    const target = await targetOf(input.config, context);
    const shared = await Connection.open(target, target.database, 'cotenant', context);
    return new PostgresSession(target, input, context, shared);
  }

  observe(): Promise<Observation> {
    return observe({
      input: this.#input,
      secrets: this.#context.secrets,
      shared: this.#shared,
      open: (database) => this.#open(database, 'cotenant observe'),
    });
  }

  async lock(who: string, timeout: number): Promise<LockOutcome> {
    const connection = await this.#open(
      this.#target.database,
      `cotenant ${who} ${userInfo().username}@${hostname()} pid ${process.pid}`.slice(0, 63),
    );
    const until = Date.now() + timeout;
    for (;;) {
      const [rows] = await connection.rows(`SELECT pg_try_advisory_lock(${LOCK_SPACE}, 0)`);
      if (rows?.[0]?.[0] === true) return { ok: true, lock: connection };
      if (Date.now() >= until || this.#context.signal.aborted) break;
      await new Promise((resolve) => setTimeout(resolve, Math.min(LOCK_POLL, Math.max(1, until - Date.now()))));
    }
    const [holders] = await connection.rows(
      `SELECT a.application_name, to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
       FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND l.classid = ${LOCK_SPACE} AND l.objid = 0 AND l.granted`,
    );
    await connection[Symbol.asyncDispose]();
    const holder = holders?.[0];
    return { ok: false, holder: holder ? { who: String(holder[0]), since: String(holder[1]) } : null };
  }

  async lane(name: string): Promise<Lane> {
    const database = name.startsWith('db:') ? name.slice(3) : this.#target.database;
    return new PostgresLane(await this.#open(database, 'cotenant apply'), this.#context);
  }

  usage(): Promise<readonly PlacementStatus[]> {
    return usage(this.#input, this.#shared, (database) => this.#open(database, 'cotenant status'));
  }

  async verifier(): Promise<Verifier> {
    const { PostgresVerifier } = await import('./verify/verifier.ts');
    return new PostgresVerifier({
      input: this.#input,
      session: this.#context,
      target: this.#target,
      shared: this.#shared,
      open: (database) => this.#open(database, 'cotenant verify'),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shared[Symbol.asyncDispose]();
  }

  #open(database: string, name: string): Promise<Connection> {
    return Connection.open(this.#target, database, name, this.#context);
  }
}
