import { randomUUID } from 'node:crypto';
import {
  explained,
  type Lane,
  lockedOn,
  type LockOutcome,
  type Observation,
  type Session,
  type SessionContext,
  type Verifier,
} from '../../../engine/index.ts';
import { DiagnosticError, type PlacementStatus } from '../../../model/index.ts';
import type { Input } from '../compile/draft.ts';
import { observe } from '../observe/observe.ts';
import { usage } from '../observe/usage.ts';
import { textIn } from './client.ts';
import { Connection, type Target, targetOf } from './connection.ts';
import { Neo4jLane } from './lane.ts';
import { Lock } from './lock.ts';
import { errorCode, trouble } from './trouble.ts';

/** Milliseconds after which the server ends what is only looked for. */
const LIFE = 30_000;

/** An open server, as its operator. */
export class Neo4jSession implements Session {
  readonly #target: Target;
  readonly #input: Input;
  readonly #context: SessionContext;
  readonly #connection: Connection;
  #lock: Lock | null = null;

  private constructor(target: Target, input: Input, context: SessionContext, connection: Connection) {
    this.#target = target;
    this.#input = input;
    this.#context = context;
    this.#connection = connection;
  }

  static async open(input: Input, context: SessionContext): Promise<Neo4jSession> {
    const target = await targetOf(input.config, context);
    return new Neo4jSession(target, input, context, await Connection.open(target, context));
  }

  /** The users are read at once, whatever is asked for. */
  async observe(): Promise<Observation> {
    const { secrets, deadline } = this.#context;
    return await this.#read(observe({ input: this.#input, secrets, connection: this.#connection, target: this.#target, deadline }));
  }

  async identity(): Promise<string> {
    const text = "SHOW DATABASES YIELD name, databaseID WHERE name = 'system' RETURN databaseID";
    const [row] = await this.#read(this.#connection.run({ text }));
    return `neo4j ${textIn(row, 'databaseID')}`;
  }

  /** A copied data folder brings its identifier along: what one has open is seen on the same server only. */
  async isSameAs(other: Session): Promise<boolean> {
    if (!(other instanceof Neo4jSession)) return false;
    const sign = randomUUID();
    const open = await this.#read(this.#connection.begin({ cotenant: sign }, LIFE));
    try {
      await this.#read(open.run({ text: 'SHOW CURRENT USER YIELD user RETURN user' }));
      const rows = await other.#read(other.#connection.run({ text: 'SHOW TRANSACTIONS YIELD metaData RETURN metaData' }));
      return JSON.stringify(rows).includes(sign);
    } finally {
      await open.close();
    }
  }

  /** There is one app: what is done for it is done on the whole server. */
  async lock(who: string, timeout: number): Promise<LockOutcome> {
    const { signal } = this.#context;
    const connection = await Connection.open(this.#target, this.#context);
    const outcome = await this.#read(lockedOn(connection, (on) => Lock.take(on, who, { timeout, signal })));
    this.#lock = outcome.lock ?? null;
    return outcome;
  }

  async lane(_name: string): Promise<Lane> {
    return await Promise.resolve(new Neo4jLane(this.#lock, this.#context, this.#input.config.database));
  }

  async usage(): Promise<readonly PlacementStatus[]> {
    return await this.#read(usage(this.#input, this.#connection));
  }

  async verifier(): Promise<Verifier> {
    const { Neo4jVerifier } = await import('../verify/verifier.ts');
    return new Neo4jVerifier({
      input: this.#input,
      session: this.#context,
      target: this.#target,
      connection: this.#connection,
      observe: () => this.observe(),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  #read<T>(work: Promise<T>): Promise<T> {
    return explained(work, (error) => (errorCode(error) === '' ? error : new DiagnosticError([trouble(error, this.#context.instance)])));
  }
}
