import { type Lane, type SessionContext, type UnitOutcome, lostConnection } from '../../../engine/index.ts';
import type { Command, Step } from '../../../model/index.ts';
import { DiagnosticError } from '../../../model/index.ts';
import { fingerprint, sha256 } from '../../../util/canonical.ts';
import { lookUp } from '../../../util/record.ts';
import type { Word } from './client.ts';
import type { Connection, Reply } from './connection.ts';
import { dropKeys } from '../retire/drop.ts';
import type { Lock } from './lock.ts';
import { databaseNote } from '../observe/observe.ts';
import { notedWord } from '../observe/others.ts';
import { passwordRules } from './passwords.ts';
import { errorCode, trouble } from './trouble.ts';
import { wordsOf } from '../words.ts';

/** Commands of a transaction, as words, each with the step that it belongs to. */
interface Part {
  readonly index: number;
  readonly statement: Command;
}

/** Runs steps on the connection that holds the lock, each unit as one transaction. */
export class RedisLane implements Lane {
  readonly #lock: Lock | null;
  readonly #context: SessionContext;
  /** As whom cotenant is logged in. */
  readonly #operator: string;
  readonly #known: ReadonlySet<string>;

  constructor(lock: Lock | null, context: SessionContext, people: { readonly operator: string; readonly known: ReadonlySet<string> }) {
    this.#lock = lock;
    this.#context = context;
    this.#operator = people.operator;
    this.#known = people.known;
  }

  async run(unit: readonly Step[]): Promise<UnitOutcome> {
    const parts = withoutRepeats(unit.flatMap((step, index) => step.commands.map((statement) => ({ index, statement }))));
    if (parts.length === 0) return { ok: true };
    try {
      const [first] = unit;
      if (unit.length === 1 && first && first.commands[0]?.op === 'sweep') await this.#drop(first);
      else {
        const failed = await this.#transaction(parts);
        if (failed && isSave(failed.part.statement)) await this.#unmark(unit);
        if (failed)
          return { ok: false, failed: failed.part.index, diagnostic: trouble(failed.error, this.#context.instance, failed.part.statement) };
      }
      await this.#note(unit);
      return { ok: true };
    } catch (error) {
      return { ok: false, failed: 0, diagnostic: trouble(error, this.#context.instance, parts[0]?.statement) };
    }
  }

  /** Nothing of a transaction is taken back where its last command, the save, fails: what says that all is done must not stay. */
  async #unmark(unit: readonly Step[]): Promise<void> {
    const parts = unit.flatMap((step, index) =>
      step.unit === 'marks' ? (step.reverse ?? []).map((statement) => ({ index, statement })) : [],
    );
    if (parts.length > 0) await this.#transaction(parts);
  }

  /** The connection ends with the lock. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve();
  }

  async #transaction(parts: readonly Part[]): Promise<{ readonly part: Part; readonly error: unknown } | null> {
    const commands = await Promise.all(parts.map(({ statement }) => this.#resolve(statement)));
    const [queued, results] = await this.#run(0, commands);
    const at = queued.findIndex((answer) => answer instanceof Error);
    const failed = at === -1 ? results.findIndex((answer) => answer instanceof Error) : at;
    const part = parts[failed];
    return part ? { part, error: at === -1 ? results[failed] : queued[failed] } : null;
  }

  /** One transaction. Gives the answers at queueing and at execution. */
  async #run(database: number, commands: readonly (readonly Word[])[]): Promise<readonly [readonly Reply[], readonly Reply[]]> {
    const connection = this.#held();
    // Where there is no such database, nothing may happen in another one.
    if (database !== 0) await connection.send('SELECT', String(database));
    const back = database === 0 ? [] : [['SELECT', '0']];
    const answers = await connection.pipeline([['MULTI'], ...commands, ['EXEC'], ...back]);
    const queued = answers.slice(1, commands.length + 1);
    const executed = answers[commands.length + 1];
    if (Array.isArray(executed)) return [queued, executed];
    if (!queued.some((answer) => errorCode(answer) === 'OOM')) return [queued, []];
    // Redis 7.0 queues nothing where the memory is full, not even what frees it. One by one it does all of it.
    if (database !== 0) await connection.send('SELECT', String(database));
    const alone = await connection.pipeline([...commands, ...back]);
    return [[], alone.slice(0, commands.length)];
  }

  #held(): Connection {
    if (this.#lock?.alive) return this.#lock.connection;
    throw new DiagnosticError([lostConnection('the lock is no longer held; another run may be active now', this.#context.instance)]);
  }

  async #drop(step: Step): Promise<void> {
    await dropKeys(step, {
      connection: this.#held(),
      context: this.#context,
      operator: this.#operator,
      known: this.#known,
      send: async (database, words) => {
        const [queued, results] = await this.#run(database, [words]);
        const error = [...queued, ...results].find((answer) => answer instanceof Error);
        if (error instanceof Error) throw error;
      },
    });
  }

  /** The words of a command. Where it names a secret, the hash of it stands: the password itself is never sent. */
  async #resolve(command: Command): Promise<readonly string[]> {
    const { secrets = {} } = command;
    const words = wordsOf(command).map(async (word): Promise<readonly string[]> => {
      const value = word.startsWith('#:') ? lookUp(secrets, word.slice(2)) : undefined;
      if (value !== undefined) return [`#${sha256(await this.#context.secrets.ensure(value))}`];
      const noted = await notedWord(word, this.#held(), this.#operator);
      return noted === null ? ((await passwordRules(word, this.#held())) ?? [word]) : [noted];
    });
    return (await Promise.all(words)).flat();
  }

  /** The number of a database is kept beside the password, so that the environment can be told without the server. */
  async #note(unit: readonly Step[]): Promise<void> {
    for (const { address, facts, commands: statements } of unit) {
      const database = facts['database'];
      const password = statements.map(({ secrets }) => secrets?.['password']).find((value) => value !== undefined);
      if (address.kind === 'user' && typeof database === 'number' && password)
        await this.#context.secrets.setDerived(password, databaseNote(database));
    }
  }
}

function isSave({ op }: Command): boolean {
  return op === 'save';
}

/** The access list is written once for neighbours, after the last of them. */
function withoutRepeats(parts: readonly Part[]): readonly Part[] {
  const keyOf = ({ statement: { op, args } }: Part): string => fingerprint([op, args]);
  const last = new Map(parts.map((part, at) => [keyOf(part), at]));
  return parts.filter((part, at) => part.statement.secrets !== undefined || last.get(keyOf(part)) === at);
}
