import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LockHolder, LockOutcome } from '../../engine/index.ts';
import type { Connection } from './connection.ts';
import { RESERVED } from './names.ts';

/** In database 0, under the prefix that no app can have. */
export const LOCK_KEY = `${RESERVED}:lock`;

/** Milliseconds after which a lock whose holder says nothing any more is gone, and between two signs of life. */
const LIFE = 15_000;
const SIGN = 5_000;
/** Milliseconds between two looks at a lock that somebody else holds. */
const POLL = 50;

/** One apply at a time. The value says who holds it, and by which connection: where that is gone, the lock is free. */
export class Lock implements AsyncDisposable {
  /** What the key holds as long as the lock is this one's. */
  readonly value: string;
  readonly #connection: Connection;
  readonly #timer: NodeJS.Timeout;

  private constructor(connection: Connection, value: string) {
    this.#connection = connection;
    this.value = value;
    this.#timer = setInterval(() => void this.#stay().catch(() => undefined), SIGN);
    this.#timer.unref();
  }

  /** The name of the connection that takes a lock. */
  static name(): string {
    return `${RESERVED}-lock-${randomBytes(8).toString('hex')}`;
  }

  /** `connection`: one of its own, by the name `name`. It is closed with the lock, or where there is none. */
  static async take(
    connection: Connection,
    name: string,
    verb: string,
    timeout: number,
    signal: AbortSignal,
  ): Promise<LockOutcome & { readonly lock?: Lock }> {
    const since = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const client = Number(await connection.send('CLIENT', 'ID'));
    const value = JSON.stringify({ who: `cotenant ${verb} ${userInfo().username}@${hostname()} pid ${process.pid}`, since, client, name });
    const end = Date.now() + timeout;
    for (;;) {
      if ((await connection.send('SET', LOCK_KEY, value, 'NX', 'PX', String(LIFE))) === 'OK')
        return { ok: true, lock: new Lock(connection, value) };
      const held = await connection.send('GET', LOCK_KEY);
      if (
        typeof held === 'string' &&
        (await isLeft(connection, held)) &&
        (await replace(connection, held, ['SET', LOCK_KEY, value, 'PX', String(LIFE)]))
      ) {
        return { ok: true, lock: new Lock(connection, value) };
      }
      if (Date.now() >= end || signal.aborted) {
        await connection[Symbol.asyncDispose]();
        return { ok: false, holder: typeof held === 'string' ? holderIn(held) : null };
      }
      await sleep(Math.min(POLL, Math.max(1, end - Date.now())));
    }
  }

  get alive(): boolean {
    return this.#connection.alive;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    if (this.alive) await replace(this.#connection, this.value, ['DEL', LOCK_KEY]).catch(() => undefined);
    await this.#connection[Symbol.asyncDispose]();
  }

  async #stay(): Promise<void> {
    await replace(this.#connection, this.value, ['PEXPIRE', LOCK_KEY, String(LIFE)]);
  }
}

/** Runs a command on the lock where it is still what it was; says whether it did. */
async function replace(connection: Connection, was: string, command: readonly string[]): Promise<boolean> {
  const [, now] = await connection.pipeline([
    ['WATCH', LOCK_KEY],
    ['GET', LOCK_KEY],
  ]);
  if (now !== was) {
    await connection.send('UNWATCH');
    return false;
  }
  const answers = await connection.pipeline([['MULTI'], command, ['EXEC']]);
  return Array.isArray(answers.at(-1));
}

/**
 * True where the connection that took the lock is gone: its run was killed. And where it was never one of an
 * administrator's: an app that reaches database 0 could write the key too.
 */
async function isLeft(connection: Connection, held: string): Promise<boolean> {
  const { client, name } = fieldsOf(held);
  if (client === null || name === null) return true;
  const list = await connection.send('CLIENT', 'LIST', 'ID', String(client));
  const line = typeof list === 'string' ? ` ${list}` : '';
  const user = / user=(\S+)/.exec(line)?.[1];
  if (!line.includes(` name=${name} `) || user === undefined) return true;
  return (await connection.send('ACL', 'DRYRUN', user, 'ACL', 'LIST')) !== 'OK';
}

function holderIn(held: string): LockHolder | null {
  const { who, since } = fieldsOf(held);
  return who === null ? null : { who, since: since ?? '' };
}

interface Fields {
  readonly who: string | null;
  readonly since: string | null;
  readonly client: number | null;
  readonly name: string | null;
}

function fieldsOf(held: string): Fields {
  const nothing: Fields = { who: null, since: null, client: null, name: null };
  try {
    const value: unknown = JSON.parse(held);
    if (typeof value !== 'object' || value === null) return nothing;
    const text = (key: string): string | null => {
      const member: unknown = Reflect.get(value, key);
      return typeof member === 'string' ? member : null;
    };
    const client: unknown = Reflect.get(value, 'client');
    return { who: text('who'), since: text('since'), client: typeof client === 'number' ? client : null, name: text('name') };
  } catch {
    return nothing;
  }
}
