import { common, commonChecksAs } from '../../../engine/index.ts';
import type { CheckText } from '../../../model/index.ts';

export const own = {
  history: 'CT-D301',
  anonymous: 'CT-D302',
  blindfold: 'CT-D303',
  crashed: 'CT-D304',
  unsafe: 'CT-D305',
  duplicate: 'CT-D306',
  unused: 'CT-D307',
  log: 'CT-D308',
} as const;

const looks: ReadonlyMap<string, string> = new Map([
  [
    common.appFull,
    'The sessions of each login, against its MAX_USER_CONNECTIONS on the server. At the limit it is a warning, and an error where none of the sessions is idle; below that, from 80 % on, a remark.',
  ],
  [
    common.blocked,
    'Row locks: `performance_schema.data_lock_waits`, on MariaDB `INNODB_LOCK_WAITS`, for 10 s. Locks on whole tables: `performance_schema.metadata_locks`; MariaDB tells who waits for them, and not for whom. An error where another app waits, else a warning.',
  ],
  [common.idle, '`INNODB_TRX` with `PROCESSLIST`: sessions that sleep in a transaction for 60 s.'],
  [common.transaction, '`INNODB_TRX`: transactions that are open for an hour.'],
  [common.query, '`PROCESSLIST`: statements that are under way for five minutes. Their text is not read.'],
  [common.prepared, '`XA RECOVER`, where `INNODB_TRX` has transactions of no session that are older than ten minutes.'],
  [
    common.counter,
    '`AUTO_INCREMENT` of each table of an app, against the type of its column. From 80 % on it is a warning, from 95 % an error.',
  ],
]);

/** What is looked at on this engine. */
export const checks: readonly CheckText[] = [
  ...commonChecksAs(looks),
  {
    id: own.history,
    title: 'Old versions of rows pile up',
    severity: 'warning',
    looks: 'The length of the history list of InnoDB, from a million on.',
    why: 'Every read has to go through them, and the disk fills.',
    remedy: 'The oldest transaction ends; see CT-D108 and CT-D109.',
  },
  {
    id: own.anonymous,
    title: 'An anonymous account stands before those of apps',
    severity: 'error',
    looks: "Accounts `''@'…'` in `mysql.user`.",
    why: 'The server takes the account with the closest host: from there an app comes in as nobody, with a password that is wrong and with other rights.',
    remedy: '`cotenant apply` removes it where `perimeter: close` is set; else DROP USER.',
  },
  {
    id: own.blindfold,
    title: 'The server does not count what happens',
    severity: 'info',
    looks: '`performance_schema`, which MariaDB has off unless it is set.',
    why: 'Nobody can tell which indexes are used, or which session holds the lock of a table.',
    remedy: '`performance_schema=ON` in the configuration; that takes a restart.',
  },
  {
    id: own.crashed,
    title: 'A table is damaged',
    severity: 'error',
    looks: 'Tables of apps in `information_schema.TABLES` that the server cannot open, or calls crashed.',
    why: 'Its app cannot read it.',
    remedy: 'A backup of what is there, then `REPAIR TABLE` for MyISAM and Aria, or the backup from before.',
  },
  {
    id: own.unsafe,
    title: 'A table does not outlast a crash',
    severity: 'warning',
    looks: 'Tables of apps with an engine that has no transactions, such as MyISAM.',
    why: 'A crash damages it, a write locks all of it, and a backup of it is of no single moment.',
    remedy: '`ALTER TABLE … ENGINE=InnoDB`, by a migration: that writes the table anew.',
  },
  {
    id: own.duplicate,
    title: 'An index is there twice',
    severity: 'info',
    looks: '`information_schema.STATISTICS`: indexes of one table that are alike in columns, order, length and kind.',
    why: 'Every write pays for both.',
    remedy: 'One of them is dropped, by a migration.',
  },
  {
    id: own.unused,
    title: 'An index is not used',
    severity: 'info',
    looks: '`performance_schema.table_io_waits_summary_by_index_usage`, where the server has run for 7 days. Unique ones are left out.',
    why: 'Every write pays for it.',
    remedy: 'Its app says whether a rare report needs it; else it is dropped, by a migration.',
  },
  {
    id: own.log,
    title: 'The binary log is never removed',
    severity: 'warning',
    looks:
      'The settings `binlog_expire_logs_seconds` and `expire_logs_days`, where `log_bin` is on. How full the disk is, the server does not tell.',
    why: 'It fills the disk, and then nobody writes any more.',
    remedy: 'A time after which it goes, longer than any replica is unreachable.',
  },
];
