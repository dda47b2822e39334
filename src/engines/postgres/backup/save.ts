import { setTimeout as sleep } from 'node:timers/promises';
import { type DiagnosticError, fail, type SavedPart } from '../../../model/index.ts';
import { join } from 'node:path';
import type { BackupContext, InstanceInput } from '../../../engine/index.ts';
import { explained } from '../../../engine/index.ts';
import type { Config, Placement } from '../config.ts';
import type { Connection } from '../connect/connection.ts';
import { expected } from '../connect/trouble.ts';
import { runClient } from './client.ts';
import { castsIn } from './definitions.ts';
import { errorCode } from '../../../util/system.ts';
import { nameArray, qualified } from '../quote.ts';
import { largeObjects, objectsIn } from './objects.ts';
import { DUMP, type Place } from './place.ts';
import { clientsFor } from './programs.ts';
import { loginOf, openAs, placeOf } from './session.ts';

/** How often it is tried where somebody changes tables meanwhile. */
const TRIES = 4;
/** Milliseconds for whoever waited to get done. */
const PAUSE = 2000;

/** Dump, hashes and place of one snapshot of the database. */
export async function save(input: InstanceInput<Config, Placement>, app: string, context: BackupContext): Promise<SavedPart> {
  const login = await loginOf(input, app, context);
  const attempt = async (): Promise<SavedPart | GaveWay> => {
    await using connection = await openAs(login, context);
    return await explained(saveOnce(connection, { input, login, context }), (error) => expected(error, input.name));
  };
  for (let tries = 1; ; tries += 1) {
    const found = await attempt();
    if (!(found instanceof GaveWay)) return found;
    if (tries === TRIES) throw found.cause;
    context.say('somebody changes a table: letting them through, and trying again');
    await sleep(PAUSE, undefined, { signal: context.signal });
  }
}

/** The dump waited behind somebody who waited for it, or who holds a table for himself. */
class GaveWay {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}

interface Saving {
  readonly input: InstanceInput<Config, Placement>;
  readonly login: Awaited<ReturnType<typeof loginOf>>;
  readonly context: BackupContext;
}

async function saveOnce(session: Connection, { input, login, context }: Saving): Promise<SavedPart | GaveWay> {
  const clients = await clientsFor(Math.floor(session.version / 10_000), context.programs, input.name);
  const place = await placeOf(session, login);
  const at = new Date().toISOString();
  const snapshot = await openSnapshot(session, place.schemas, login.roles);
  if (snapshot === null) return new GaveWay(locked(input.name));
  const point = await pointOf(session);
  const large = await largeObjects(session, login.roles);
  context.say(`dumping ${place.schemas.map((schema) => `"${schema}"`).join(', ')} of database "${login.database}"`);
  try {
    await runClient(clients.dump, dumpArgs(place, snapshot, large.length > 0 && login.whole, context), login.env, context, input.name);
  } catch (error) {
    if (await isWaitedFor(session)) return new GaveWay(error);
    throw error;
  }
  const objects = await objectsIn(session, place.schemas, login.whole ? large : []);
  const [casts = []] = await session.rows(castsIn(place.schemas));
  await session.rows('ROLLBACK');
  return {
    engine: 'postgres',
    instance: input.name,
    server: `${Math.floor(session.version / 10_000)}.${session.version % 10_000}`,
    tool: `pg_dump ${clients.version}`,
    point,
    at,
    place,
    objects,
    left: [
      ...(large.length > 0 && !login.whole ? [`${large.length} large objects: a shared database's cannot be dumped for one app`] : []),
      ...casts.map(([cast]) => `cast (${String(cast)}): a dump of schemas has none`),
    ],
  };
}

/** May be revoked: then nobody knows the point, and the backup is as good. */
async function pointOf(session: Connection): Promise<string | null> {
  const [[[point] = []] = []] = await session.rows(
    "SELECT CASE WHEN pg_catalog.has_function_privilege('pg_catalog.pg_current_wal_lsn()', 'EXECUTE') AND NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_current_wal_lsn()::text END",
  );
  return typeof point === 'string' ? point : null;
}

async function isWaitedFor(session: Connection): Promise<boolean> {
  const [[[waits] = []] = []] = await session.rows(
    'SELECT EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE NOT l.granted AND pg_catalog.pg_backend_pid() = ANY (pg_catalog.pg_blocking_pids(l.pid)))',
  );
  return waits === true;
}

function locked(instance: string): DiagnosticError {
  return fail('CT4303', 'a table was locked by somebody all the time, and could not be read', {
    instance,
    hint: 'pg_locks tells who holds an AccessExclusiveLock; run it again when that has ended',
  });
}

/**
 * The view that the dump and the hashes share; null: somebody holds a table for himself. Every table is locked before it is opened:
 * one that was written anew afterwards would look empty in it, to pg_dump too.
 */
async function openSnapshot(session: Connection, schemas: readonly string[], roles: readonly string[]): Promise<string | null> {
  await session.rows("SET lock_timeout = '5s'");
  const [tables = []] = await session.rows(
    `SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
    WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY (${nameArray(schemas)}) AND r.rolname = ANY (${nameArray(roles)})`,
  );
  const names = tables.map(([schema, name]) => `ONLY ${qualified(String(schema), String(name))}`);
  const lock = names.length === 0 ? '' : `LOCK TABLE ${names.join(', ')} IN ACCESS SHARE MODE; `;
  try {
    const answers = await session.rows(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${lock}SELECT pg_catalog.pg_export_snapshot()`);
    return String(answers.at(-1)?.[0]?.[0]);
  } catch (error) {
    if (errorCode(error) === '55P03') return null;
    throw error;
  }
}

function dumpArgs(place: Place, snapshot: string, large: boolean, { folder }: BackupContext): readonly string[] {
  return [
    '--format=custom',
    // The repository compresses; what is not compressed here costs nothing where it has not changed.
    '--compress=0',
    '--no-owner',
    '--no-privileges',
    // Whoever waits behind it waits no longer than this.
    '--lock-wait-timeout=5s',
    `--snapshot=${snapshot}`,
    ...(large ? ['--blobs'] : []),
    ...place.schemas.map((schema) => `--schema="${schema.replaceAll('"', '""')}"`),
    `--file=${join(folder, DUMP)}`,
  ];
}
