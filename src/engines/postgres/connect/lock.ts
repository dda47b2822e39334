import { createHash } from 'node:crypto';
import { type LockHolder, type LockOutcome, type Wait, waitUntilFree } from '../../../engine/index.ts';
import type { Connection } from './connection.ts';
import { literal } from '../quote.ts';

/** "cote" as a number: the first half of the advisory locks' keys. The second half is 0 for the whole server. */
const SPACE = 0x636f7465;

/** The database in which runs lock each other out. No app may enter it. */
export const LOCK_DATABASE = 'postgres';

/** Milliseconds for what a dead run has left at work in the server. Its own wait for a lock ends before. */
const LEFTOVERS = 40_000;
/** Connections that change something are known by it; those of an act on one app say whose they are. */
const LANE = 'cotenant lane';

const SINCE = `to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

/** Second halves of keys: the app's own first. null: the whole server. */
export type Scope = readonly number[] | null;

export function scopeOf(names: readonly string[]): Scope {
  return [...new Set(names.map((name) => createHash('sha256').update(name).digest().readInt32BE(0) || 1))];
}

/** How the connections of a run are called that change something. */
export function laneName(scope: Scope): string {
  return scope === null ? LANE : `${LANE} ${(scope[0] ?? 0) >>> 0}`;
}

/** The connection keeps the lock until it closes. Where there is none, it holds nothing. */
export async function takeLock(connection: Connection, scope: Scope, wait: Wait): Promise<LockOutcome> {
  const isHeld = await waitUntilFree(wait, async () => ((await tryOnce(connection, scope)) ? null : true));
  if (isHeld) return { ok: false, holder: await holderOf(connection, scope) };
  const left = await waitUntilFree({ ...wait, end: wait.end + LEFTOVERS }, async () => await leftovers(connection, scope));
  return left ? { ok: false, holder: left } : { ok: true, lock: connection };
}

/** An act on an app holds the lock of the whole server with all others of its kind, and what is its own alone. Never a part of it. */
async function tryOnce(connection: Connection, scope: Scope): Promise<boolean> {
  const whole = scope === null ? 'pg_try_advisory_lock' : 'pg_try_advisory_lock_shared';
  const [first] = await connection.rows(`SELECT pg_catalog.${whole}(${SPACE}, 0)`);
  if (first?.[0]?.[0] !== true) return false;
  if (scope === null) return true;
  const [own] = await connection.rows(`SELECT ${scope.map((key) => `pg_catalog.pg_try_advisory_lock(${SPACE}, ${key})`).join(', ')}`);
  if (own?.[0]?.every((got) => got === true) === true) return true;
  await connection.rows('SELECT pg_catalog.pg_advisory_unlock_all()');
  return false;
}

const HERE = 'l.database = (SELECT oid FROM pg_database WHERE datname = current_database())';

async function holderOf(connection: Connection, scope: Scope): Promise<LockHolder | null> {
  const inTheWay =
    scope === null
      ? 'true'
      : `(l.objid = 0 AND l.mode = 'ExclusiveLock' OR l.objid::int8 IN (${scope.map((key) => key >>> 0).join(', ')}))`;
  const [rows] = await connection.rows(
    `SELECT a.application_name, ${SINCE} FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.classid = ${SPACE} AND l.granted AND l.pid <> pg_backend_pid() AND ${HERE} AND ${inTheWay}
     ORDER BY a.backend_start LIMIT 1`,
  );
  return holder(rows?.[0]);
}

/**
 * The server finishes what a killed run has sent. Looking before it is done would see half of it. The lanes of an act on an
 * app whose lock somebody else holds are alive.
 */
async function leftovers(connection: Connection, scope: Scope): Promise<LockHolder | null> {
  const alive = `EXISTS (SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = ${SPACE} AND l.granted AND l.pid <> pg_backend_pid() AND ${HERE}
    AND a.application_name = ${literal(`${LANE} `)} || l.objid::int8::text)`;
  const [rows] = await connection.rows(
    `SELECT 'a run that is gone, whose last statement still works', ${SINCE} FROM pg_stat_activity a
     WHERE (a.application_name = '${LANE}' OR starts_with(a.application_name, '${LANE} ')) AND a.usename = session_user
       AND ${scope === null ? 'true' : `NOT ${alive}`} ORDER BY a.backend_start LIMIT 1`,
  );
  return holder(rows?.[0]);
}

function holder(row: readonly unknown[] | undefined): LockHolder | null {
  return row ? { who: String(row[0]), since: String(row[1]) } : null;
}
