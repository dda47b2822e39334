import { exactly } from '../quote.ts';

// No text of a statement is read: it is the app's own.

export const STATUS = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Uptime', 'Threads_connected')";
export const VARIABLES = "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', 'max_connections', 'performance_schema', 'userstat')";

/** Names of users differ in case. */
const USER = exactly('USER');

/** What MariaDB counts by user where `userstat` is on. */
export const BY_USER = `SELECT USER AS user_, SELECT_COMMANDS + UPDATE_COMMANDS + OTHER_COMMANDS AS calls, BUSY_TIME AS seconds, ROWS_READ AS rows_,
  BYTES_RECEIVED AS bytes_in, BYTES_SENT AS bytes_out, BINLOG_BYTES_WRITTEN AS wal, DENIED_CONNECTIONS + ACCESS_DENIED AS denied
  FROM information_schema.USER_STATISTICS`;

/** What both count where `performance_schema` is on. Statements inside of procedures are in those that called them. */
export const BY_STATEMENT = `SELECT ${USER} AS user_, SUM(COUNT_STAR) AS calls, SUM(SUM_TIMER_WAIT) / 1000000000000 AS seconds, SUM(SUM_ROWS_EXAMINED) AS rows_
  FROM performance_schema.events_statements_summary_by_user_by_event_name
  WHERE USER IS NOT NULL AND (EVENT_NAME LIKE 'statement/sql/%' OR EVENT_NAME LIKE 'statement/com/%') GROUP BY ${USER}`;

/** Of MySQL: what was denied, by the numbers of the errors. */
export const DENIED = `SELECT ${USER} AS user_, SUM(SUM_ERROR_RAISED) AS denied FROM performance_schema.events_errors_summary_by_user_by_error
  WHERE USER IS NOT NULL AND ERROR_NUMBER IN (1044, 1045, 1141, 1142, 1143, 1227, 1370, 1698) GROUP BY ${USER}`;
