import { setTimeout as sleep } from 'node:timers/promises';
import { type DerivedSecrets, type Lane, type SessionContext, type UnitOutcome, lostConnection } from '../../../engine/index.ts';
import type { Command, Step } from '../../../model/index.ts';
import type { Connection } from './connection.ts';
import { fillParameters, literal } from '../quote.ts';
import { END } from './session-list.ts';
import { errorNumber, stillThere, trouble } from './trouble.ts';

/** Milliseconds that ended sessions get to be gone. */
const PATIENCE = 10_000;
const POLL = 20;
/** No such thread: it went by itself. */
const NO_THREAD = 1094;
/** There is no such grant: of an account on a database, on a table, on a routine. Only a REVOKE is told so, and of a list only where all of it is gone (`grantChanges`). */
const NO_GRANT: ReadonlySet<number> = new Set([1141, 1147, 1403]);

/** Runs steps on one connection, statement by statement: nothing here can be taken back together. */
export class MysqlLane implements Lane {
  readonly #connection: Connection;
  readonly #context: SessionContext;
  readonly #hashes: DerivedSecrets;
  readonly #isLocked: () => boolean;

  /** `isLocked`: whether this run still holds the instance's lock. */
  constructor(connection: Connection, context: SessionContext, hashes: DerivedSecrets, isLocked: () => boolean) {
    this.#connection = connection;
    this.#context = context;
    this.#hashes = hashes;
    this.#isLocked = isLocked;
  }

  async run(unit: readonly Step[]): Promise<UnitOutcome> {
    for (const [index, step] of unit.entries()) {
      for (const statement of step.commands) {
        if (!this.#isLocked()) {
          const why = 'the one that held the lock; another run may be active now';
          return { ok: false, failed: index, diagnostic: lostConnection(why, this.#context.instance) };
        }
        try {
          await this.#send(statement);
        } catch (error) {
          return { ok: false, failed: index, diagnostic: trouble(error, this.#context.instance, statement) };
        }
      }
      await this.#hashes.sent(step.commands);
    }
    return { ok: true };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
    await this.#hashes.save();
  }

  async #send(statement: Command): Promise<void> {
    if (statement.op === END) {
      await this.#end(statement.text);
      return;
    }
    const hashes = await this.#hashes.of(statement);
    const text = fillParameters(statement.text, new Map([...hashes].map(([name, hash]) => [name, literal(hash)])));
    await this.#connection.run(text).catch((error: unknown) => {
      if (!NO_GRANT.has(errorNumber(error))) throw error;
    });
  }

  /** Ends the sessions that the question finds, and waits until they are gone. */
  async #end(question: string): Promise<void> {
    const until = performance.now() + PATIENCE;
    for (;;) {
      const found = await this.#connection.rows(question);
      if (found.length === 0) return;
      if (performance.now() > until) throw stillThere(found.length, this.#context.instance);
      for (const row of found) {
        await this.#connection.run(String(row['statement'])).catch((error: unknown) => {
          if (errorNumber(error) !== NO_THREAD) throw error;
        });
      }
      await sleep(POLL);
    }
  }
}
