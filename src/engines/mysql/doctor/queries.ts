import type { DoctorLimits } from '../../../engine/index.ts';
import { literal } from '../quote.ts';

// No text of a statement is read: it is the app's own.

type Flavor = 'mysql' | 'mariadb';

/** Nothing waits for long, and nothing is written. */
export const careful = (flavor: Flavor): readonly string[] => [
  `SET SESSION lock_wait_timeout = 1, group_concat_max_len = 1000000, ${flavor === 'mariadb' ? 'max_statement_time = 5' : 'max_execution_time = 5000, information_schema_stats_expiry = 0'}`,
  'SET SESSION TRANSACTION READ ONLY',
];
export const asBefore = (flavor: Flavor): readonly string[] => [
  'SET SESSION TRANSACTION READ WRITE',
  `SET SESSION lock_wait_timeout = 30, group_concat_max_len = DEFAULT, ${flavor === 'mariadb' ? 'max_statement_time = DEFAULT' : 'max_execution_time = DEFAULT, information_schema_stats_expiry = DEFAULT'}`,
];

export const VARIABLES =
  "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', 'max_connections', 'performance_schema', 'log_bin', 'binlog_expire_logs_seconds', 'expire_logs_days')";
export const CLOCK = 'SELECT UNIX_TIMESTAMP(SYSDATE(6)) AS now_';
export const ACCOUNTS = 'SELECT User AS user_, Host AS host_, max_user_connections AS most FROM mysql.user';
export const DATABASES = 'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA';
export const SESSIONS =
  "SELECT ID AS id, USER AS user_, COMMAND AS command, TIME AS seconds, STATE AS state, ID = CONNECTION_ID() AS mine FROM information_schema.PROCESSLIST WHERE COMMAND NOT IN ('Daemon', 'Binlog Dump', 'Binlog Dump GTID')";
/** `session` 0: a transaction of nobody, which waits for its second phase. */
export const TRANSACTIONS =
  'SELECT trx_mysql_thread_id AS session, TIMESTAMPDIFF(SECOND, trx_started, NOW()) AS seconds FROM information_schema.INNODB_TRX';
export const PREPARED = 'XA RECOVER';

export function rowWaits(flavor: Flavor): string {
  const [waits, waiting, holding] =
    flavor === 'mariadb'
      ? ['information_schema.INNODB_LOCK_WAITS', 'requesting_trx_id', 'blocking_trx_id']
      : ['performance_schema.data_lock_waits', 'REQUESTING_ENGINE_TRANSACTION_ID', 'BLOCKING_ENGINE_TRANSACTION_ID'];
  return `SELECT DISTINCT r.trx_mysql_thread_id AS waiter, b.trx_mysql_thread_id AS blocker, TIMESTAMPDIFF(SECOND, r.trx_wait_started, NOW()) AS seconds
    FROM ${waits} w JOIN information_schema.INNODB_TRX r ON r.trx_id = w.${waiting} JOIN information_schema.INNODB_TRX b ON b.trx_id = w.${holding} LIMIT 500`;
}

/** Only where the server counts them. */
export const TABLE_WAITS = `SELECT DISTINCT tw.PROCESSLIST_ID AS waiter, tb.PROCESSLIST_ID AS blocker, tw.PROCESSLIST_TIME AS seconds
  FROM performance_schema.metadata_locks p
  JOIN performance_schema.metadata_locks g ON g.OBJECT_TYPE = p.OBJECT_TYPE AND g.OBJECT_SCHEMA = p.OBJECT_SCHEMA AND g.OBJECT_NAME = p.OBJECT_NAME
    AND g.LOCK_STATUS = 'GRANTED' AND g.OWNER_THREAD_ID <> p.OWNER_THREAD_ID
  JOIN performance_schema.threads tw ON tw.THREAD_ID = p.OWNER_THREAD_ID JOIN performance_schema.threads tb ON tb.THREAD_ID = g.OWNER_THREAD_ID
  WHERE p.LOCK_STATUS = 'PENDING' AND p.OBJECT_TYPE = 'TABLE' LIMIT 500`;

export const history = (flavor: Flavor): string =>
  flavor === 'mariadb'
    ? "SHOW GLOBAL STATUS LIKE 'Innodb_history_list_length'"
    : "SELECT 'Innodb_history_list_length' AS Variable_name, COUNT AS Value FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len'";
export const UPTIME = "SHOW GLOBAL STATUS LIKE 'Uptime'";

const inside = (column: string, databases: readonly string[]): string => `${column} IN (${databases.map(literal).join(', ')})`;

/** Numbers that a type of column holds. */
const TYPES = [
  ['tinyint', 8],
  ['smallint', 16],
  ['mediumint', 24],
  ['int', 32],
  ['bigint', 64],
] as const;

/** Counters near their end. */
export function counters(databases: readonly string[], { counter }: DoctorLimits): string {
  const most = TYPES.map(
    ([type, bits]) => `WHEN '${type}' THEN IF(c.COLUMN_TYPE LIKE '%unsigned%', ${2n ** BigInt(bits) - 1n}, ${2n ** BigInt(bits - 1) - 1n})`,
  );
  const end = `CASE c.DATA_TYPE ${most.join(' ')} END`;
  return `SELECT c.TABLE_SCHEMA AS db, c.TABLE_NAME AS name, c.COLUMN_NAME AS col, c.COLUMN_TYPE AS type_, t.AUTO_INCREMENT AS next_, ${end} AS most
    FROM information_schema.COLUMNS c JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
    WHERE ${inside('c.TABLE_SCHEMA', databases)} AND ${inside('t.TABLE_SCHEMA', databases)} AND c.EXTRA LIKE '%auto_increment%' AND t.AUTO_INCREMENT - 1 >= ${counter} * ${end} LIMIT 100`;
}

/** Tables that are damaged, or of an engine that a crash damages. Only a table that it can open has a number of rows (MariaDB), or, if it is MyISAM, room for more (MySQL). */
export function oddTables(databases: readonly string[]): string {
  return `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, ENGINE AS engine_, ENGINE IS NULL OR TABLE_ROWS IS NULL OR (ENGINE = 'MyISAM' AND MAX_DATA_LENGTH = 0) OR TABLE_COMMENT LIKE '%crashed%' AS damaged
    FROM information_schema.TABLES WHERE ${inside('TABLE_SCHEMA', databases)} AND TABLE_TYPE = 'BASE TABLE' AND (ENGINE IS NULL OR ENGINE <> 'InnoDB') LIMIT 500`;
}

export function duplicates(databases: readonly string[], flavor: Flavor): string {
  const column = flavor === 'mariadb' ? 'COLUMN_NAME' : 'COALESCE(COLUMN_NAME, EXPRESSION)';
  return `SELECT db, name, GROUP_CONCAT(idx ORDER BY unique_ DESC, idx SEPARATOR '\\n') AS indexes FROM (
      SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, INDEX_NAME AS idx, MAX(NON_UNIQUE = 0) AS unique_, MAX(INDEX_TYPE) AS kind,
        GROUP_CONCAT(CONCAT(${column}, ':', COALESCE(SUB_PART, ''), ':', COALESCE(COLLATION, '')) ORDER BY SEQ_IN_INDEX SEPARATOR '\\n') AS cols
      FROM information_schema.STATISTICS WHERE ${inside('TABLE_SCHEMA', databases)} GROUP BY 1, 2, 3) x
    GROUP BY db, name, kind, cols HAVING COUNT(*) > 1 AND SUM(unique_) < COUNT(*) LIMIT 100`;
}

export function unused(databases: readonly string[]): string {
  return `SELECT u.OBJECT_SCHEMA AS db, u.OBJECT_NAME AS name, u.INDEX_NAME AS idx FROM performance_schema.table_io_waits_summary_by_index_usage u
    WHERE ${inside('u.OBJECT_SCHEMA', databases)} AND u.INDEX_NAME IS NOT NULL AND u.COUNT_STAR = 0 AND EXISTS (SELECT 1 FROM information_schema.STATISTICS s
      WHERE s.TABLE_SCHEMA = u.OBJECT_SCHEMA AND s.TABLE_NAME = u.OBJECT_NAME AND s.INDEX_NAME = u.INDEX_NAME AND s.NON_UNIQUE = 1) LIMIT 100`;
}
