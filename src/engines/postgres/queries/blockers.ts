import { literal, nameArray } from '../quote.ts';
import { IN_THE_WAY } from './holders.ts';

/** A prepared transaction, or a session with its program, and what of these relations it holds. */
export type BlockerRow = readonly [
  gid: string | null,
  pid: number | null,
  login: string | null,
  type: string | null,
  database: string | null,
  relations: readonly string[],
];

/** Locks of a prepared transaction have no process; which one it is tells the lock on its own number. */
const LOCKS = `locks AS MATERIALIZED (SELECT * FROM pg_catalog.pg_locks),
    prepared AS (SELECT l.virtualtransaction, p.gid, p.owner, p.database FROM locks l
      JOIN pg_catalog.pg_prepared_xacts p ON p.transaction = l.transactionid WHERE l.pid IS NULL AND l.locktype = 'transactionid')`;
const PREPARED = 'prepared p ON h.pid IS NULL AND p.virtualtransaction = h.virtualtransaction';

/** What holds the lock that the session `pid` waits for at this moment. */
export function blockersQuery(pid: number): string {
  const same = ['locktype', 'database', 'relation', 'page', 'tuple', 'virtualxid', 'transactionid', 'classid', 'objid', 'objsubid']
    .map((column) => `h.${column} IS NOT DISTINCT FROM w.${column}`)
    .join(' AND ');
  return `WITH ${LOCKS}
    SELECT NULL::text, a.pid, a.usename::text, a.backend_type, a.datname::text, '{}'::text[]
      FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids(${pid})) b (pid) JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid
    UNION SELECT p.gid, NULL, p.owner::text, NULL, p.database::text, '{}'::text[]
      FROM locks w JOIN locks h ON h.granted AND ${same} JOIN ${PREPARED}
      WHERE w.pid = ${pid} AND NOT w.granted AND 0 = ANY (pg_catalog.pg_blocking_pids(${pid})) ORDER BY 1, 2`;
}

/** Seconds. A transaction that is older outlives the wait of a step for a lock. */
const PATIENCE = 30;

/** Who does not let go of these relations. `names`: ready to stand in a statement. */
export function lockersQuery(names: readonly string[]): string {
  return lockers(
    `SELECT x.name, pg_catalog.to_regclass(x.name)::pg_catalog.oid FROM pg_catalog.unnest(ARRAY[${names.map(literal).join(', ')}]::pg_catalog.text[]) x (name)`,
  );
}

/** Who does not let go of relations that these roles own. */
export function lockersOfQuery(owners: readonly string[]): string {
  return lockers(
    `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind NOT IN ('i', 'I', 't') AND pg_catalog.pg_get_userbyid(c.relowner) = ANY (${nameArray(owners)})`,
  );
}

/**
 * Whoever holds a lock on one of these relations, their indexes or sequences, and will not let it go by itself: prepared
 * transactions, and sessions whose transaction is older than any wait for a lock.
 */
function lockers(wanted: string): string {
  return `WITH ${LOCKS}, wanted (of, relation) AS (${wanted}),
    parts (of, relation) AS (
      SELECT * FROM wanted
      UNION SELECT w.of, i.indexrelid FROM wanted w JOIN pg_catalog.pg_index i ON i.indrelid = w.relation
      UNION SELECT w.of, d.objid FROM wanted w JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        AND d.refobjid = w.relation AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i'))
    SELECT p.gid, a.pid, coalesce(p.owner, a.usename)::text, a.backend_type, pg_catalog.current_database()::text, pg_catalog.array_agg(DISTINCT parts.of ORDER BY parts.of)
    FROM parts JOIN locks h ON h.locktype = 'relation' AND h.granted AND h.relation = parts.relation
        AND h.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
      LEFT JOIN ${PREPARED} LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = h.pid
    WHERE p.gid IS NOT NULL OR (a.xact_start < pg_catalog.clock_timestamp() - interval '${PATIENCE} seconds' AND ${IN_THE_WAY})
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2`;
}
