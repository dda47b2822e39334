import { hostname, userInfo } from 'node:os';
import {
  type Depth,
  DerivedSecrets,
  type Lane,
  type LockHolder,
  type LockOutcome,
  type Observation,
  type Session,
  type SessionContext,
  type Verifier,
} from '../../engine/index.ts';
import type { PlacementStatus, Step } from '../../model/index.ts';
import { lookUp } from '../../util/record.ts';
import { Connection, openDirect, type Opening, type Target, targetOf } from './connection.ts';
import { compile } from './compile/compile.ts';
import type { Input } from './compile/draft.ts';
import { dangerIn } from './judge/code.ts';
import { PostgresLane } from './lane.ts';
import { observe } from './observe/observe.ts';
import { derivedForm } from './scram.ts';
import { isKind } from './spec.ts';
import { expected } from './trouble.ts';
import { usage } from './usage.ts';

/** "cote" as a number: the first half of the advisory lock's key. */
const LOCK_SPACE = 0x636f7465;

/** The database in which runs lock each other out. No app may enter it. */
const MEETING = 'postgres';

/** Milliseconds between two looks at who holds the lock. */
const POLL = 50;
/** Milliseconds for what a dead run has left at work in the server. Its own wait for a lock ends before. */
const ORPHANS = 40_000;
/** Connections that change something are known by it. */
const LANE = 'cotenant lane';

const SINCE = `to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

/** An open PostgreSQL server, as its operator. */
export class PostgresSession implements Session {
  readonly #target: Target;
  readonly #input: Input;
  readonly #context: SessionContext;
  readonly #shared: Connection;
  readonly #verifiers: DerivedSecrets;
  #lock: Connection | null = null;

  private constructor(target: Target, input: Input, context: SessionContext, shared: Connection) {
    this.#target = target;
    this.#input = input;
    this.#context = context;
    this.#shared = shared;
    this.#verifiers = new DerivedSecrets(context, derivedForm);
  }

  static async open(input: Input, context: SessionContext): Promise<PostgresSession> {
    const target = await targetOf(input.config, context);
    const shared = await openDirect(target, { database: target.database, name: 'cotenant', reading: true }, context);
    return new PostgresSession(target, input, context, shared);
  }

  observe(depth: Depth = 'whole'): Promise<Observation> {
    return this.#read(
      observe({
        depth,
        input: this.#input,
        secrets: this.#context.secrets,
        shared: this.#shared,
        open: (database) => this.#open({ database, name: 'cotenant observe', reading: true }),
      }),
    );
  }

  async identity(): Promise<string> {
    const rows = await this.#shared.rows('SELECT system_identifier::text FROM pg_catalog.pg_control_system()').catch(() => []);
    const found = rows[0]?.[0]?.[0];
    return typeof found === 'string' ? `postgres ${found}` : `postgres ${this.#target.host}:${this.#target.port}`;
  }

  lock(who: string, timeout: number): Promise<LockOutcome> {
    return this.#read(this.#takeLock(who, timeout));
  }

  prepare(steps: readonly Step[]): void {
    this.#verifiers.prepare(steps);
  }

  async lane(name: string): Promise<Lane> {
    const database = name.startsWith('db:') ? name.slice(3) : this.#target.database;
    const connection = await this.#open({ database, name: LANE });
    const danger = await this.#read(dangerIn(connection, database, this.#context.instance));
    return new PostgresLane(connection, this.#context, this.#verifiers, {
      danger,
      isLocked: () => this.#lock?.alive !== false,
      beside: () => this.#open({ database: this.#target.database, name: 'cotenant beside', reading: true }),
      settingOf: (role, key) => this.#settingOf(role, key),
    });
  }

  usage(): Promise<readonly PlacementStatus[]> {
    return this.#read(usage(this.#input, this.#shared, (database) => this.#open({ database, name: 'cotenant status', reading: true })));
  }

  async verifier(): Promise<Verifier> {
    const { PostgresVerifier } = await import('./verify/verifier.ts');
    return new PostgresVerifier({
      input: this.#input,
      session: this.#context,
      target: this.#target,
      shared: this.#shared,
      open: (database) => this.#open({ database, name: 'cotenant verify', reading: true }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#verifiers.stop();
    await this.#shared[Symbol.asyncDispose]();
  }

  #settingOf(role: string, key: string): string {
    const found = compile(this.#input).resources.find((one) => isKind(one, 'role') && one.address.name === role);
    const value = found && isKind(found, 'role') ? lookUp(found.spec.settings, key) : undefined;
    if (value === undefined) throw new Error(`the manifest does not set ${key} for ${role}`);
    return value;
  }

  async #takeLock(who: string, timeout: number): Promise<LockOutcome> {
    const name = `cotenant ${who} ${userInfo().username}@${hostname()} pid ${process.pid}`.slice(0, 63);
    const connection = await this.#openForLock(name);
    const held = await this.#until(timeout, async () => {
      const [rows] = await connection.rows(`SELECT pg_try_advisory_lock(${LOCK_SPACE}, 0)`);
      return rows?.[0]?.[0] === true;
    });
    const free = held && (await this.#until(timeout + ORPHANS, async () => (await orphans(connection)) === null));
    if (free) {
      this.#lock = connection;
      return { ok: true, lock: connection };
    }
    const holder = held ? await orphans(connection) : await holderOf(connection);
    await connection[Symbol.asyncDispose]();
    return { ok: false, holder };
  }

  /** Locks belong to one database: all runs meet in the one that every server has, whatever database their URLs name. */
  async #openForLock(name: string): Promise<Connection> {
    if (this.#target.database !== MEETING) {
      const there = await this.#open({ database: MEETING, name }).catch(() => null);
      if (there) return there;
    }
    return await this.#open({ database: this.#target.database, name });
  }

  async #until(timeout: number, check: () => Promise<boolean>): Promise<boolean> {
    const end = Date.now() + timeout;
    for (;;) {
      if (await check()) return true;
      if (Date.now() >= end || this.#context.signal.aborted) return false;
      await new Promise((resolve) => setTimeout(resolve, Math.min(POLL, Math.max(1, end - Date.now()))));
    }
  }

  /** What the server says no to is expected trouble. */
  async #read<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw expected(error, this.#context.instance);
    }
  }

  #open(opening: Opening): Promise<Connection> {
    return Connection.open(this.#target, opening, this.#context);
  }
}

async function holderOf(connection: Connection): Promise<LockHolder | null> {
  const [rows] = await connection.rows(
    `SELECT a.application_name, ${SINCE} FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.classid = ${LOCK_SPACE} AND l.objid = 0 AND l.granted
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return holder(rows?.[0]);
}

/** The server finishes what a killed run has sent. Looking before it is done would see half of it. */
async function orphans(connection: Connection): Promise<LockHolder | null> {
  const [rows] = await connection.rows(
    `SELECT 'a run that is gone, whose last statement still works', ${SINCE} FROM pg_stat_activity a
     WHERE a.application_name = '${LANE}' AND a.usename = session_user ORDER BY a.backend_start LIMIT 1`,
  );
  return holder(rows?.[0]);
}

function holder(row: readonly unknown[] | undefined): LockHolder | null {
  return row ? { who: String(row[0]), since: String(row[1]) } : null;
}
