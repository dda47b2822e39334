import type { ProbeInfo } from '../../../engine/index.ts';
import { probe } from './probe.ts';

/** Probes that speak of one of the two products. */
export const ONLY: Readonly<Record<string, 'mysql' | 'mariadb'>> = { 'MY-Y36': 'mysql', 'MY-Y37': 'mysql' };

/** What no setting closes on a server that several apps share. Told always, never passed. */
export const residualProbes: readonly ProbeInfo[] = [
  probe('Y05', 'analysis', 'LEAK', {
    title: 'Counters and settings of the whole server',
    attack: 'An app reads the server’s status and variables.',
    example: "SHOW GLOBAL STATUS; SHOW GLOBAL VARIABLES LIKE 'datadir'",
    why: 'Every login can see how busy the server is, where its files are and how it is configured.',
    hardening: 'Cannot be closed on a shared server.',
  }),
  probe('Y09', 'analysis', 'STARVE', {
    title: 'Locks by name',
    attack: 'An app takes a name with GET_LOCK that another app uses.',
    example: "SELECT GET_LOCK('app_b_cron', 0)",
    why: 'Lock names are global: anybody who guesses one can block the other app.',
    hardening: 'Use lock names with a part that nobody can guess, as cotenant’s own lock does.',
  }),
  probe('Y12s', 'analysis', 'STARVE', {
    title: 'Limits of a session',
    attack: 'An app lifts timeouts and buffers of its own session.',
    example: 'SET SESSION max_statement_time = 0, sort_buffer_size = 1e9',
    why: 'Only account limits are enforced; an app can choose the memory and time of its statements.',
    hardening: 'A watchdog that ends long statements; memory limits of the machine.',
  }),
  probe('Y13b', 'analysis', 'STARVE', {
    title: 'Connections without a login',
    attack: 'Somebody opens sockets and sends nothing.',
    example: '33 idle TCP connections where max_connections is 30',
    why: 'All slots are taken until connect_timeout, for root too.',
    hardening: 'connect_timeout=5, a firewall that counts, and extra_port or admin_address for the operator.',
  }),
  probe('Y14', 'analysis', 'STARVE', {
    title: 'Prepared statements',
    attack: 'An app prepares 16 000 statements and closes none.',
    example: 'PREPARE s1 FROM …',
    why: 'max_prepared_stmt_count is one number for all.',
    hardening: 'Raise it, and watch Prepared_stmt_count.',
  }),
  probe('Y15', 'analysis', 'STARVE', {
    title: 'Old snapshots',
    attack: 'An app opens a transaction and leaves it open.',
    example: 'START TRANSACTION WITH CONSISTENT SNAPSHOT',
    why: 'The server keeps old versions of all changes for it: the undo log of the whole server grows.',
    hardening: 'A watchdog that ends idle transactions.',
  }),
  probe('Y16', 'analysis', 'STARVE', {
    title: 'Disk, memory, processor',
    attack: 'An app uses as much disk and CPU as it likes.',
    example: 'CREATE TABLE big AS SELECT …',
    why: 'The server has no quotas for any of them.',
    hardening: 'Watch sizes (`cotenant status`), or place the app on a separate instance.',
  }),
  probe('Y25', 'analysis', 'STARVE', {
    title: 'An app and its own database',
    attack: 'An app drops its own database, or changes its own password.',
    example: 'DROP DATABASE app_a; SET PASSWORD = …',
    why: 'The privilege to drop tables includes dropping the database; a login may always change its password.',
    hardening: 'Backups; the next apply recreates both.',
  }),
  probe('Y36', 'analysis', 'LEAK', {
    title: 'Names of tables in the list of tablespaces (MySQL)',
    attack: 'An app reads the names of all tables of the server.',
    example: 'SELECT TABLESPACE_NAME FROM information_schema.TABLESPACES_EXTENSIONS',
    why: 'The view asks for no privilege, and each table of InnoDB has a tablespace of its name.',
    hardening: 'Cannot be closed; say nothing confidential in names of databases and tables.',
  }),
  probe('Y37', 'analysis', 'LEAK', {
    title: 'Whether a database exists (MySQL)',
    attack: 'An app asks for a database by name and looks at the number of the error.',
    example: 'SHOW TABLES FROM other: 1049 where there is none, 1044 where there is one',
    why: 'Whoever guesses a name learns that it is right.',
    hardening: 'Cannot be closed; names that nobody guesses.',
  }),
  probe('Y38', 'analysis', 'BREACH', {
    title: 'Prepared transactions of others',
    attack: 'An app ends a prepared transaction of another app whose session is gone; on MariaDB, XA RECOVER lists all of them.',
    example: "XA RECOVER; XA ROLLBACK 'xid'",
    why: 'Whoever knows the name of a detached transaction may commit or roll it back. MySQL shows the names only to XA_RECOVER_ADMIN, MariaDB to all.',
    hardening: 'Cannot be closed; names that nobody guesses on MySQL, and no XA on a MariaDB that apps share.',
  }),
  probe('Y39', 'analysis', 'BREACH', {
    title: 'What a session got before',
    attack: 'A login has a privilege on everything, or a table open with HANDLER, somebody revokes it, and the session goes on.',
    example: 'REVOKE SELECT ON *.* FROM web; -- in the session: SELECT * FROM app_b.orders',
    why: 'The server looks at privileges on everything when a session begins, and lists of no session which it has.',
    hardening:
      'End the sessions of whom something is taken from: KILL, as an apply does. performance_schema shows tables in use: with it they are MY-Y33.',
  }),
];
