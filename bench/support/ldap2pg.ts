import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresServer } from '../../test/engines/postgres/runtime.ts';
import { appName } from './fleet.ts';
import type { Command } from './process.ts';

/** ldap2pg in its dry mode, with a configuration that asks for the roles and grants that cotenant made. No directory is asked. */
export async function ldap2pg(program: string, folder: string, server: PostgresServer, databases: number): Promise<Command> {
  const config = join(folder, 'ldap2pg.yml');
  const apps = Array.from({ length: databases }, (_, index) => appName(index));
  const rules = apps.flatMap((app) => [
    `  - roles:`,
    `    - names: [${app}_owner, ${app}_rw, ${app}_ro]`,
    `      options: NOLOGIN`,
    `    grants:`,
    `    - { privilege: readers, role: ${app}_ro, database: ${app} }`,
    `    - { privilege: writers, role: ${app}_rw, database: ${app} }`,
  ]);
  const lines = [
    'version: 6',
    'postgres:',
    `  databases_query: [${apps.join(', ')}]`,
    `  managed_roles_query: "SELECT rolname FROM pg_roles WHERE rolname ~ '^app_'"`,
    'privileges:',
    '  readers:',
    '  - { type: CONNECT, on: DATABASE }',
    '  - { type: USAGE, on: SCHEMA }',
    '  - { type: SELECT, on: ALL TABLES IN SCHEMA }',
    '  writers:',
    '  - { type: CONNECT, on: DATABASE }',
    '  - { type: USAGE, on: SCHEMA }',
    '  - { type: SELECT, on: ALL TABLES IN SCHEMA }',
    '  - { type: INSERT, on: ALL TABLES IN SCHEMA }',
    '  - { type: UPDATE, on: ALL TABLES IN SCHEMA }',
    '  - { type: DELETE, on: ALL TABLES IN SCHEMA }',
    'rules:',
    ...rules,
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  const env = {
    ...process.env,
    PGHOST: server.host,
    PGPORT: String(server.port),
    PGUSER: server.user,
    PGPASSWORD: server.password,
    PGDATABASE: 'postgres',
  };
  return { program, args: ['--config', config], cwd: folder, env };
}
