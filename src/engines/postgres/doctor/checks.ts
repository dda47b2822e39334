import { common, commonChecksAs } from '../../../engine/index.ts';
import type { CheckText } from '../../../model/index.ts';

export const own = {
  wraparound: 'CT-D201',
  behind: 'CT-D202',
  autovacuum: 'CT-D203',
  slots: 'CT-D204',
  archiver: 'CT-D205',
  log: 'CT-D206',
  checksums: 'CT-D207',
  invalid: 'CT-D208',
  duplicate: 'CT-D209',
  unused: 'CT-D210',
  dead: 'CT-D211',
  pooler: 'CT-D212',
} as const;

const looks: ReadonlyMap<string, string> = new Map([
  [
    common.appFull,
    'The sessions of each login and database in `pg_stat_activity`, against the limits that the server itself has. At the limit it is a warning, and an error where none of the sessions is idle; below that, from 80 % on, a remark.',
  ],
  [
    common.blocked,
    '`pg_blocking_pids` of every session that has waited for a lock for 10 s, followed to the session that waits for nobody. An error where another app waits, else a warning.',
  ],
  [common.idle, '`pg_stat_activity`: sessions that are idle in a transaction for 60 s.'],
  [common.transaction, '`pg_stat_activity`: transactions that are open for an hour.'],
  [common.query, '`pg_stat_activity`: statements that are under way for five minutes and wait for no lock. Their text is not read.'],
  [common.prepared, '`pg_prepared_xacts`: those that are older than ten minutes.'],
  [
    common.counter,
    'Sequences that do not begin again, against their own end and that of the column that they fill (a `bigserial` may fill an `integer`). From 80 % on it is a warning, from 95 % an error.',
  ],
]);

/** What is looked at on this engine. */
export const checks: readonly CheckText[] = [
  ...commonChecksAs(looks),
  {
    id: own.wraparound,
    title: 'Numbers of transactions run out',
    severity: 'error',
    looks: 'The age of each database, in transactions and in multixacts. From a quarter of 2³¹ on it is a warning, from 70 % an error.',
    why: 'Near the end the server takes no more writes, from anybody.',
    remedy: 'What holds it back ends (old transactions, prepared ones, slots); then `VACUUM (FREEZE)` of the oldest tables.',
  },
  {
    id: own.behind,
    title: 'Autovacuum is far behind',
    severity: 'warning',
    looks: 'Databases that are half as old again as `autovacuum_freeze_max_age`, at which the server vacuums them by itself.',
    why: 'It does not get through: something holds it back, or it has too little to work with.',
    remedy: 'As for wraparound; more `autovacuum_max_workers`, a higher `autovacuum_vacuum_cost_limit`.',
  },
  {
    id: own.autovacuum,
    title: 'Autovacuum is off',
    severity: 'error',
    looks: 'The settings `autovacuum` and `track_counts` of the server; and, as a warning, tables that are excepted from it.',
    why: 'Tables grow without end, plans are made from old statistics, and numbers of transactions run out.',
    remedy: 'It is turned on.',
    fix: 'Turns `autovacuum` and `track_counts` on for the server, where the operator is a superuser and nobody has edited the files of the server since it read them: a reload would put that in force as well. Nobody loses anything by it. What is said of single tables stays: their app said so.',
  },
  {
    id: own.slots,
    title: 'A replication slot holds the log',
    severity: 'error',
    looks:
      '`pg_replication_slots`: slots for which more than 1 GiB of the log is kept (warning), and those that the server is about to give up or has given up (error).',
    why: 'The log fills the disk, and then nobody writes any more.',
    remedy: 'The reader of the slot is started again, or the slot is dropped where it has none.',
  },
  {
    id: own.archiver,
    title: 'The log is not archived',
    severity: 'error',
    looks: '`pg_stat_archiver`: the last try has failed.',
    why: 'The log is kept until it is archived, and fills the disk; and there is nothing to restore to a point in time from.',
    remedy: 'What `archive_command` says in the log of the server is put right.',
  },
  {
    id: own.log,
    title: 'The log takes much of the disk',
    severity: 'warning',
    looks:
      'The bytes in `pg_wal`, where they are more than four times what `max_wal_size` and `wal_keep_size` ask for. How full the disk is, the server does not tell.',
    why: 'On a full disk nobody writes any more.',
    remedy: 'What keeps it ends: a slot, an archive that fails.',
  },
  {
    id: own.checksums,
    title: 'Pages on the disk are damaged',
    severity: 'error',
    looks: '`pg_stat_database.checksum_failures`.',
    why: 'What is read from them is wrong, or cannot be read.',
    remedy: 'A backup from before, on another disk.',
  },
  {
    id: own.invalid,
    title: 'An index is invalid',
    severity: 'warning',
    looks: '`pg_index.indisvalid`, of indexes that nobody is making right now.',
    why: 'No query uses it, and every write pays for it. A unique one that failed does not keep duplicates out.',
    remedy: 'It is made again, or dropped where it is a remainder of a `REINDEX CONCURRENTLY`.',
  },
  {
    id: own.duplicate,
    title: 'An index is there twice',
    severity: 'info',
    looks:
      'Indexes of one table that are alike in method, columns, order, operators, expressions and condition. Those that hold a constraint are kept.',
    why: 'Every write pays for both.',
    remedy: 'One of them is dropped, by a migration.',
  },
  {
    id: own.unused,
    title: 'An index is not used',
    severity: 'info',
    looks:
      '`pg_stat_all_indexes`: indexes of 1 MiB and more that no statement has used since the counters began, at least 7 days ago. Unique ones are left out. Standbys count for themselves.',
    why: 'Every write pays for it.',
    remedy: 'Its app says whether a rare report needs it; else it is dropped, by a migration.',
  },
  {
    id: own.dead,
    title: 'A table is full of dead rows (estimate)',
    severity: 'warning',
    looks: '`pg_stat_all_tables`: 10,000 dead rows and more, and a fifth of the table. These are the server’s own estimates.',
    why: 'Every scan reads them.',
    remedy: 'What keeps them ends (old transactions, prepared ones, slots); then `VACUUM`.',
  },
  {
    id: own.pooler,
    title: 'A pooler changes what apps see',
    severity: 'error',
    looks:
      'Where the instance has a `pooler`: logs in through it as one app of each database, and compares login, database and search path with what the app has on the server itself.',
    why: 'Apps write into each other’s tables, or find none.',
    remedy: 'No `user=` for the database in the settings of the pooler, and none that sets the search path.',
  },
];
