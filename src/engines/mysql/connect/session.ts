import { randomUUID } from 'node:crypto';
import {
  type Depth,
  type Doctor,
  DerivedSecrets,
  explained,
  lockedOn,
  runName,
  type Lane,
  type LockOutcome,
  type Migrations,
  type Observation,
  type Session,
  type SessionContext,
  type Tending,
  type Verifier,
} from '../../../engine/index.ts';
import type { PlacementStatus } from '../../../model/index.ts';
import { Connection } from './connection.ts';
import type { Input } from '../compile/draft.ts';
import { MysqlLane } from './lane.ts';
import { laneLock, lockName, type Scope, scopeOf, takeLock } from './lock.ts';
import { observe } from '../observe/observe.ts';
import { derivedForm } from './password-hash.ts';
import { literal } from '../quote.ts';
import { type Target, targetOf } from './target.ts';
import { expected, laneTaken } from './trouble.ts';
import { usage } from '../observe/usage.ts';

/** An open server, as its operator. */
export class MysqlSession implements Session {
  readonly #target: Target;
  readonly #input: Input;
  readonly #context: SessionContext;
  readonly #connection: Connection;
  readonly #hashes: DerivedSecrets;
  #lock: Connection | null = null;
  #scope: Scope = null;

  private constructor(target: Target, input: Input, context: SessionContext, connection: Connection) {
    this.#target = target;
    this.#input = input;
    this.#context = context;
    this.#connection = connection;
    this.#hashes = new DerivedSecrets(context, derivedForm);
  }

  static async open(input: Input, context: SessionContext): Promise<MysqlSession> {
    const target = await targetOf(input.config, context);
    return new MysqlSession(target, input, context, await Connection.open(target, 'cotenant', context));
  }

  observe(depth: Depth = 'whole'): Promise<Observation> {
    return this.#read(observe({ depth, input: this.#input, secrets: this.#context.secrets, connection: this.#connection }));
  }

  async identity(): Promise<string> {
    const [row] = await this.#read(this.#connection.rows(`SELECT CONCAT(@@hostname, ':', @@port, @@datadir) AS server`));
    return `mysql ${String(row?.['server'])}`;
  }

  /** Containers may be called alike, and a copied data folder brings its UUID along: a lock by name is seen on one server only. */
  async isSameAs(other: Session): Promise<boolean> {
    if (!(other instanceof MysqlSession)) return false;
    const sign = literal(`cotenant ${randomUUID()}`);
    const [got] = await this.#read(this.#connection.rows(`SELECT GET_LOCK(${sign}, 0) AS got`));
    if (String(got?.['got']) !== '1') return true;
    try {
      const [seen] = await other.#read(other.#connection.rows(`SELECT IS_USED_LOCK(${sign}) IS NOT NULL AS seen`));
      return String(seen?.['seen']) === '1';
    } finally {
      await this.#connection.rows(`SELECT RELEASE_LOCK(${sign}) AS done`).catch(() => []);
    }
  }

  lock(who: string, timeout: number, only?: readonly string[]): Promise<LockOutcome> {
    const scope = only === undefined ? null : scopeOf(only);
    return this.#read(this.#takeLock(who, scope, performance.now() + timeout));
  }

  async lane(_name: string): Promise<Lane> {
    const connection = await this.#open('cotenant lane');
    // Kept by the server as long as it works on what was sent, whether or not this process still lives.
    const [row] = await connection.rows(`SELECT GET_LOCK(${literal(laneLock(await lockName(connection), this.#scope))}, 30) AS got`);
    if (String(row?.['got']) !== '1') {
      await connection[Symbol.asyncDispose]();
      throw laneTaken(this.#context.instance);
    }
    return new MysqlLane(connection, this.#context, this.#hashes, () => this.#lock?.alive !== false);
  }

  usage(): Promise<readonly PlacementStatus[]> {
    return this.#read(usage(this.#input, this.#connection));
  }

  async migrations(): Promise<Migrations> {
    const { Reader } = await import('../migrations/reader.ts');
    return new Reader(this.#input, () => this.#open('cotenant migrations'));
  }

  async verifier(): Promise<Verifier> {
    const { MysqlVerifier } = await import('../verify/verifier.ts');
    return new MysqlVerifier({ input: this.#input, session: this.#context, target: this.#target, connection: this.#connection });
  }

  async doctor(): Promise<Doctor> {
    const { MysqlDoctor } = await import('../doctor/doctor.ts');
    return new MysqlDoctor(this.#input, this.#connection);
  }

  async tending(): Promise<Tending> {
    const { MysqlTending } = await import('../tending/tending.ts');
    return new MysqlTending(this.#input, this.#connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  async #takeLock(who: string, scope: Scope, end: number): Promise<LockOutcome> {
    const connection = await this.#open(runName(who));
    const outcome = await lockedOn(connection, (on) => takeLock(on, { scope, end, signal: this.#context.signal }));
    if (outcome.ok) [this.#lock, this.#scope] = [connection, scope];
    return outcome;
  }

  #read<T>(work: Promise<T>): Promise<T> {
    return explained(work, (error) => expected(error, this.#context.instance));
  }

  #open(name: string): Promise<Connection> {
    return Connection.open(this.#target, name, this.#context);
  }
}
