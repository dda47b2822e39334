import { accessOfApp, type BackupContext, type InstanceInput } from '../../../engine/index.ts';
import { type Diagnostic, DiagnosticError } from '../../../model/index.ts';
import type { Config, Placement } from '../config.ts';
import { Connection, type Target, targetAt } from '../connect/connection.ts';
import { spotOf, variables } from '../migrations/spots.ts';
import { nameArray } from '../quote.ts';
import { urlForm } from '../connect/url-form.ts';
import type { Place } from './place.ts';

type Input = InstanceInput<Config, Placement>;

/** How the server's own lists show what a backup or a restore does. */
export const NAME = 'cotenant backup';

/** A login, as programs and sessions reach the server with it. */
export interface Login {
  readonly target: Target;
  readonly database: string;
  /** What libpq reads, its password too. */
  readonly env: Readonly<Record<string, string>>;
}

/** CT4301; null: the app can be saved. */
export function refusal({ name, placements }: Input, app: string): Diagnostic | null {
  if (placements.find((one) => one.app === app)?.placement.isolation !== 'rows') return null;
  return {
    code: 'CT4301',
    severity: 'error',
    message: `"${app}" lives in rows of shared tables, and those cannot be saved for one app yet`,
    instance: name,
    hint: 'levels database and schema can; or leave the instance out with `exclude` of its `backup`',
  };
}

/** The app's own login: what a backup reads, and a restore runs, is done with no other rights. Throws CT4301. */
export async function loginOf(
  input: Input,
  app: string,
  context: Pick<BackupContext, 'session' | 'env'>,
): Promise<Login & { readonly roles: readonly string[]; readonly schema: string; readonly whole: boolean }> {
  const spot = spotOf(input, app);
  if (!spot) throw new Error(`${app} is not on ${input.name}`);
  if (spot.login === 'migrator' && !spot.roles.includes(spot.owner)) throw new Error('a place has its owner');
  const refused = refusal(input, app);
  if (refused) throw new DiagnosticError([refused]);
  const made = variables(input, app, { ...context.env, prefix: null });
  const env = Object.fromEntries(made.filter(({ name }) => name.startsWith('PG')).map(({ name, value }) => [name, value]));
  const { PGHOST: host = '', PGPORT: port = '5432', PGUSER: user = '', PGPASSWORD: password = '', PGDATABASE: database = '' } = env;
  const login = { host, port: Number(port), user, password, database };
  const target = await targetAt(accessOfApp(login, input.config, urlForm), context.session);
  return { target, database, env: { ...env, PGAPPNAME: NAME }, roles: spot.roles, schema: spot.schema, whole: spot.whole };
}

/** What a login's own settings could change: how names and literals are read, and how long a session may wait while pg_dump or pg_restore work beside it. */
const STEADY = `SET search_path = pg_catalog; SET standard_conforming_strings = on; SELECT pg_catalog.set_config(name, CASE name WHEN 'lock_timeout' THEN '60s' ELSE '0' END, false) FROM pg_catalog.pg_settings WHERE name IN ('lock_timeout', 'statement_timeout', 'transaction_timeout', 'idle_session_timeout', 'idle_in_transaction_session_timeout')`;

export async function openAs({ target, database }: Login, context: Pick<BackupContext, 'session' | 'env'>): Promise<Connection> {
  const connection = await Connection.open(target, { database, name: NAME, plain: true }, context.session);
  try {
    await connection.rows(STEADY);
    return connection;
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  }
}

/** What of the database a dump of the app takes along. */
export async function placeOf(
  connection: Connection,
  { schema, whole, roles }: { readonly schema: string; readonly whole: boolean; readonly roles: readonly string[] },
): Promise<Place> {
  const [database = [], schemas = [], extensions = []] = await connection.rows(
    `SELECT pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database();
    SELECT n.nspname FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles r ON r.oid = n.nspowner WHERE r.rolname = ANY (${nameArray(roles)}) ORDER BY 1;
    SELECT e.extname, n.nspname, e.extversion FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql' ORDER BY 1`,
  );
  const [encoding, collate, ctype] = (database[0] ?? []).map(String);
  const own = schemas.map(([name]) => String(name)).filter((name) => name !== schema);
  return {
    schemas: [schema, ...own],
    whole,
    encoding: encoding ?? 'UTF8',
    collate: collate ?? 'C',
    ctype: ctype ?? 'C',
    extensions: extensions.map(([name, at, version]) => ({ name: String(name), schema: String(at), version: String(version) })),
  };
}
