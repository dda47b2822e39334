import { nameArray } from '../quote.ts';

/** database, gid, owner, the statement that ends it keeps nothing */
export type PreparedRow = readonly [database: string, gid: string, owner: string];
/** database, slot, in use, plugin */
export type SlotRow = readonly [database: string, slot: string, active: boolean];
export type SubscriptionRow = readonly [database: string, subscription: string];
/** database, login, sessions */
export type SessionRow = readonly [database: string, login: string, count: number];

/** What keeps a database from being renamed or dropped, or a role's things from going: prepared transactions, slots, subscriptions, sessions. */
export function holdersQuery(databases: readonly string[], roles: readonly string[]): string {
  const here = (column: string): string => `${column} = ANY (${nameArray(databases)})`;
  return [
    `SELECT p.database::text, p.gid, p.owner::text FROM pg_catalog.pg_prepared_xacts p WHERE ${here('p.database')} OR p.owner = ANY (${nameArray(roles)}) ORDER BY 1, 2`,
    `SELECT s.database::text, s.slot_name::text, s.active FROM pg_catalog.pg_replication_slots s WHERE ${here('s.database')} ORDER BY 1, 2`,
    `SELECT d.datname::text, s.subname::text FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE ${here('d.datname')} ORDER BY 1, 2`,
    `SELECT a.datname::text, coalesce(a.usename::text, ''), count(*)::int4 FROM pg_catalog.pg_stat_activity a WHERE ${here('a.datname')} AND a.backend_type = 'client backend' AND a.pid <> pg_catalog.pg_backend_pid() GROUP BY 1, 2 ORDER BY 1, 2`,
  ].join(';\n');
}
