import type { asPostgres } from '../../src/engines/postgres/local/client.ts';
import type { PostgresServer } from '../engines/postgres/runtime.ts';

/** Everything that a test made goes: databases, then roles. */
export async function freshDatabases(server: PostgresServer, ask: typeof asPostgres): Promise<void> {
  const databases = await ask(
    server,
    `SELECT quote_ident(datname) AS n FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')`,
  );
  for (const { n } of databases) await ask(server, `DROP DATABASE ${String(n)} WITH (FORCE)`);
  await ask(server, 'DROP SCHEMA IF EXISTS cotenant CASCADE');
  const roles = await ask(
    server,
    `SELECT quote_ident(rolname) AS n FROM pg_roles WHERE rolname <> 'postgres' AND rolname NOT LIKE 'pg\\_%'`,
  );
  for (const { n } of roles) {
    await ask(server, `DROP OWNED BY ${String(n)} CASCADE`);
    await ask(server, `DROP ROLE ${String(n)}`);
  }
}
