import type { ProbeInfo } from '../../../../engine/index.ts';
import { probe } from '../probe.ts';

const LEVELS = { levels: ['database', 'schema'] } as const;

/** What leads from one database to another because a share says so. */
export const shareProbes: readonly ProbeInfo[] = [
  probe('X1', 'both', 'BREACH', {
    title: 'The foreign server of a share',
    attack: 'An app uses the foreign server, or its wrapper, for tables, logins and hosts of its own choice.',
    example: "CREATE FOREIGN TABLE t (secret text) SERVER from_app_b OPTIONS (table_name 'secrets')",
    why: 'The server connects from its own address: whatever a known login may do there, or any port of the network, is within reach.',
    hardening: 'No USAGE on the server and on postgres_fdw for anybody; the server belongs to the operator.',
    ...LEVELS,
  }),
  probe('X2', 'both', 'BREACH', {
    title: 'The password of a share',
    attack: 'An app reads the user mapping of a share, or has one of its own on the same server.',
    example: 'SELECT umoptions FROM pg_user_mappings WHERE umoptions IS NOT NULL',
    why: 'With the login of the share it connects by itself, without the views in between.',
    hardening: 'One mapping, for a role that nobody can be; DROP USER MAPPING for every other.',
    ...LEVELS,
  }),
  probe('X3', 'both', 'BREACH', {
    title: 'What stands behind the views of a share',
    attack: 'An app reads the foreign tables themselves, or makes objects in their schema.',
    example: 'SELECT * FROM cotenant_from_app_b.orders',
    why: 'The views are the only way in that shows what is shared and nothing else.',
    hardening: 'REVOKE ALL ON SCHEMA … and on the foreign tables; both belong to a role that nobody can be.',
    ...LEVELS,
  }),
  probe('X4', 'analysis', 'BREACH', {
    title: 'A share that shows something else',
    attack:
      'A view, a foreign table, the server or the mapping of a share was changed, so that it leads to another table, column, database or login.',
    example: "ALTER FOREIGN TABLE cotenant_from_app_b.orders OPTIONS (SET table_name 'secrets')",
    why: 'What is read is decided by whoever made the change and not by the manifest.',
    hardening: '`apply` makes them anew as the manifest says.',
    ...LEVELS,
  }),
  probe('X5', 'both', 'BREACH', {
    title: 'More than reading, or another reader, of a share across databases',
    attack: 'An app writes through the views of a share, makes objects beside them, or reads views that are for another app.',
    example: 'INSERT INTO from_app_b.orders VALUES (1)',
    why: 'A share lets one app read. Everything else is a hole that nobody asked for.',
    hardening: 'REVOKE everything but USAGE on the schema and SELECT on its views, from everybody but the one app.',
    ...LEVELS,
  }),
  probe('X6', 'attack', 'BREACH', {
    title: 'The login of a share',
    attack: 'Somebody who found the password of a share logs in with it, and goes beyond what is shared.',
    example: 'SELECT * FROM secrets  -- as app_a_reads_app_b',
    why: 'The password stands in clear in the catalog of the server: superusers and backups have it.',
    hardening:
      'The login has SELECT on what is shared, CONNECT to one database, and nothing else; a line in pg_hba.conf lets it in from the server itself only.',
    ...LEVELS,
  }),
];
