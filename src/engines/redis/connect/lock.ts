import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LockHolder, type LockOutcome, runName } from '../../../engine/index.ts';
import type { Connection } from './connection.ts';
import { RESERVED } from '../names.ts';
import { sha256 } from '../../../util/canonical.ts';

/** What the name of the connection that holds the lock begins with. The rest says who, and since when. */
const HOLDS = `${RESERVED}-holds:`;

/** Seconds after which a holder that says nothing any more is gone, and milliseconds between two signs of life. */
const LIFE = 15;
const SIGN = 5_000;
/** Milliseconds between two looks at a lock that somebody else holds. */
const POLL = 50;
/** How often it is tried again where two have tried at once, though there is no time to wait. */
const TRIES = 10;

interface Waiting {
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Left out, or none: the whole server. */
  readonly only?: readonly string[];
}

const digest = (name: string): string => sha256(name).slice(0, 16);

/**
 * One apply at a time, or one act on each app. The lock is the name of a connection: no key is written for it, so a full memory is in nobody's way,
 * and it ends with the connection. Everything that changes the server runs on that same connection: where the lock is gone,
 * so is every command that was under way.
 */
export class Lock implements AsyncDisposable {
  readonly connection: Connection;
  readonly #timer: NodeJS.Timeout;

  private constructor(connection: Connection) {
    this.connection = connection;
    this.#timer = setInterval(() => void connection.send('PING').catch(() => undefined), SIGN);
    this.#timer.unref();
  }

  /** The name of a connection that waits for the lock. */
  static name(): string {
    return `${RESERVED}-lock-${randomBytes(8).toString('hex')}`;
  }

  /** `connection`: one of its own, by the name `name`. It is closed with the lock, or where there is none. */
  static async take(
    connection: Connection,
    name: string,
    verb: string,
    { timeout, signal, only = [] }: Waiting,
  ): Promise<LockOutcome & { readonly lock?: Lock }> {
    const since = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const who = runName(verb);
    const scope = only.map(digest);
    const held = `${HOLDS}${encodeURIComponent(who)}:${encodeURIComponent(since)}${scope.length === 0 ? '' : `:${scope.join(',')}`}`;
    const id = String(await connection.send('CLIENT', 'ID'));
    const end = Date.now() + timeout;
    for (let lost = 0; ; ) {
      let [other] = await holders(connection, await connection.send('CLIENT', 'LIST'), id, scope);
      if (other && other.idle > LIFE) {
        // Its machine is gone, or it has stopped: with the connection ends what it may still have under way.
        await connection.send('CLIENT', 'KILL', 'ID', other.id);
        continue;
      }
      if (!other) {
        // Named first and looked after it: of two that try at once, one at least sees the other. Not as a transaction: where
        // the memory is full, some servers refuse to queue anything.
        const [named, list] = await connection.pipeline([
          ['CLIENT', 'SETNAME', held],
          ['CLIENT', 'LIST'],
        ]);
        for (const answer of [named, list]) if (answer instanceof Error) throw answer;
        [other] = await holders(connection, list, id, scope);
        if (!other) return { ok: true, lock: new Lock(connection) };
        await connection.send('CLIENT', 'SETNAME', name);
        lost += 1;
        await sleep(Math.random() * POLL);
        if (lost < TRIES) continue;
      }
      if (Date.now() >= end || signal.aborted) return { ok: false, holder: other.holder };
      await sleep(Math.min(POLL, Math.max(1, end - Date.now())));
    }
  }

  get alive(): boolean {
    return this.connection.alive;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    // The server may see the end of a connection a moment later than this run does.
    if (this.alive) await this.connection.send('CLIENT', 'SETNAME', Lock.name()).catch(() => undefined);
    await this.connection[Symbol.asyncDispose]();
  }
}

interface Other {
  readonly id: string;
  /** Seconds since it last said something. */
  readonly idle: number;
  readonly holder: LockHolder | null;
}

/**
 * The connections in CLIENT LIST that hold a lock which excludes this one, without one's own. Anybody may call a connection so:
 * an administrator's counts. `scope`: as `Waiting.only`, in the form in which it stands in the name.
 */
async function holders(connection: Connection, list: unknown, own: string, scope: readonly string[]): Promise<readonly Other[]> {
  const found = String(list)
    .split('\n')
    .flatMap((line) => {
      const field = (name: string): string => new RegExp(`(?:^| )${name}=(\\S*)`).exec(line)?.[1] ?? '';
      const id = field('id');
      if (!field('name').startsWith(HOLDS) || id === own) return [];
      const [, , theirs = ''] = field('name').slice(HOLDS.length).split(':');
      if (scope.length > 0 && theirs !== '' && !theirs.split(',').some((one) => scope.includes(one))) return [];
      return [{ id, user: field('user'), idle: Number(field('idle')), holder: holderIn(field('name').slice(HOLDS.length)) }];
    });
  const users = [...new Set(found.map(({ user }) => user))];
  const answers = await connection.pipeline(users.map((user) => ['ACL', 'DRYRUN', user, 'ACL', 'LIST']));
  const admins = new Set(users.filter((_, index) => answers[index] === 'OK'));
  return found.filter(({ user }) => admins.has(user));
}

function holderIn(text: string): LockHolder | null {
  const [who = '', since = ''] = text.split(':');
  try {
    return who === '' ? null : { who: decodeURIComponent(who), since: decodeURIComponent(since) };
  } catch {
    return null;
  }
}
