import {
  type Doctor,
  explained,
  lockedOn,
  type Lane,
  type LockOutcome,
  type Observation,
  type Session,
  type SessionContext,
  type Tending,
  type Verifier,
} from '../../../engine/index.ts';
import { DiagnosticError, type PlacementStatus } from '../../../model/index.ts';
import { Connection, openServer, type Target, targetOf } from './connection.ts';
import type { Input } from '../compile/draft.ts';
import { RedisLane } from './lane.ts';
import { Lock } from './lock.ts';
import { RESERVED } from '../names.ts';
import { observe } from '../observe/observe.ts';
import { errorCode, trouble } from './trouble.ts';
import { usage } from '../observe/usage.ts';

/** An open server, as its operator. */
export class RedisSession implements Session {
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

  static async open(input: Input, context: SessionContext): Promise<RedisSession> {
    const target = await targetOf(input.config, context);
    return new RedisSession(target, input, context, await openServer(target, RESERVED, context));
  }

  /** One command tells about all users at once: there is nothing deeper to look into. */
  async observe(): Promise<Observation> {
    const { secrets } = this.#context;
    return await this.#read(
      observe({ input: this.#input, secrets, connection: this.#connection, user: this.#target.user, host: this.#target.host }),
    );
  }

  async identity(): Promise<string> {
    const info = String(await this.#read(this.#connection.send('INFO', 'server')));
    const { host, port } = this.#target;
    return `redis ${/^run_id:(\w+)/m.exec(info)?.[1] ?? `${host}:${port}`}`;
  }

  async lock(who: string, timeout: number, only: readonly string[] = []): Promise<LockOutcome> {
    const name = Lock.name();
    const connection = await Connection.open(this.#target, name, this.#context);
    const wait = { timeout, only, signal: this.#context.signal };
    const outcome = await this.#read(lockedOn(connection, async (on) => await Lock.take(on, name, who, wait)));
    this.#lock = outcome.lock ?? null;
    return outcome;
  }

  async lane(_name: string): Promise<Lane> {
    const known = new Set(this.#input.known.map(({ user }) => user));
    return await Promise.resolve(new RedisLane(this.#lock, this.#context, { operator: this.#target.user, known }));
  }

  async usage(): Promise<readonly PlacementStatus[]> {
    return await this.#read(usage(this.#input, this.#connection));
  }

  async verifier(): Promise<Verifier> {
    const { RedisVerifier } = await import('../verify/verifier.ts');
    return new RedisVerifier({
      input: this.#input,
      session: this.#context,
      target: this.#target,
      observe: () => this.observe(),
      open: () => Connection.open(this.#target, `${RESERVED}-verify`, this.#context),
    });
  }

  async doctor(): Promise<Doctor> {
    const { RedisDoctor } = await import('../doctor/doctor.ts');
    return new RedisDoctor(this.#input, this.#connection);
  }

  async tending(): Promise<Tending> {
    const { RedisTending } = await import('../tending/tending.ts');
    return new RedisTending(this.#input, this.#connection, this.#target.user);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  #read<T>(work: Promise<T>): Promise<T> {
    return explained(work, (error) => (errorCode(error) === '' ? error : new DiagnosticError([trouble(error, this.#context.instance)])));
  }
}
