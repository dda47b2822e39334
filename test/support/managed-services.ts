import type { PostgresServer } from '../engines/postgres/runtime.ts';
import { at, query } from './query.ts';

/** Managed services by what their admin finds there. */
export const services = ['rds', 'cloudsql', 'azure'] as const;
export type Service = (typeof services)[number];

/** The admin of each, and its password. */
export const SERVICE_ADMIN = 'steward';
export const SERVICE_PASSWORD = 'kept in a vault of the service';

const common = (group: string, more = ''): readonly string[] => [
  `GRANT pg_monitor, pg_signal_backend${more} TO ${group} WITH ADMIN OPTION`,
  `CREATE ROLE ${SERVICE_ADMIN} LOGIN CREATEROLE CREATEDB PASSWORD '${SERVICE_PASSWORD}' IN ROLE ${group}`,
  // Somebody whom the console made: a member of the service's group, and nobody to us.
  `CREATE ROLE console_user LOGIN CREATEROLE CREATEDB PASSWORD 'console' IN ROLE ${group}`,
];

const statements: Readonly<Record<Service, (major: number) => readonly string[]>> = {
  // The databases belong to the admin; those of the service are closed.
  rds: (major) => [
    'CREATE ROLE rdsadmin SUPERUSER LOGIN',
    'CREATE ROLE rds_superuser',
    'CREATE ROLE rds_password',
    'CREATE ROLE rds_replication',
    'GRANT rds_password, rds_replication TO rds_superuser WITH ADMIN OPTION',
    ...common('rds_superuser'),
    ...(major >= 15 ? ['GRANT SET ON PARAMETER log_min_duration_statement, session_replication_role TO rds_superuser'] : []),
    'CREATE DATABASE rdsadmin OWNER rdsadmin',
    'REVOKE ALL ON DATABASE rdsadmin FROM PUBLIC',
    `ALTER DATABASE postgres OWNER TO ${SERVICE_ADMIN}`,
    `ALTER DATABASE template1 OWNER TO ${SERVICE_ADMIN}`,
  ],
  // The group owns what the admin would need; a database of the service is open to everybody.
  cloudsql: () => [
    'CREATE ROLE cloudsqladmin SUPERUSER LOGIN',
    'CREATE ROLE cloudsqlsuperuser CREATEROLE CREATEDB',
    ...common('cloudsqlsuperuser', ', pg_read_all_data'),
    'CREATE DATABASE cloudsqladmin OWNER cloudsqladmin',
    'ALTER DATABASE postgres OWNER TO cloudsqlsuperuser',
    'ALTER DATABASE template1 OWNER TO cloudsqladmin',
  ],
  // All of them belong to the superuser of the service.
  azure: () => [
    'CREATE ROLE azuresu SUPERUSER LOGIN',
    'CREATE ROLE azure_pg_admin REPLICATION',
    ...common('azure_pg_admin'),
    'CREATE DATABASE azure_maintenance OWNER azuresu',
    'REVOKE ALL ON DATABASE azure_maintenance FROM PUBLIC',
    'CREATE DATABASE azure_sys OWNER azuresu',
    'ALTER DATABASE postgres OWNER TO azuresu',
    'ALTER DATABASE template1 OWNER TO azuresu',
  ],
};

/** Turns a fresh server into one as such a service hands it out. */
export async function asService(server: PostgresServer, service: Service): Promise<void> {
  for (const statement of statements[service](server.major)) await query(server.url, statement);
  await query(at(server.url, { database: 'postgres' }), 'SELECT 1');
}
