import { type Lane, type SessionContext, type UnitOutcome, lostConnection } from '../../engine/index.ts';
import type { SecretRef, Statement, Step } from '../../model/index.ts';
import { DiagnosticError } from '../../model/index.ts';
import { lookUp } from '../../util/record.ts';
import type { Connection, Reply } from './connection.ts';
import { LOCK_KEY, type Lock } from './lock.ts';
import { databaseNote, sha256 } from './observe.ts';
import { sweep } from './sweep.ts';
import { trouble } from './trouble.ts';
import { wordsOf } from './words.ts';

/** How often a transaction is tried again because the lock gave a sign of life in between. */
const TRIES = 5;

/** Commands of a transaction, as words, each with the step that it belongs to. */
interface Part {
  readonly index: number;
  readonly statement: Statement;
}

/** Runs steps on one connection, each unit as one transaction that happens only while this run holds the lock. */
export class RedisLane implements Lane {
  readonly #connection: Connection;
  readonly #context: SessionContext;
  readonly #lock: () => Lock | null;

  constructor(connection: Connection, context: SessionContext, lock: () => Lock | null) {
    this.#connection = connection;
    this.#context = context;
    this.#lock = lock;
  }

  async run(unit: readonly Step[]): Promise<UnitOutcome> {
    const parts = withoutRepeats(unit.flatMap((step, index) => step.statements.map((statement) => ({ index, statement }))));
    if (parts.length === 0) return { ok: true };
    try {
      const [only] = parts;
      if (parts.length === 1 && only && wordsOf(only.statement.text).at(-1) === 'UNLINK') await this.#sweep(wordsOf(only.statement.text));
      else {
        const failed = await this.#transaction(parts);
        if (failed)
          return { ok: false, failed: failed.part.index, diagnostic: trouble(failed.error, this.#context.instance, failed.part.statement) };
      }
      await this.#note(unit);
      return { ok: true };
    } catch (error) {
      return { ok: false, failed: 0, diagnostic: trouble(error, this.#context.instance, parts[0]?.statement) };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  async #transaction(parts: readonly Part[]): Promise<{ readonly part: Part; readonly error: unknown } | null> {
    const commands = await Promise.all(parts.map(({ statement }) => this.#resolve(statement)));
    const [queued, results] = await this.#fenced(0, commands);
    const at = queued.findIndex((answer) => answer instanceof Error);
    const failed = at === -1 ? results.findIndex((answer) => answer instanceof Error) : at;
    const part = parts[failed];
    return part ? { part, error: at === -1 ? results[failed] : queued[failed] } : null;
  }

  /**
   * One transaction that the server itself gives up where the lock has changed hands: whatever a run that was cut off has
   * still under way comes to nothing. Gives the answers at queueing and at execution.
   */
  async #fenced(database: number, commands: readonly (readonly string[])[]): Promise<readonly [readonly Reply[], readonly Reply[]]> {
    const lock = this.#lock();
    if (!lock?.alive) throw this.#lockLost();
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const looked = await this.#connection.pipeline([
        ['WATCH', LOCK_KEY],
        ['GET', LOCK_KEY],
        ...(database === 0 ? [] : [['SELECT', String(database)]]),
      ]);
      if (looked[1] !== lock.value) throw this.#lockLost();
      const answers = await this.#connection.pipeline([['MULTI'], ...commands, ['EXEC'], ...(database === 0 ? [] : [['SELECT', '0']])]);
      const queued = answers.slice(1, commands.length + 1);
      const executed = answers[commands.length + 1];
      if (Array.isArray(executed)) return [queued, executed];
      if (executed instanceof Error) return [queued, []];
    }
    throw this.#lockLost();
  }

  #lockLost(): DiagnosticError {
    return new DiagnosticError([lostConnection('the lock is no longer held; another run may be at work now', this.#context.instance)]);
  }

  async #sweep(words: readonly string[]): Promise<void> {
    await sweep(this.#connection, words, async (database, keys) => {
      const [, results] = await this.#fenced(database, [['UNLINK', ...keys]]);
      if (results[0] instanceof Error) throw results[0];
    });
  }

  /** The words of a command. Where it names a secret, the hash of it stands: the password itself is never sent. */
  async #resolve({ text, params = {} }: Statement): Promise<readonly string[]> {
    return await Promise.all(
      wordsOf(text).map(async (word) => {
        const value = word.startsWith('#:') ? lookUp(params, word.slice(2)) : undefined;
        return typeof value === 'object' && value !== null ? `#${sha256(await this.#context.secrets.ensure(value))}` : word;
      }),
    );
  }

  /** The number of a database is kept beside the password, so that the environment can be told without the server. */
  async #note(unit: readonly Step[]): Promise<void> {
    for (const { address, facts, statements } of unit) {
      const database = facts['database'];
      const password = statements
        .map(({ params }) => params?.['password'])
        .find((value): value is SecretRef => typeof value === 'object' && value !== null);
      if (address.kind === 'user' && typeof database === 'number' && password)
        await this.#context.secrets.setDerived(password, databaseNote(database));
    }
  }
}

/** The access list is written once for neighbours, after the last of them. */
function withoutRepeats(parts: readonly Part[]): readonly Part[] {
  const last = new Map(parts.map((part, at) => [part.statement.text, at]));
  return parts.filter((part, at) => part.statement.params !== undefined || last.get(part.statement.text) === at);
}
