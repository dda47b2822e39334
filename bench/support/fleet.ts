import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import type { PostgresServer } from '../../test/engines/postgres/runtime.ts';
import type { Place } from './cli.ts';

export type Level = 'database' | 'schema';

/** The database that all apps share at level `schema`. */
const sharedDatabase = 'shared';

export function appName(index: number): string {
  return `app_${String(index + 1).padStart(5, '0')}`;
}

/** A manifest with so many apps on the server, each written out, as people write them. `more`: what stands beside `uses`. */
export async function writeFleet(
  folder: string,
  server: PostgresServer,
  level: Level,
  apps: number,
  more: (app: string) => string = () => '',
): Promise<Place> {
  const placement = level === 'database' ? '{}' : `{ isolation: schema, database: ${sharedDatabase} }`;
  const lines = [
    'cotenant: 1',
    'project: bench',
    'instances:',
    '  main:',
    '    engine: postgres',
    `    url: postgres://postgres@${server.host}:${server.port}/postgres`,
    '    password: { env: BENCH_POSTGRES_PASSWORD }',
    '    connections: { reserve: 0 }',
    'defaults:',
    '  postgres: { connections: 1 }',
    'apps:',
    ...Array.from({ length: apps }, (_, index) => `  ${appName(index)}: { uses: { main: ${placement} }${more(appName(index))} }`),
  ];
  await writeFile(join(folder, 'cotenant.yaml'), `${lines.join('\n')}\n`);
  return { cwd: folder, env: { ...process.env, BENCH_POSTGRES_PASSWORD: server.password, NO_COLOR: '1' } };
}

/** Tables of the apps' own, as a migration would make them. */
export async function fillDatabases(server: PostgresServer, from: number, to: number, tables: number): Promise<void> {
  const statements = Array.from(
    { length: tables },
    (_, index) =>
      `CREATE TABLE public.t${index + 1} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, label text NOT NULL, made timestamptz)`,
  );
  for (let index = from; index < to; index++) {
    const name = appName(index);
    await inDatabase(server, name, [`SET ROLE ${name}_owner`, ...statements].join(';\n'));
  }
}

/** What there is to compare: databases of the apps, roles, entries of access lists and memberships in all of them. */
export async function countFleet(server: PostgresServer, apps: number): Promise<{ roles: number; grants: number }> {
  const shared = await inDatabase(
    server,
    'postgres',
    `SELECT (SELECT count(*) FROM pg_roles WHERE rolname !~ '^pg_')::int AS roles,
       ((SELECT count(*) FROM pg_auth_members m JOIN pg_roles u ON u.oid = m.member WHERE u.rolname !~ '^pg_')
        + (SELECT count(*) FROM pg_database d, aclexplode(d.datacl)))::int AS grants`,
  );
  const inside = await inDatabase(
    server,
    appName(0),
    `SELECT ((SELECT count(*) FROM pg_namespace n, aclexplode(n.nspacl) WHERE n.nspname !~ '^pg_|^information_schema$')
        + (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) WHERE n.nspname = 'public')
        + (SELECT count(*) FROM pg_default_acl d, aclexplode(d.defaclacl)))::int AS grants`,
  );
  return { roles: Number(shared['roles']), grants: Number(shared['grants']) + apps * Number(inside['grants']) };
}

/** Sends statements as the operator. Gives the first row of the only one. */
export async function inDatabase(server: PostgresServer, database: string, sql: string): Promise<Readonly<Record<string, unknown>>> {
  const { host, port, user, password } = server;
  const client = new Client({ host, port, user, password, database });
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(sql);
    return (Array.isArray(result) ? undefined : result.rows[0]) ?? {};
  } finally {
    await client.end();
  }
}
