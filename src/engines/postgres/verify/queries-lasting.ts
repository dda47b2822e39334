import { FIRST } from '../queries/database.ts';

const CLIENTS = `a.backend_type = 'client backend' AND a.usename IS NOT NULL AND a.datname IS NOT NULL`;

/** Transactions that wait for somebody to commit them: name, owner, database. */
/** Kept without a limit; one that has lost what it kept holds nothing any more. */
export const SLOTS = `SELECT s.slot_name::text, s.database::text FROM pg_catalog.pg_replication_slots s
  WHERE NOT s.active AND NOT s.temporary AND s.restart_lsn IS NOT NULL AND coalesce(s.wal_status, '') <> 'lost' AND pg_catalog.current_setting('max_slot_wal_keep_size') = '-1' ORDER BY 1`;

export const PREPARED = 'SELECT p.gid, p.owner::text, p.database::text FROM pg_catalog.pg_prepared_xacts p ORDER BY 1';

/** Sessions whose last statement made them somebody else: login, database, statement. Nothing else on the server says who a session is now. */
export const SWITCHED = `SELECT DISTINCT a.usename::text, a.datname::text, a.query FROM pg_catalog.pg_stat_activity a
  WHERE ${CLIENTS} AND a.query ~* '^\\s*set\\s+(session\\s+|local\\s+)?(role|session\\s+authorization)\\M' ORDER BY 1, 2, 3`;

/** Who holds which relation: database, relation, login, name of the prepared transaction. */
export const HELD = `SELECT DISTINCT d.datname::text, l.relation::int8, coalesce(a.usename, p.owner)::text, p.gid FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_database d ON d.oid = l.database
    LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid AND ${CLIENTS} LEFT JOIN pg_catalog.pg_locks t ON l.pid IS NULL AND t.pid IS NULL AND t.virtualtransaction = l.virtualtransaction AND t.locktype = 'transactionid'
    LEFT JOIN pg_catalog.pg_prepared_xacts p ON p.transaction = t.transactionid
  WHERE l.locktype = 'relation' AND l.granted AND l.relation >= ${FIRST} AND coalesce(a.usename, p.owner) IS NOT NULL ORDER BY 1, 2, 3, 4`;
