import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Lane, lostConnection, type SessionContext, type StepIo, type UnitOutcome } from '../../../engine/index.ts';
import { type Command, DiagnosticError, fail, type Step } from '../../../model/index.ts';
import { isLedger } from '../marks/mark.ts';
import { usersOf } from '../observe/observe.ts';
import { emptyGraph } from '../retire/empty.ts';
import { RANDOM } from '../words.ts';
import type { Query } from './client.ts';
import type { Lock } from './lock.ts';
import { endSessionsOf } from './sessions.ts';
import { trouble } from './trouble.ts';

const statementArgs = z.object({ text: z.string(), params: z.record(z.string(), z.string()) });
const userArgs = z.object({ user: z.string() });
const usersArgs = z.object({ users: z.array(z.string()) });

interface Part {
  readonly index: number;
  readonly command: Command;
}

/** Runs steps on the connection that holds the lock. Neighbouring statements of a unit are one transaction. */
export class Neo4jLane implements Lane {
  readonly #lock: Lock | null;
  readonly #context: SessionContext;
  readonly #database: string;

  constructor(lock: Lock | null, context: SessionContext, database: string) {
    this.#lock = lock;
    this.#context = context;
    this.#database = database;
  }

  async run(unit: readonly Step[], io: StepIo): Promise<UnitOutcome> {
    const parts = unit.flatMap((step, index) => step.commands.map((command) => ({ index, command })));
    let at = 0;
    try {
      while (at < parts.length) at = await this.#next(parts, at, io);
      return { ok: true };
    } catch (error) {
      const part = parts[at];
      const done = unit.flatMap((_, index) => (index < (part?.index ?? 0) ? [index] : []));
      return { ok: false, failed: part?.index ?? 0, diagnostic: trouble(error, this.#context.instance, part?.command), done };
    }
  }

  /** The connection ends with the lock. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve();
  }

  /** Does what stands at a place and goes with it, and says where to go on. */
  async #next(parts: readonly Part[], at: number, io: StepIo): Promise<number> {
    const lock = await this.#held();
    const { op, args } = parts[at]?.command ?? {};
    if (op === 'sessions/end') await endSessionsOf(lock.connection, userArgs.parse(args).user);
    else if (op === 'graph/empty') await this.#empty(lock, usersArgs.parse(args).users, io);
    else {
      const end = parts.findIndex(({ command }, index) => index >= at && command.op !== 'cypher');
      const together = parts.slice(at, end === -1 ? parts.length : end);
      await lock.connection.together(await Promise.all(together.map(({ command }) => this.#resolve(command))));
      return at + together.length;
    }
    return at + 1;
  }

  /** Nobody whom the plan has not named loses anything: with a user who has come since, it stops. */
  async #empty({ connection }: Lock, users: readonly string[], io: StepIo): Promise<void> {
    const named = new Set(users);
    await emptyGraph(connection, this.#database, io, async () => {
      await this.#held();
      const [came] = (await usersOf(connection)).filter(({ name }) => !named.has(name) && !isLedger(name));
      if (came)
        throw fail('CT2088', `the user "${came.name}" has come since the plan was made, and may have put something into the database`);
    });
  }

  async #held(): Promise<Lock> {
    if (this.#lock && (await this.#lock.isHeld())) return this.#lock;
    throw new DiagnosticError([lostConnection('the lock is no longer held; another run may be active now', this.#context.instance)]);
  }

  /** A secret is a parameter: the server writes parameters of passwords into no log. */
  async #resolve({ args, secrets = {} }: Command): Promise<Query> {
    const { text, params } = statementArgs.parse(args);
    const passwords = await Promise.all(
      Object.entries(secrets).map(async ([name, ref]) => [name, await this.#context.secrets.ensure(ref)] as const),
    );
    const random = text.includes(`$${RANDOM}`) ? { [RANDOM]: randomBytes(32).toString('base64url') } : {};
    return { text, params: { ...params, ...random, ...Object.fromEntries(passwords) } };
  }
}
