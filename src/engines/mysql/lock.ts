import { hostname, userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LockHolder, LockOutcome } from '../../engine/index.ts';
import type { Connection } from './connection.ts';
import { TABLE } from './kinds/ledger.ts';
import { literal } from './quote.ts';

/** Until the book is there, which no app can read: the first apply on a server is held up by whoever guesses this. */
const FIRST = 'cotenant first apply';
/** Milliseconds between two looks. */
const POLL = 50;
/** Milliseconds for what a dead run has left at work in the server. */
const ORPHANS = 40_000;
/** No such database, no such table. */
const NOT_THERE = new Set([1049, 1146]);

/** The name of the lock that a lane holds while it works: the server keeps it until a killed run's last statement has ended. */
export function laneLock(name: string): string {
  return `${name} lane`;
}

/** How this run calls itself, where the server shows it. */
export function programName(verb: string): string {
  return `cotenant ${verb} ${userInfo().username}@${hostname()} pid ${process.pid}`;
}

/** Names of locks are seen by all: with a part that only an operator can read, no app can hold an apply up. */
export async function lockName(connection: Connection): Promise<string> {
  try {
    const [row] = await connection.rows(`SELECT name FROM ${TABLE} WHERE kind = 'secret' ORDER BY name LIMIT 1`);
    return row ? `cotenant ${String(row['name'])}` : FIRST;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'errno' in error && NOT_THERE.has(Number(error.errno))) return FIRST;
    throw error;
  }
}

/** Takes the lock on this connection, which keeps it until it closes. */
export async function takeLock(connection: Connection, timeout: number, signal: AbortSignal): Promise<LockOutcome> {
  const end = performance.now() + timeout;
  let name = await lockName(connection);
  for (;;) {
    if (!(await wait(connection, name, end, signal))) return { ok: false, holder: await holderOf(connection, name) };
    // The one who held it before may have made the book, and with it another name.
    const now = await lockName(connection);
    if (now === name) break;
    await connection.rows(`SELECT RELEASE_LOCK(${literal(name)})`);
    name = now;
  }
  if (name !== FIRST) {
    const first = (await firstRun(connection, FIRST, end, signal)) ?? (await firstRun(connection, laneLock(FIRST), end + ORPHANS, signal));
    if (first) return { ok: false, holder: first };
  }
  if (!(await wait(connection, laneLock(name), end + ORPHANS, signal))) {
    const holder = await holderOf(connection, laneLock(name));
    return { ok: false, holder: holder && { ...holder, who: `a run that is gone, whose last statement still works, as ${holder.who}` } };
  }
  await connection.rows(`SELECT RELEASE_LOCK(${literal(laneLock(name))})`);
  return { ok: true, lock: connection };
}

/**
 * Who makes the book holds the first lock only: whoever finds the book, and takes its lock, waits for that run to end.
 * A holder who is no operator is no run.
 */
async function firstRun(connection: Connection, name: string, end: number, signal: AbortSignal): Promise<LockHolder | null> {
  for (;;) {
    const [row] = await connection.rows(
      `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE ID = IS_USED_LOCK(${literal(name)}) AND (USER = SUBSTRING_INDEX(CURRENT_USER(), '@', 1) OR USER IN (SELECT User FROM mysql.user WHERE Create_user_priv = 'Y'))`,
    );
    if (!row) return null;
    const left = end - performance.now();
    if (left <= 0 || signal.aborted) return await holderOf(connection, name);
    await sleep(Math.min(POLL, Math.max(1, left)));
  }
}

async function wait(connection: Connection, name: string, end: number, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    const [row] = await connection.rows(`SELECT GET_LOCK(${literal(name)}, 0) AS got`);
    if (String(row?.['got']) === '1') return true;
    const left = end - performance.now();
    if (left <= 0 || signal.aborted) return false;
    await sleep(Math.min(POLL, Math.max(1, left)));
  }
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
