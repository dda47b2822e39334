import { createHash } from 'node:crypto';
import { type LockHolder, type LockOutcome, type Wait, waitUntilFree } from '../../../engine/index.ts';
import type { Connection } from './connection.ts';
import { TABLE } from '../kinds/ledger.ts';
import { ledgerForm } from '../observe/ledger.ts';
import { exactly, literal } from '../quote.ts';

/** Until the ledger exists, which no app can read: the first apply on a server is held up by whoever guesses this. */
const FIRST = 'cotenant first apply';
/** Milliseconds for what a dead run has left at work in the server. */
const ORPHANS = 40_000;
/** No such database, no such table. */
const NOT_THERE = new Set([1049, 1146]);

/** What an act on one app locks: numbers of places, the app's own first. null: the whole server. */
export type Scope = readonly number[] | null;

/**
 * The server has no lock that many share. An act on one app takes places by number, and then looks that nobody has the lock of
 * the whole; whoever has that waits until no place is taken. One of the two sees the other.
 */
const PLACES = 4096;
/** Numbers from 0 on, as rows. */
const NUMBERS = `(WITH RECURSIVE digits (d) AS (SELECT 0 UNION ALL SELECT d + 1 FROM digits WHERE d < 63) SELECT a.d * 64 + b.d AS n FROM digits a, digits b)`;

export function scopeOf(names: readonly string[]): Scope {
  return [...new Set(names.map((name) => createHash('sha256').update(name).digest().readUInt32BE(0) % PLACES))];
}

/** The name of the lock that a lane holds while it works: the server keeps it until a killed run's last statement has ended. */
export function laneLock(name: string, scope: Scope): string {
  return scope === null ? `${name} lane` : `${name} lane ${scope[0] ?? 0}`;
}

/** Names of locks are seen by all: with a part that only an operator can read, no app can hold an apply up. */
export async function lockName(connection: Connection): Promise<string> {
  try {
    if ((await ledgerForm(connection)) !== 'ours') return FIRST;
    const [row] = await connection.rows(`SELECT name FROM ${TABLE} WHERE kind = 'secret' ORDER BY name LIMIT 1`);
    return row ? `cotenant ${String(row['name'])}` : FIRST;
  } catch (error) {
    // Dropped in between.
    if (typeof error === 'object' && error !== null && 'errno' in error && NOT_THERE.has(Number(error.errno))) return FIRST;
    throw error;
  }
}

/** Takes the lock on this connection, which keeps it until it closes. */
export async function takeLock(connection: Connection, { scope, end, signal }: ScopedWait): Promise<LockOutcome> {
  let name = await lockName(connection);
  for (;;) {
    const held = await takeAll(connection, name, { scope, end, signal });
    if (held !== null) return { ok: false, holder: await holderOf(connection, held) };
    // The one who held it before may have created the ledger, and with it another name.
    const now = await lockName(connection);
    if (now === name) break;
    await connection.rows('SELECT RELEASE_ALL_LOCKS()');
    name = now;
  }
  if (name !== FIRST) {
    const late = { end: end + ORPHANS, signal };
    const first = (await firstRun(connection, FIRST, { end, signal })) ?? (await firstRun(connection, laneLock(FIRST, null), late));
    if (first) return { ok: false, holder: first };
  }
  const lane = await busyLane(connection, name, { scope, end: end + ORPHANS, signal });
  if (lane === null) return { ok: true, lock: released(connection) };
  const holder = await holderOf(connection, lane);
  return { ok: false, holder: holder && { ...holder, who: `a run that is gone, whose last statement still works, as ${holder.who}` } };
}

/** Given back before the connection closes: the server would hold it until it has seen that, and the next run would find it taken. */
function released(connection: Connection): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => {
      await connection.rows('SELECT RELEASE_ALL_LOCKS()').catch(() => undefined);
      await connection[Symbol.asyncDispose]();
    },
  };
}

interface ScopedWait extends Wait {
  readonly scope: Scope;
}

/** null: all of it is held. Else the name of a lock that somebody else has, and nothing is. */
async function takeAll(connection: Connection, name: string, { scope, ...wait }: ScopedWait): Promise<string | null> {
  if (scope === null) {
    const held = await waitUntilFree(wait, async () => ((await got(connection, [name])) ? null : name));
    return held ?? (await waitUntilFree(wait, async () => await taken(connection, `${name} app `)));
  }
  const places = scope.map((place) => `${name} app ${place}`);
  return await waitUntilFree(wait, async () => {
    const mine = await got(connection, places);
    const other = mine ? await usedOf(connection, [name]) : await usedOf(connection, [...places, name]);
    if (mine && other === null) return null;
    await connection.rows('SELECT RELEASE_ALL_LOCKS()');
    return other ?? name;
  });
}

/** The lane of a run that is gone. Of an act on one app, its own and those of whole runs count: no other can be about the same. */
async function busyLane(connection: Connection, name: string, { scope, ...wait }: ScopedWait): Promise<string | null> {
  const whole = laneLock(name, null);
  if (scope !== null)
    return await waitUntilFree(wait, async () => await usedOf(connection, [whole, ...scope.map((one) => laneLock(name, [one]))]));
  return await waitUntilFree(wait, async () => (await usedOf(connection, [whole])) ?? (await taken(connection, `${whole} `)));
}

/** All of them, or none is new. */
async function got(connection: Connection, names: readonly string[]): Promise<boolean> {
  const [row] = await connection.rows(`SELECT ${names.map((one) => `GET_LOCK(${literal(one)}, 0) = 1`).join(' AND ')} AS got`);
  return String(row?.['got']) === '1';
}

/** The first of them that another connection has. */
async function usedOf(connection: Connection, names: readonly string[]): Promise<string | null> {
  const others = names.map((one) => `IF(COALESCE(IS_USED_LOCK(${literal(one)}), 0) NOT IN (0, CONNECTION_ID()), ${literal(one)}, NULL)`);
  const [row] = await connection.rows(`SELECT COALESCE(${others.join(', ')}, NULL) AS used`);
  return typeof row?.['used'] === 'string' ? row['used'] : null;
}

/** The first place with a name that begins like this which somebody has. */
async function taken(connection: Connection, beginning: string): Promise<string | null> {
  const [row] = await connection.rows(
    `SELECT CONCAT(${literal(beginning)}, n) AS used FROM ${NUMBERS} AS places WHERE IS_USED_LOCK(CONCAT(${literal(beginning)}, n)) IS NOT NULL LIMIT 1`,
  );
  return typeof row?.['used'] === 'string' ? row['used'] : null;
}

/**
 * Who creates the ledger holds the first lock only: whoever finds the ledger, and takes its lock, waits for that run to end.
 * A holder who is no operator is no run.
 */
async function firstRun(connection: Connection, name: string, wait: Wait): Promise<LockHolder | null> {
  const held = await waitUntilFree(wait, async () => {
    const [row] = await connection.rows(
      `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE ID = IS_USED_LOCK(${literal(name)}) AND (${exactly('USER')} = ${exactly("SUBSTRING_INDEX(CURRENT_USER(), '@', 1)")} OR ${exactly('USER')} IN (SELECT ${exactly('User')} FROM mysql.user WHERE Create_user_priv = 'Y'))`,
    );
    return row ?? null;
  });
  return held && (await holderOf(connection, name));
}

/** Its connection has done nothing since it took the lock: how long it sleeps is how long it has it. */
async function holderOf(connection: Connection, name: string): Promise<LockHolder | null> {
  const [row] = await connection.rows(
    `SELECT ID AS id, USER AS user_, HOST AS host_, DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL TIME SECOND, '%Y-%m-%dT%H:%i:%sZ') AS since FROM information_schema.PROCESSLIST WHERE ID = IS_USED_LOCK(${literal(name)})`,
  );
  if (!row) return null;
  const called = await connection
    .rows(
      `SELECT ATTR_VALUE AS name FROM performance_schema.session_connect_attrs WHERE ATTR_NAME = 'program_name' AND PROCESSLIST_ID = ${Number(row['id'])}`,
    )
    .catch(() => []);
  const who = called[0] ? String(called[0]['name']) : `${String(row['user_'])} from ${String(row['host_'])}`;
  return { who, since: String(row['since']) };
}
