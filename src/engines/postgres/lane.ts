import type { Lane, SessionContext, UnitOutcome } from '../../engine/index.ts';
import type { Statement, Step } from '../../model/index.ts';
import type { Connection } from './connection.ts';
import { literal } from './quote.ts';
import { scramVerifier } from './scram.ts';
import { lostConnection, trouble } from './trouble.ts';

/** Runs steps on one connection. Neighbours of one unit go as one transaction in one message. */
export class PostgresLane implements Lane {
  readonly #connection: Connection;
  readonly #context: SessionContext;
  readonly #isLocked: () => boolean;

  /** `isLocked`: whether this run still holds the instance's lock. */
  constructor(connection: Connection, context: SessionContext, isLocked: () => boolean) {
    this.#connection = connection;
    this.#context = context;
    this.#isLocked = isLocked;
  }

  async run(unit: readonly Step[]): Promise<UnitOutcome> {
    const parts = unit.flatMap((step, index) => step.statements.map((statement) => ({ index, statement })));
    if (parts.length === 0) return { ok: true };
    if (!this.#isLocked()) {
      const why = 'the one that held the lock; another run may be at work now';
      return { ok: false, failed: 0, diagnostic: lostConnection(why, this.#context.instance) };
    }
    const texts = await Promise.all(parts.map(({ statement }) => this.#resolve(statement)));
    const together = unit[0]?.unit !== null && texts.length > 1;
    let current = 0;
    try {
      if (together) {
        await this.#connection.rows(`BEGIN;\n${texts.join(';\n')};\nCOMMIT`);
      } else {
        for (; current < texts.length; current++) await this.#connection.rows(texts[current] ?? '');
      }
      return { ok: true };
    } catch (error) {
      // The first one that completes is BEGIN.
      const at = together ? this.#connection.completed - 1 : current;
      const part = parts[at] ?? parts[0];
      await this.#connection.rows('ROLLBACK').catch(() => undefined);
      return { ok: false, failed: part?.index ?? 0, diagnostic: trouble(error, this.#context.instance, part?.statement) };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  /** Puts a SCRAM verifier where the statement names a secret. The password itself is never sent. */
  async #resolve(statement: Statement): Promise<string> {
    let { text } = statement;
    for (const [name, value] of Object.entries(statement.params ?? {})) {
      if (typeof value !== 'object' || value === null) continue;
      const password = await this.#context.secrets.ensure(value);
      const verifier = this.#context.secrets.derived(value) ?? (await scramVerifier(password));
      await this.#context.secrets.setDerived(value, verifier);
      text = text.replaceAll(`:${name}`, () => literal(verifier));
    }
    return text;
  }
}
