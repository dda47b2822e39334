import {
  type Depth,
  type Doctor,
  DerivedSecrets,
  explained,
  lockedOn,
  type Migrations,
  runName,
  type Lane,
  type LockOutcome,
  type Observation,
  type Session,
  type SessionContext,
  type Tending,
  type Verifier,
} from '../../../engine/index.ts';
import type { PlacementStatus, Step } from '../../../model/index.ts';
import type { Progress } from '../../../util/progress.ts';
import { lookUp } from '../../../util/record.ts';
import { Connection, openDirect, type Opening, type Target, targetOf } from './connection.ts';
import { compile } from '../compile/compile.ts';
import type { Input } from '../compile/draft.ts';
import { dangerIn } from '../judge/code.ts';
import { PostgresLane } from './lane.ts';
import { laneName, LOCK_DATABASE, type Scope, scopeOf, takeLock } from './lock.ts';
import { observe } from '../observe/observe.ts';
import { derivedForm } from './scram.ts';
import { isKind } from '../spec.ts';
import { expected } from './trouble.ts';
import { usage } from '../observe/usage.ts';
import { databaseOf } from './lanes.ts';

/** When, to the microsecond, and at which port. */
const STARTED = `SELECT extract(epoch FROM pg_catalog.pg_postmaster_start_time())::text, pg_catalog.current_setting('port')`;

/** An open PostgreSQL server, as its operator. */
export class PostgresSession implements Session {
  readonly #target: Target;
  readonly #input: Input;
  readonly #context: SessionContext;
  readonly #shared: Connection;
  readonly #verifiers: DerivedSecrets;
  #lock: Connection | null = null;
  #laneName = laneName(null);
  #reader: Migrations | null = null;

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

  observe(depth: Depth = 'whole', progress?: Progress): Promise<Observation> {
    return this.#read(
      observe({
        depth,
        progress,
        input: this.#input,
        secrets: this.#context.secrets,
        shared: this.#shared,
        open: (database) => this.#open({ database, name: 'cotenant observe', reading: true }),
      }),
    );
  }

  async identity(): Promise<string> {
    // A copied data folder brings its identifier along, as a standby does: when it was started tells them apart.
    const [started = []] = await this.#read(this.#shared.rows(STARTED));
    const [system = []] = await this.#shared.rows('SELECT system_identifier::text FROM pg_catalog.pg_control_system()').catch(() => []);
    return ['postgres', ...(system[0] ?? []), ...(started[0] ?? [])].map(String).join(' ');
  }

  lock(who: string, timeout: number, only?: readonly string[]): Promise<LockOutcome> {
    const scope = only === undefined ? null : scopeOf(only);
    return this.#read(this.#takeLock(who, scope, performance.now() + timeout));
  }

  prepare(steps: readonly Step[]): void {
    this.#verifiers.prepare(steps);
  }

  async lane(name: string): Promise<Lane> {
    const database = databaseOf(name) ?? this.#target.database;
    const connection = await this.#open({ database, name: this.#laneName });
    const danger = await this.#read(dangerIn(connection, database, this.#context.instance));
    return new PostgresLane(connection, this.#context, this.#verifiers, {
      danger,
      isLocked: () => this.#lock?.alive !== false,
      beside: () => this.#open({ database: this.#target.database, name: 'cotenant beside', reading: true }),
      settingOf: (role, key) => this.#settingOf(role, key),
    });
  }

  usage(): Promise<readonly PlacementStatus[]> {
    return this.#read(
      usage(this.#input, { shared: this.#shared, secrets: this.#context.secrets }, (database) =>
        this.#open({ database, name: 'cotenant status', reading: true }),
      ),
    );
  }

  async migrations(): Promise<Migrations> {
    if (this.#reader) return this.#reader;
    const { Reader } = await import('../migrations/reader.ts');
    const open = (database: string): Promise<Connection> => this.#open({ database, name: 'cotenant migrations', reading: true });
    this.#reader = new Reader({ input: this.#input, shared: this.#shared, open });
    return this.#reader;
  }

  async verifier(): Promise<Verifier> {
    const { PostgresVerifier } = await import('../verify/verifier.ts');
    return new PostgresVerifier({
      input: this.#input,
      session: this.#context,
      target: this.#target,
      shared: this.#shared,
      open: (database) => this.#open({ database, name: 'cotenant verify', reading: true }),
    });
  }

  async doctor(): Promise<Doctor> {
    const { PostgresDoctor } = await import('../doctor/doctor.ts');
    return new PostgresDoctor({
      input: this.#input,
      session: this.#context,
      shared: this.#shared,
      open: (database) => this.#open({ database, name: 'cotenant doctor', reading: true }),
    });
  }

  async tending(): Promise<Tending> {
    const { PostgresTending } = await import('../tending/tending.ts');
    return new PostgresTending(this.#input, this.#shared, (database) => this.#open({ database, name: 'cotenant sizes', reading: true }));
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

  async #takeLock(who: string, scope: Scope, end: number): Promise<LockOutcome> {
    const connection = await this.#openForLock(runName(who).slice(0, 63));
    const outcome = await lockedOn(connection, (on) => takeLock(on, scope, { end, signal: this.#context.signal }));
    if (outcome.ok) [this.#lock, this.#laneName] = [connection, laneName(scope)];
    return outcome;
  }

  /** Locks belong to one database: all runs meet in the one that every server has, whatever database their URLs name. */
  async #openForLock(name: string): Promise<Connection> {
    if (this.#target.database !== LOCK_DATABASE) {
      const there = await this.#open({ database: LOCK_DATABASE, name }).catch(() => null);
      if (there) return there;
    }
    return await this.#open({ database: this.#target.database, name });
  }

  #read<T>(work: Promise<T>): Promise<T> {
    return explained(work, (error) => expected(error, this.#context.instance));
  }

  #open(opening: Opening): Promise<Connection> {
    return Connection.open(this.#target, opening, this.#context);
  }
}
