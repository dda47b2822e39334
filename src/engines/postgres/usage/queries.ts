import { ident } from '../quote.ts';

// The search path of the session is pg_catalog alone. No text of a query and no application_name is read: both are the app's own.

/**
 * settings by name, standby, seconds since the start, sees everybody's sessions, all clients; of the counters of statements: their
 * schema (null: not here), and whether the server has loaded them
 */
export const SERVER = `SELECT (SELECT json_object_agg(name, setting) FROM pg_settings WHERE name IN ('max_connections',
    'superuser_reserved_connections', 'reserved_connections', 'server_version')), pg_is_in_recovery(),
  extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float8,
  (SELECT rolsuper OR pg_has_role(oid, 'pg_read_all_stats', 'USAGE') FROM pg_roles WHERE rolname = current_user),
  (SELECT sum(numbackends) FROM pg_stat_database)::int4,
  (SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'),
  EXISTS (SELECT 1 FROM pg_settings WHERE name = 'pg_stat_statements.max'),
  (SELECT failed_count FROM pg_stat_archiver WHERE last_failed_time > coalesce(last_archived_time, '-infinity'))::float8`;

/** login, active, idle, idle in a transaction, waiting for a lock, seconds of the oldest transaction */
export const ACTIVITY = `SELECT usename::text,
  (count(*) FILTER (WHERE state IN ('active', 'fastpath function call') AND wait_event_type IS DISTINCT FROM 'Lock'))::int4,
  (count(*) FILTER (WHERE coalesce(state, '') NOT IN ('active', 'fastpath function call') AND coalesce(state, '') NOT LIKE 'idle in transaction%'))::int4,
  (count(*) FILTER (WHERE state LIKE 'idle in transaction%'))::int4,
  (count(*) FILTER (WHERE state IN ('active', 'fastpath function call') AND wait_event_type = 'Lock'))::int4,
  extract(epoch FROM clock_timestamp() - min(xact_start))::float8
  FROM pg_stat_activity WHERE coalesce(backend_type, 'client backend') = 'client backend' AND usename IS NOT NULL AND pid <> pg_backend_pid() GROUP BY 1`;

/** login that waits, login that holds (null: none, as a prepared transaction), sessions, seconds. The hundred that wait longest. */
export const WAITS = `WITH waiting AS MATERIALIZED (SELECT pid, min(waitstart) AS since FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()
    GROUP BY pid ORDER BY 2 LIMIT 100)
  SELECT a.usename::text, h.usename::text, count(DISTINCT w.pid)::int4, extract(epoch FROM clock_timestamp() - min(w.since))::float8
  FROM waiting w JOIN pg_stat_activity a ON a.pid = w.pid CROSS JOIN LATERAL (SELECT DISTINCT pid FROM unnest(pg_blocking_pids(w.pid)) x (pid)) b
    LEFT JOIN pg_stat_activity h ON h.pid = b.pid GROUP BY 1, 2`;

/** name, connection limit, age, age in multixacts; since when it counts, seconds at work, blocks read, bytes of temporary files */
export const DATABASES = `SELECT d.datname::text, d.datconnlimit, age(d.datfrozenxid)::float8, mxid_age(d.datminmxid)::float8,
  s.stats_reset::text, s.active_time / 1000, s.blks_read::float8, s.temp_bytes::float8
  FROM pg_database d LEFT JOIN pg_stat_database s ON s.datid = d.oid`;

/** name, may log in, connection limit */
export const ROLES = 'SELECT rolname::text, rolcanlogin, rolconnlimit FROM pg_roles';

/** name, state, bytes of the log that it keeps, bytes until it is lost (null: no end) */
export const SLOTS = `SELECT slot_name::text, wal_status, pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn)::float8,
  safe_wal_size::float8 FROM pg_replication_slots`;

/** login, calls, seconds, rows, blocks read, bytes of the log, bytes of temporary files, since when it counts. No text of a statement is read. */
export function work(schema: string): string {
  const from = ident(schema);
  return `SELECT r.rolname::text, sum(s.calls)::float8, sum(s.total_exec_time) / 1000, sum(s.rows)::float8, sum(s.shared_blks_read)::float8,
    sum(s.wal_bytes)::float8, sum(s.temp_blks_written)::float8 * current_setting('block_size')::int,
    (SELECT stats_reset::text FROM ${from}.pg_stat_statements_info())
  FROM ${from}.pg_stat_statements(false) s JOIN pg_roles r ON r.oid = s.userid WHERE s.toplevel GROUP BY 1`;
}

/** name, bytes of the databases that may be looked into */
export const SIZES = `SELECT datname::text, CASE WHEN has_database_privilege(oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE')
  THEN pg_database_size(oid)::float8 END FROM pg_database WHERE NOT datistemplate`;

/** schema, bytes of its tables in the database that one is in */
export const SCHEMAS = `SELECT n.nspname::text, coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8
  FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'm', 'S') WHERE n.nspname !~ '^pg_' GROUP BY 1`;
