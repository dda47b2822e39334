import { type DriverConnection, openDriver, type Row } from '../connect/connection.ts';
import type { Place } from '../connect/target.ts';
import { errorNumber } from '../connect/trouble.ts';

/** Seconds that one statement of an attack may wait for a lock. */
const LOCK_PATIENCE = 2;

export interface Answer {
  readonly ok: boolean;
  /** The server's error number as text, or ''. */
  readonly code: string;
  /** The server's message, or how many rows came. Never what was in them. */
  readonly text: string;
  readonly rows: readonly Row[];
}

/** A session with a tenant's own credentials. */
export class TenantSession implements AsyncDisposable {
  readonly #driver: DriverConnection;
  #roles: readonly string[] = [];

  private constructor(driver: DriverConnection) {
    this.#driver = driver;
  }

  /** Gives the session, or the server's refusal. */
  static async enter(place: Place, user: string, password: string, deadline: number): Promise<TenantSession | Answer> {
    try {
      const session = new TenantSession(await openDriver({ ...place, user, password }, 'cotenant verify', deadline));
      await session.ask(`SET SESSION lock_wait_timeout = ${LOCK_PATIENCE}`);
      await session.#readRoles();
      return session;
    } catch (error) {
      return refusal(error);
    }
  }

  /** Every role that this session can take on. */
  async #readRoles(): Promise<void> {
    const { rows } = await this.ask('SELECT DISTINCT ROLE_NAME AS role FROM information_schema.APPLICABLE_ROLES');
    this.#roles = rows.map((row) => String(row['role'])).filter((role) => role !== '' && role !== 'PUBLIC');
    // MySQL can take on all at once; MariaDB one at a time.
    if (this.#roles.length > 0 && (await this.ask('SET ROLE ALL')).ok) this.#roles = [];
  }

  /** One statement, as everybody whom this session can be until one gets through. */
  async attempt(statement: string): Promise<Answer> {
    const first = await this.ask(statement);
    if (!DENIED.has(first.code)) return first;
    for (const role of this.#roles) {
      await this.ask(`SET ROLE \`${role.replaceAll('`', '``')}\``);
      const again = await this.ask(statement);
      await this.ask('SET ROLE NONE');
      if (!DENIED.has(again.code)) return { ...again, text: `${again.text}, after SET ROLE ${role}` };
    }
    return first;
  }

  /** One statement as it is. */
  async ask(statement: string): Promise<Answer> {
    try {
      const [result] = await this.#driver.query(statement);
      const rows = Array.isArray(result) ? (result as readonly Row[]) : [];
      return { ok: true, code: '', text: rows.length === 0 ? 'done' : `${rows.length} row${rows.length > 1 ? 's' : ''}`, rows };
    } catch (error) {
      return refusal(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#driver.end().catch(() => undefined);
  }
}

function refusal(error: unknown): Answer {
  const number = errorNumber(error);
  return { ok: false, code: number === 0 ? '' : String(number), text: error instanceof Error ? error.message : String(error), rows: [] };
}

/** Refused for lack of a right, or at the door. A limit that is reached, or a server that is full, says nothing of either. */
const DENIED = new Set(['1044', '1045', '1095', '1142', '1143', '1227', '1370', '1698', '3118', '3530', '1959', '3159', '3955', '4151']);

/**
 * `denied` only where the code says that a wall stood. `passed`: codes of errors that come only after the question of rights
 * was answered with yes. Anything else that is not a success proves nothing.
 */
export function outcomeOf(answer: Answer, passed: readonly number[] = []): 'denied' | 'succeeded' | 'broken' {
  // A server that takes no writes says so before it asks for a right, with a number that others come with after it.
  if (answer.code === '1290' && /--(?:super-)?read[-_]only/.test(answer.text)) return 'broken';
  if (answer.ok || passed.includes(Number(answer.code))) return 'succeeded';
  return DENIED.has(answer.code) ? 'denied' : 'broken';
}
