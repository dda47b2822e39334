import { nameArray } from '../quote.ts';

/** database, gid, owner, the statement that ends it keeps nothing */
export type PreparedRow = readonly [database: string, gid: string, owner: string];
/** database, slot, in use, plugin */
export type SlotRow = readonly [database: string, slot: string, active: boolean];
export type SubscriptionRow = readonly [database: string, subscription: string];
/** database, login or '', what it is where that is no client, whether this admin may end all of them. How many there are moves by the second. */
export type SessionRow = readonly [database: string, login: string, type: string, endable: boolean];
/** schema, login or '', whose transactions use its tables */
export type UserRow = readonly [schema: string, login: string];

/** What the server itself runs in a database goes by itself; what cotenant runs there does, too. */
export const IN_THE_WAY = `a.pid <> pg_catalog.pg_backend_pid() AND coalesce(a.backend_type, 'client backend') NOT IN ('autovacuum worker', 'parallel worker')
   AND NOT coalesce(a.usename = current_user AND a.application_name LIKE 'cotenant%', false)`;

/** Whether this admin may end the session `a`. */
export const ENDABLE = `coalesce(pg_catalog.pg_has_role(a.usesysid, 'USAGE') OR (pg_catalog.pg_has_role('pg_signal_backend', 'USAGE')
   AND NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.oid = a.usesysid)), false)`;

/** What keeps a database from being renamed or dropped, or a role's things from going: prepared transactions, slots, subscriptions, sessions. */
export function holdersQuery(databases: readonly string[], roles: readonly string[]): string {
  const here = (column: string): string => `${column} = ANY (${nameArray(databases)})`;
  return [
    `SELECT p.database::text, p.gid, p.owner::text FROM pg_catalog.pg_prepared_xacts p WHERE ${here('p.database')} OR p.owner = ANY (${nameArray(roles)}) ORDER BY 1, 2`,
    `SELECT s.database::text, s.slot_name::text, s.active FROM pg_catalog.pg_replication_slots s WHERE ${here('s.database')} ORDER BY 1, 2`,
    `SELECT d.datname::text, s.subname::text FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE ${here('d.datname')} ORDER BY 1, 2`,
    `SELECT a.datname::text, coalesce(a.usename::text, ''), coalesce(nullif(a.backend_type, 'client backend'), ''), bool_and(${ENDABLE})
     FROM pg_catalog.pg_stat_activity a WHERE ${here('a.datname')} AND ${IN_THE_WAY} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  ].join(';\n');
}

/** Who uses tables of these schemas at this moment, as a dump does from its first to its last row. */
export function usersQuery(schemas: readonly string[]): string {
  return `SELECT n.nspname::text, coalesce(a.usename::text, '')
    FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'relation' AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
      AND n.nspname = ANY (${nameArray(schemas)}) AND ${IN_THE_WAY} GROUP BY 1, 2 ORDER BY 1, 2`;
}
