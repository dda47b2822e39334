import { randomBytes } from 'node:crypto';
import { fail } from '../../../model/index.ts';
import type { PoolerContext, RenderedPooler } from '../../../engine/index.ts';
import type { Input } from '../compile/draft.ts';
import { compile } from '../compile/compile.ts';
import { scramVerifier } from '../connect/scram.ts';
import { literal } from '../quote.ts';
import { isKind } from '../spec.ts';
import { type Line, tenants } from './hba.ts';
import { POOLER_IMAGE } from './images.ts';
import { POOLER } from './pooler.ts';

const FOLDER = '/etc/pgbouncer';
const PORT = 6432;
/** The name by which the pooler reaches the database with the passwords. No app may connect to that. */
const LOOKUP = 'cotenant_lookup';
const SCHEMA = 'pooler';

export function pooler(input: Input, context: PoolerContext): RenderedPooler | null {
  const asked = input.config.pooler;
  if (asked === undefined) return null;
  const { server, admin, password, secret } = context;
  const lines = tenants(input);
  return {
    image: POOLER_IMAGE,
    entrypoint: ['/usr/bin/pgbouncer'],
    command: [`${FOLDER}/pgbouncer.ini`],
    port: PORT,
    configFolder: FOLDER,
    config: [
      { name: 'pgbouncer.ini', text: ini(input, lines, context) },
      { name: 'setup.sql', text: setup(lines.flatMap(({ users }) => users)) },
    ],
    secrets: [
      { name: 'users', text: (word) => `"${POOLER}" "${word}"\n` },
      {
        name: 'login',
        // The server gets the verifier, so that the password can be in none of its logs.
        text: async (word) => `ALTER ROLE ${POOLER} PASSWORD ${literal(await scramVerifier(word, randomBytes(16)))};\n`,
      },
    ],
    health: `PGPASSWORD="$(cat ${password})" PGCONNECT_TIMEOUT=3 psql -h 127.0.0.1 -p ${PORT} -U ${POOLER} -d ${LOOKUP} -XAtqc 'SELECT 1' | grep -qx 1`,
    setup: `PGPASSWORD="$(cat ${admin})" psql -h ${server} -p 5432 -U postgres -d postgres -XAtq -v ON_ERROR_STOP=1 -f ${FOLDER}/setup.sql -f ${secret('login')}`,
    instance: { pooler: { url: `postgres://${context.pooler}:${PORT}`, mode: asked.mode } },
    operator: { login: POOLER, may: ['auth-query'] },
  };
}

/** The words of the file are split at white space and quotes; a name with others cannot stand in it. */
function word(name: string): string {
  if (!/^[A-Za-z0-9_-]+$/.test(name) || name === 'pgbouncer')
    throw fail('CT4705', `${JSON.stringify(name)} cannot stand in pgbouncer.ini`, { hint: 'give the database or the login another name' });
  return name;
}

function ini(input: Input, lines: readonly Line[], { server, secret }: PoolerContext): string {
  const limits = limitsOf(input);
  const pools = new Map<string, number>();
  for (const { databases, users } of lines)
    for (const database of databases)
      pools.set(database, Math.max(pools.get(database) ?? 0, ...users.map((user) => limits.get(user) ?? 1)));
  const mode = input.config.pooler?.mode ?? 'transaction';
  const rows = [
    '[databases]',
    '; A pool is of one database and one login: fewer sessions than the login may open.',
    ...[...pools].map(([database, size]) => `${word(database)} = host=${server} port=5432 pool_size=${size}`),
    `${LOOKUP} = host=${server} port=5432 dbname=postgres pool_size=2`,
    '',
    '[users]',
    ...lines.flatMap(({ users }) => users.map((user) => `${word(user)} = max_user_connections=${limits.get(user) ?? 1}`)),
    '',
    '[pgbouncer]',
    'listen_addr = *',
    `listen_port = ${PORT}`,
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    `auth_file = ${secret('users')}`,
    '; Passwords are looked up as they are now, so a rotation needs no change here.',
    `auth_user = ${POOLER}`,
    `auth_dbname = ${LOOKUP}`,
    `auth_query = SELECT login, verifier FROM ${SCHEMA}.lookup($1)`,
    `pool_mode = ${mode}`,
    'max_client_conn = 1000',
    'max_prepared_statements = 200',
    '; Each login has its search path and its limits on the server itself.',
    'ignore_startup_parameters = extra_float_digits,options',
    '; A client that waits for a session longer than this is told so.',
    'query_wait_timeout = 30',
  ];
  return `${rows.join('\n')}\n`;
}

/** A fifth of what a login may open, and one at least, is for what goes past the pooler: migrations, and `verify`. */
function sessionsOf(limit: number): number {
  return Math.max(1, limit - Math.max(1, Math.floor(limit / 5)));
}

/** Sessions that the pooler may have of each login. */
function limitsOf(input: Input): ReadonlyMap<string, number> {
  return new Map(
    compile(input).resources.flatMap((one) =>
      isKind(one, 'role') && one.spec.purpose === 'login' ? [[one.address.name, sessionsOf(one.spec.connectionLimit)] as const] : [],
    ),
  );
}

/** What the admin sends before the pooler starts: its login, and the one function that it may call, which knows the logins of this manifest alone. */
function setup(logins: readonly string[]): string {
  const names = logins.map((name) => literal(name)).join(', ');
  return `-- The login of the pooler; its password comes after this file.
SELECT 'CREATE ROLE ${POOLER} LOGIN CONNECTION LIMIT 5' WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${POOLER}') \\gexec
GRANT CONNECT ON DATABASE postgres TO ${POOLER};
CREATE SCHEMA IF NOT EXISTS ${SCHEMA};
REVOKE ALL ON SCHEMA ${SCHEMA} FROM PUBLIC;
GRANT USAGE ON SCHEMA ${SCHEMA} TO ${POOLER};
-- No superuser's verifier, and none of a login that is not of this manifest, however it is asked.
CREATE OR REPLACE FUNCTION ${SCHEMA}.lookup(wanted text) RETURNS TABLE (login text, verifier text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT rolname::text, rolpassword FROM pg_catalog.pg_authid
  WHERE rolname = wanted AND rolcanlogin AND NOT rolsuper AND (rolvaliduntil IS NULL OR rolvaliduntil > pg_catalog.now())
    AND rolname = ANY (ARRAY[${names}]::name[])
$$;
REVOKE ALL ON FUNCTION ${SCHEMA}.lookup(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ${SCHEMA}.lookup(text) TO ${POOLER};
`;
}
