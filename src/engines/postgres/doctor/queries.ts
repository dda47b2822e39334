import type { DoctorLimits } from '../../../engine/index.ts';

// The search path of the session is pg_catalog alone. No text of a query and no application_name is read: both are the app's own.

/** seconds, standby, start, sees everybody's sessions, superuser, settings by name, those that no file changes */
export const SERVER = `SELECT extract(epoch FROM clock_timestamp())::float8, pg_is_in_recovery(), extract(epoch FROM pg_postmaster_start_time())::float8,
  r.rolsuper OR pg_has_role(r.oid, 'pg_read_all_stats', 'USAGE'), r.rolsuper,
  (SELECT json_object_agg(name, setting) FROM pg_settings WHERE name IN ('max_connections', 'superuser_reserved_connections',
    'reserved_connections', 'autovacuum', 'track_counts', 'autovacuum_freeze_max_age', 'autovacuum_multixact_freeze_max_age',
    'max_wal_size', 'wal_keep_size')),
  ARRAY(SELECT name::text FROM pg_settings WHERE source = 'command line')
  FROM pg_roles r WHERE r.rolname = current_user`;

/** For a superuser: whether a file of settings, of who may come in or of names is newer than what the server has read. */
export function edited(version: number): string {
  const included =
    version >= 160000 ? 'UNION SELECT file_name FROM pg_hba_file_rules UNION SELECT file_name FROM pg_ident_file_mappings' : '';
  return `SELECT coalesce(bool_or((pg_stat_file(f.name, true)).modification > pg_conf_load_time()), false) FROM (SELECT sourcefile FROM pg_file_settings
    UNION SELECT current_setting('config_file') UNION SELECT current_setting('hba_file') UNION SELECT current_setting('ident_file')
    UNION SELECT current_setting('data_directory') || '/postgresql.auto.conf' ${included}) AS f(name) WHERE f.name IS NOT NULL`;
}

/** name, may log in, connection limit */
export const ROLES = 'SELECT rolname::text, rolcanlogin, rolconnlimit FROM pg_roles';

/** name, takes connections, connection limit, age, age in multixacts, since when it counts, damaged pages */
export const DATABASES = `SELECT d.datname::text, d.datallowconn, d.datconnlimit, age(d.datfrozenxid)::float8, mxid_age(d.datminmxid)::float8,
  extract(epoch FROM s.stats_reset)::float8, s.checksum_failures::float8
  FROM pg_database d LEFT JOIN pg_stat_database s ON s.datid = d.oid`;

/** login, database, sessions, idle ones */
export const CONNECTIONS = `SELECT usename::text, datname::text, count(*)::int4, (count(*) FILTER (WHERE state = 'idle'))::int4
  FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() GROUP BY 1, 2`;

/** A wait for a lock, once for each session that is in its way: pid, login, seconds; pid, login, state, seconds of its transaction, its start. */
export function blocked({ wait }: DoctorLimits): string {
  return `WITH waiting AS MATERIALIZED (SELECT pid, extract(epoch FROM clock_timestamp() - min(waitstart))::float8 AS seconds
    FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid() GROUP BY pid)
  SELECT w.pid, a.usename::text, w.seconds, b.pid, h.usename::text, coalesce(h.state, h.backend_type), extract(epoch FROM clock_timestamp() - h.xact_start)::float8, h.backend_start::text
  FROM (SELECT * FROM waiting ORDER BY seconds DESC LIMIT 200) w JOIN pg_stat_activity a ON a.pid = w.pid
    CROSS JOIN LATERAL (SELECT DISTINCT pid FROM unnest(pg_blocking_pids(w.pid)) x (pid)) b LEFT JOIN pg_stat_activity h ON h.pid = b.pid
  WHERE EXISTS (SELECT 1 FROM waiting WHERE seconds >= ${wait})`;
}

/** pid, login, database, state, seconds of the transaction, seconds in this state, its start */
export function longSessions({ idle, query, transaction }: DoctorLimits): string {
  return `SELECT pid, usename::text, datname::text, state, extract(epoch FROM clock_timestamp() - xact_start)::float8,
    extract(epoch FROM clock_timestamp() - CASE WHEN state = 'active' THEN query_start ELSE state_change END)::float8, backend_start::text
  FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND (
    state LIKE 'idle in transaction%' AND clock_timestamp() - state_change >= interval '${idle} seconds'
    OR state = 'active' AND wait_event_type IS DISTINCT FROM 'Lock' AND clock_timestamp() - query_start >= interval '${query} seconds'
    OR clock_timestamp() - xact_start >= interval '${transaction} seconds')
  ORDER BY xact_start LIMIT 500`;
}

/** id, owner, database, seconds */
export function prepared({ prepared: seconds }: DoctorLimits): string {
  return `SELECT gid, owner::text, database::text, extract(epoch FROM clock_timestamp() - prepared)::float8 FROM pg_prepared_xacts
    WHERE clock_timestamp() - prepared >= interval '${seconds} seconds' ORDER BY prepared LIMIT 50`;
}

/** name, type, database, in use, state of its log, bytes that are kept for it */
export const SLOTS = `SELECT slot_name::text, slot_type, database::text, active, wal_status,
  CASE WHEN NOT pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::float8 END FROM pg_replication_slots`;

/** archived, failed, whether the last try failed, the last one that failed, seconds since the last that did not */
export const ARCHIVER = `SELECT archived_count::float8, failed_count::float8, last_failed_time > coalesce(last_archived_time, '-infinity'), last_failed_wal,
  extract(epoch FROM clock_timestamp() - last_archived_time)::float8 FROM pg_stat_archiver`;

/** bytes */
export const LOG = 'SELECT coalesce(sum(size), 0)::float8 FROM pg_ls_waldir()';

/** So many of a kind are listed, the biggest first. */
const MOST = 50;

const ALIKE = ['indrelid', 'relam', 'indnatts', 'indnkeyatts', 'indkey', 'indclass', 'indcollation', 'indoption']
  .map((column) => (column.startsWith('ind') ? `a.${column}::text = b.${column}::text` : `a.${column} = b.${column}`))
  .join(' AND ');

/** What lies in one database: a kind, and one object of it. */
export function inside({ deadRows, deadShare, unusedBytes }: DoctorLimits): string {
  return `WITH spaces AS (SELECT oid, nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'),
  made AS (SELECT index_relid FROM pg_stat_progress_create_index WHERE datname = current_database()),
  indexes AS MATERIALIZED (SELECT x.*, i.relam, i.relname AS name, t.relname AS of, s.nspname AS space, i.relpages * current_setting('block_size')::float8 AS bytes
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid JOIN spaces s ON s.oid = t.relnamespace
    WHERE i.relkind = 'i' AND NOT i.relispartition AND t.relpersistence <> 't'),
  tables AS (SELECT * FROM pg_stat_all_tables WHERE schemaname IN (SELECT nspname FROM spaces))
  SELECT 'schema', json_build_object('schema', nspname) FROM spaces
  UNION ALL (SELECT 'invalid', json_build_object('schema', space, 'name', name, 'table', of, 'bytes', bytes) FROM indexes
    WHERE NOT indisvalid AND indexrelid NOT IN (SELECT index_relid FROM made WHERE index_relid IS NOT NULL) ORDER BY bytes DESC LIMIT ${MOST})
  UNION ALL (SELECT 'duplicate', json_build_object('schema', a.space, 'name', a.name, 'table', a.of, 'bytes', a.bytes, 'like', min(b.name::text))
    FROM indexes a JOIN indexes b ON a.indexrelid <> b.indexrelid AND ${ALIKE}
    WHERE a.indisvalid AND b.indisvalid AND NOT a.indisunique AND NOT a.indisexclusion AND NOT b.indisexclusion
      AND (b.indisunique OR a.indexrelid > b.indexrelid)
      AND coalesce(pg_get_expr(a.indexprs, a.indrelid), '') = coalesce(pg_get_expr(b.indexprs, b.indrelid), '')
      AND coalesce(pg_get_expr(a.indpred, a.indrelid), '') = coalesce(pg_get_expr(b.indpred, b.indrelid), '')
    GROUP BY a.space, a.name, a.of, a.bytes ORDER BY a.bytes DESC LIMIT ${MOST})
  UNION ALL (SELECT 'unused', json_build_object('schema', space, 'name', name, 'table', of, 'bytes', bytes)
    FROM indexes JOIN pg_stat_all_indexes u USING (indexrelid)
    WHERE u.idx_scan = 0 AND NOT indisunique AND NOT indisexclusion AND indisvalid AND bytes >= ${unusedBytes} ORDER BY bytes DESC LIMIT ${MOST})
  UNION ALL (SELECT 'dead', json_build_object('schema', schemaname, 'name', relname, 'dead', n_dead_tup, 'live', n_live_tup,
      'vacuumed', greatest(last_vacuum, last_autovacuum))
    FROM tables WHERE n_dead_tup >= ${deadRows} AND n_dead_tup >= ${deadShare} * (n_live_tup + n_dead_tup) ORDER BY n_dead_tup DESC LIMIT ${MOST})
  UNION ALL (SELECT 'excepted', json_build_object('schema', s.nspname, 'name', c.relname) FROM pg_class c JOIN spaces s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND EXISTS (SELECT 1 FROM unnest(c.reloptions) o (said) WHERE o.said ~* '^autovacuum_enabled=(f|false|off|no|n|0)$') ORDER BY 2::text LIMIT ${MOST})`;
}

/** Counters near their end: schema, sequence, last value, end, the table and column that it fills, with its type */
export function counters({ counter }: DoctorLimits): string {
  return `SELECT space, name, last::float8, "end"::float8, "table", "column", type FROM (
    SELECT s.nspname::text AS space, c.relname::text AS name, q.seqincrement > 0 AS up, q.seqmin::numeric AS low, q.seqmax::numeric AS high,
      t.relname::text AS "table", a.attname::text AS "column", a.atttypid::regtype::text AS type,
      CASE WHEN q.seqincrement < 0 THEN q.seqmin::numeric WHEN a.atttypid = 'int2'::regtype THEN least(q.seqmax, 32767)::numeric
        WHEN a.atttypid = 'int4'::regtype THEN least(q.seqmax, 2147483647)::numeric ELSE q.seqmax::numeric END AS "end",
      CASE WHEN has_sequence_privilege(c.oid, 'SELECT') OR has_sequence_privilege(c.oid, 'USAGE') THEN pg_sequence_last_value(c.oid)::numeric END AS last
    FROM pg_sequence q JOIN pg_class c ON c.oid = q.seqrelid JOIN pg_namespace s ON s.oid = c.relnamespace
      LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
      LEFT JOIN pg_class t ON t.oid = d.refobjid LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE NOT q.seqcycle AND c.relpersistence = 'p') x
  WHERE last IS NOT NULL AND CASE WHEN up THEN last - low >= ${counter} * ("end" - low) ELSE high - last >= ${counter} * (high - "end") END
  ORDER BY 1, 2 LIMIT ${MOST}`;
}
