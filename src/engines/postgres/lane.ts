import type { Lane, SessionContext, UnitOutcome } from '../../engine/index.ts';
import type { Diagnostic, Statement, Step } from '../../model/index.ts';
import { type Connection, errorCode } from './connection.ts';
import { literal } from './quote.ts';
import { scramVerifier } from './scram.ts';

/** Runs steps on one connection. Neighbours of one unit go as one transaction in one message. */
export class PostgresLane implements Lane {
  readonly #connection: Connection;
  readonly #context: SessionContext;

  constructor(connection: Connection, context: SessionContext) {
    this.#connection = connection;
    this.#context = context;
  }

  async run(unit: readonly Step[]): Promise<UnitOutcome> {
    const parts = unit.flatMap((step, index) => step.statements.map((statement) => ({ index, statement })));
    if (parts.length === 0) return { ok: true };
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
      return { ok: false, failed: part?.index ?? 0, diagnostic: trouble(error, part?.statement, this.#context.instance) };
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

function trouble(error: unknown, statement: Statement | undefined, instance: string): Diagnostic {
  const state = errorCode(error);
  const message = error instanceof Error ? error.message : String(error);
  const lost = state === '' || state.startsWith('08') || state.startsWith('57P') || state === 'ECONNRESET';
  if (lost) {
    return {
      code: 'CT3004',
      severity: 'error',
      message: `the connection to "${instance}" was lost: ${message}`,
      hint: 'run apply again: it goes on from what the server has',
      instance,
    };
  }
  const hint =
    state === '55P03'
      ? 'another session holds a lock for more than 30 s: end it, or try again later'
      : state === '42501'
        ? 'the admin of this instance lacks a right: cotenant plan names the walls that it cannot build'
        : 'nothing of this unit was kept; mend the cause and run apply again';
  return {
    code: 'CT3003',
    severity: 'error',
    message: `"${instance}" refused a statement (SQLSTATE ${state}): ${message}`,
    ...(statement ? { expected: statement.text } : {}),
    hint,
    instance,
  };
}
