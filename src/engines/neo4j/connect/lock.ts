import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LockHolder, type LockOutcome, runName } from '../../../engine/index.ts';
import { lookUp } from '../../../util/record.ts';
import type { Open } from './client.ts';
import type { Connection } from './connection.ts';

/** Milliseconds after which the server ends the transaction of a holder that says nothing any more, and between two signs of life. */
const LIFE = 60_000;
const SIGN = 20_000;
/** Milliseconds between two looks at a lock that somebody else holds. */
const POLL = 200;
/** How often it is tried again where two have tried at once, though there is no time to wait. */
const TRIES = 10;

const ALIVE = { text: 'SHOW CURRENT USER YIELD user RETURN user' };

interface Waiting {
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/**
 * One apply at a time. The lock is an open transaction that says so in its metadata, which everybody sees who sees transactions: nothing
 * is written for it, it ends with its connection, and the server ends it after a minute where nobody begins the next one.
 */
export class Lock implements AsyncDisposable {
  readonly connection: Connection;
  readonly #metadata: Readonly<Record<string, string>>;
  readonly #timer: NodeJS.Timeout;
  #open: Open;
  #renewing: Promise<void> = Promise.resolve();

  private constructor(connection: Connection, metadata: Readonly<Record<string, string>>, open: Open) {
    this.connection = connection;
    this.#metadata = metadata;
    this.#open = open;
    this.#timer = setInterval(() => {
      this.#renewing = this.#renew().catch(() => undefined);
    }, SIGN);
    this.#timer.unref();
  }

  /** `connection`: one of its own. It is closed with the lock, or where there is none. */
  static async take(connection: Connection, verb: string, { timeout, signal }: Waiting): Promise<LockOutcome & { readonly lock?: Lock }> {
    const since = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const id = randomBytes(8).toString('hex');
    const metadata = { cotenant: 'lock', id, who: runName(verb), since };
    const end = Date.now() + timeout;
    for (let lost = 0; ; ) {
      let other = await holder(connection, id);
      if (other === undefined) {
        // Begun first and looked after it: of two that try at once, one at least sees the other.
        const open = await connection.begin(metadata, LIFE);
        await open.run(ALIVE);
        other = await holder(connection, id);
        if (other === undefined) return { ok: true, lock: new Lock(connection, metadata, open) };
        await open.close();
        lost += 1;
        await sleep(Math.random() * POLL);
        if (lost < TRIES) continue;
      }
      if (Date.now() >= end || signal.aborted) return { ok: false, holder: other };
      await sleep(Math.min(POLL, Math.max(1, end - Date.now())));
    }
  }

  /** Asks the server: a transaction that it has ended holds nothing. */
  async isHeld(): Promise<boolean> {
    await this.#renewing;
    return await this.#open.run(ALIVE).then(
      () => true,
      () => false,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
    await this.#open.close();
    await this.connection[Symbol.asyncDispose]();
  }

  async #renew(): Promise<void> {
    const next = await this.connection.begin(this.#metadata, LIFE);
    await next.run(ALIVE);
    const before = this.#open;
    this.#open = next;
    await before.close();
  }
}

/** Who else holds the lock; null: it does not say who; undefined: nobody. */
async function holder(connection: Connection, id: string): Promise<LockHolder | null | undefined> {
  const rows = await connection.run({ text: 'SHOW TRANSACTIONS YIELD metaData, status RETURN metaData, status' });
  for (const { metaData, status } of rows) {
    const data = typeof metaData === 'object' && metaData !== null ? (metaData as Readonly<Record<string, unknown>>) : {};
    if (lookUp(data, 'cotenant') !== 'lock' || lookUp(data, 'id') === id || String(status).startsWith('Terminated')) continue;
    const [who, since] = [lookUp(data, 'who'), lookUp(data, 'since')];
    return typeof who === 'string' && typeof since === 'string' ? { who, since } : null;
  }
  return undefined;
}
