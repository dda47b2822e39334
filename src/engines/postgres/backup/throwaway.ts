import { setTimeout as sleep } from 'node:timers/promises';
import { type BackupContext, type DrillOf, isDrillName } from '../../../engine/index.ts';
import type { Connection } from '../connect/connection.ts';
import { errorCode } from '../../../util/system.ts';
import { ident, literal } from '../quote.ts';

/** With the rest of its name a drill's database has 63 bytes, the most that the server takes. */
export const DRILL = 'cotenant_drill_';
/** How often it is tried to remove a database in which others are. The server waits 5 s for them each time. */
const TRIES = 3;
/** Milliseconds between two looks whether pg_restore is connected. */
const LOOK = 20;

/**
 * Removes what earlier drills of this app have left, and nothing else: a database has a name that only they could give, and belongs
 * to the operator. Nobody is thrown out of one; what others are in stays for the next drill.
 */
export async function sweepDrills(operator: Connection, of: DrillOf, context: BackupContext): Promise<void> {
  const [databases = [], roles = []] = await operator.rows(
    `SELECT datname FROM pg_catalog.pg_database WHERE datdba = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user) AND pg_catalog.starts_with(datname, ${literal(DRILL)});
    SELECT rolname FROM pg_catalog.pg_roles WHERE pg_catalog.starts_with(rolname, ${literal(DRILL)})`,
  );
  for (const [name] of databases) if (isDrillName(DRILL, of, String(name))) await removeDrill(operator, String(name), context);
  for (const [name] of roles) if (isDrillName(DRILL, of, String(name))) await dropUnused(operator, String(name));
}

/** Of a login of ours, whose process may be gone or have given up. */
export async function endSessions(operator: Connection, login: string): Promise<void> {
  await operator.rows(`SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usename = ${literal(login)}`);
}

/** Removes the database and the login of a drill. */
export async function removeDrill(operator: Connection, name: string, context: BackupContext): Promise<void> {
  if (await removeDatabase(operator, name)) await dropUnused(operator, name);
  else context.say(`somebody is still connected to database "${name}" of this drill: the next one removes it`);
}

/** False where somebody is connected to it. */
async function removeDatabase(operator: Connection, name: string): Promise<boolean> {
  const [[[open] = []] = []] = await operator.rows(`SELECT datallowconn FROM pg_catalog.pg_database WHERE datname = ${literal(name)}`);
  if (open === true) await operator.rows(`ALTER DATABASE ${ident(name)} ALLOW_CONNECTIONS false`);
  for (let tries = 1; ; tries += 1) {
    try {
      await operator.rows(`DROP DATABASE IF EXISTS ${ident(name)}`);
      return true;
    } catch (error) {
      if (errorCode(error) !== '55006') throw error;
      if (tries === TRIES) return false;
    }
  }
}

/** A login that something belongs to is somebody's, or stays with its database. */
async function dropUnused(operator: Connection, name: string): Promise<void> {
  try {
    await operator.rows(`DROP ROLE IF EXISTS ${ident(name)}`);
  } catch (error) {
    if (errorCode(error) !== '2BP01') throw error;
  }
}

/**
 * Closes the drill's database as soon as both who work in it are connected: whoever goes through all databases of the server, as a
 * backup of the whole does, leaves it out, and does not fail when it goes.
 */
export async function closeBehind(operator: Connection, name: string, login: string, done: AbortSignal): Promise<void> {
  while (!done.aborted) {
    const [[[sessions] = []] = []] = await operator.rows(
      `SELECT count(*)::int FROM pg_catalog.pg_stat_activity WHERE datname = ${literal(name)} AND usename = ${literal(login)}`,
    );
    if (Number(sessions) > 1) {
      await operator.rows(`ALTER DATABASE ${ident(name)} ALLOW_CONNECTIONS false`);
      return;
    }
    await sleep(LOOK);
  }
}
