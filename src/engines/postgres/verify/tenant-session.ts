import { nextTick } from 'node:process';
import pg from 'pg';
import type { Target } from '../connect/connection.ts';
import { errorCode } from '../../../util/system.ts';
import { ident } from '../quote.ts';
import { connectWithKeys } from '../connect/scram-cache.ts';
import type { RoleSwitches } from './role-switches.ts';

/** Milliseconds that one statement of an attack may take, and that it may wait for a lock. */
const PATIENCE = 5000;
const LOCK_PATIENCE = 200;

export interface Answer {
  readonly ok: boolean;
  /** The SQLSTATE of the error, or ''. */
  readonly code: string;
  /** The server's message, or how many rows came. Never what was in them. */
  readonly text: string;
  /** The first row, for questions about rights. Not printed. */
  readonly first: readonly unknown[] | null;
  readonly rows: readonly (readonly unknown[])[];
}

/** A session with a tenant's own credentials. All of it happens in one transaction that is rolled back at the end. */
export class TenantSession implements AsyncDisposable {
  readonly #client: pg.Client;
  #others: readonly string[] = [];

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  /** Gives the session, or the server's refusal. */
  static async enter(target: Target, login: string, password: string, database: string, deadline: number): Promise<TenantSession | Answer> {
    const client = new pg.Client({
      host: target.host,
      port: target.port,
      ssl: target.ssl,
      user: login,
      password,
      database,
      application_name: 'cotenant verify',
      connectionTimeoutMillis: deadline,
      statement_timeout: PATIENCE,
      lock_timeout: LOCK_PATIENCE,
      pipeline: true,
    });
    client.on('error', () => undefined);
    try {
      await connectWithKeys(client, target);
      return new TenantSession(client);
    } catch (error) {
      client.end().catch(() => undefined);
      return refusal(error);
    }
  }

  /** READ WRITE: a login that is read-only by its own setting can lift that, so it is no wall. */
  async begin(): Promise<void> {
    await this.#client.query('BEGIN READ WRITE; SAVEPOINT cotenant_attempt');
  }

  /** Tells who else this session can be. */
  switchesTo({ roles, stronger }: RoleSwitches): void {
    this.#others = [...(stronger ? ['NONE'] : []), ...roles.map(ident)];
  }

  /** One statement, as everybody whom this session can be until one gets through. Undone at once; its error ends nothing. */
  async attempt(statement: string): Promise<Answer> {
    const first = await this.#once(statement);
    if (!DENIED.has(first.code)) return first;
    for (const other of this.#others) {
      const again = await this.#once(`SET LOCAL ROLE ${other}; ${statement}`);
      // Whatever it is, it is not a refusal for lack of a right.
      if (!DENIED.has(again.code)) return { ...again, text: `${again.text}, after SET ROLE ${other}` };
    }
    return first;
  }

  /** Many of them: sent without a wait in between, taken by the server one after the other. */
  async attempts(statements: readonly string[]): Promise<readonly Answer[]> {
    return await Promise.all(statements.map((statement) => this.attempt(statement)));
  }

  /** One question about rights: the rows that anybody whom this session can be gets for an answer. */
  async question(statement: string): Promise<Answer> {
    const first = await this.#once(statement);
    if (!first.ok) return first;
    const more = await Promise.all(this.#others.map((other) => this.#once(`SET LOCAL ROLE ${other}; ${statement}`)));
    const rows = [first, ...more].flatMap((answer) => answer.rows);
    return { ...first, rows, first: rows[0] ?? null };
  }

  /** What the attempt before it did is undone in the same message. */
  #once(statement: string): Promise<Answer> {
    return this.ask(`ROLLBACK TO SAVEPOINT cotenant_attempt; ${statement}`);
  }

  /** One statement as it is. What is asked in one go leaves in one piece. */
  ask(statement: string): Promise<Answer> {
    const { stream } = this.#client.connection;
    stream.cork();
    nextTick(() => stream.uncork());
    // Not the promise of the driver: it gives every refusal a stack of its own, and refusals are what is asked for.
    return new Promise((resolve) => {
      this.#client.query({ text: statement, rowMode: 'array' }, (error: Error | null, result) =>
        resolve(error ? refusal(error) : success(result)),
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.query('ROLLBACK').catch(() => undefined);
    await this.#client.end().catch(() => undefined);
  }
}

function success(result: pg.QueryArrayResult | readonly pg.QueryArrayResult[]): Answer {
  const last = Array.isArray(result) ? (result as readonly pg.QueryArrayResult[]).at(-1) : (result as pg.QueryArrayResult);
  const rows = last?.rows ?? [];
  return {
    ok: true,
    code: '',
    text: rows.length === 0 ? 'done' : `${rows.length} row${rows.length > 1 ? 's' : ''}`,
    first: rows[0] ?? null,
    rows,
  };
}

function refusal(error: unknown): Answer {
  return { ok: false, code: errorCode(error), text: error instanceof Error ? error.message : String(error), first: null, rows: [] };
}

/** Refused for lack of a right, by pg_hba, by a limit, or because row security says no. */
const DENIED = new Set(['42501', '28000', '53300']);

/** `denied` only where the code says that a wall stood; anything else that is not a success proves nothing. */
export function outcomeOf(answer: Answer): 'denied' | 'succeeded' | 'broken' {
  if (answer.ok) return 'succeeded';
  return DENIED.has(answer.code) ? 'denied' : 'broken';
}
