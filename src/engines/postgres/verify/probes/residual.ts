import type { ProbeInfo } from '../../../../engine/index.ts';
import { probe } from '../probe.ts';

/** What no configuration of a shared server closes. Listed in every report, never counted as passed. */
export const residualProbes: readonly ProbeInfo[] = [
  probe('P05', 'analysis', 'LEAK', {
    title: 'Names of databases and roles',
    attack:
      'A login lists databases, roles, memberships and access lists; taking the catalogs away leaves a dozen functions that still answer.',
    example: 'SELECT datname, datacl FROM pg_database; SELECT rolname FROM pg_roles',
    why: 'The names of all apps are known to all apps, and so is who is connected (P05e), and what comments and role settings say (P11, P11f, P12).',
    hardening: 'Cannot be closed. Choose neutral names; keep secrets out of comments, settings and application_name.',
  }),
  probe('P08', 'analysis', 'LEAK', {
    title: 'Counters of other databases',
    attack: 'A login reads how many transactions and rows every database handles, and how much the server writes.',
    example: 'SELECT datname, xact_commit, tup_inserted FROM pg_stat_database',
    why: 'The activity of other apps can be watched (P11g: slots, prepared transactions, WAL and I/O rates).',
    hardening: 'Cannot be closed: the functions under the view still answer if the view is revoked.',
  }),
  probe('P10', 'analysis', 'LEAK', {
    title: 'Locks of other databases',
    attack: 'A login reads all locks, with the keys of advisory locks.',
    example: 'SELECT locktype, database, classid, objid FROM pg_locks',
    why: 'Meaningful keys reveal information.',
    hardening: 'Cannot be closed. Hash the keys of advisory locks.',
  }),
  probe('D2', 'analysis', 'STARVE', {
    title: 'Connections that never log in',
    attack: 'Somebody without credentials opens connections and sends nothing.',
    example: '40 start-up packets for a role that does not exist',
    why: 'They take every slot, those of superusers included, until authentication_timeout ends them.',
    hardening: 'authentication_timeout = 5s, networks in pg_hba.conf, a firewall or pooler in front.',
  }),
  probe('D4', 'analysis', 'STARVE', {
    title: 'The queue of NOTIFY',
    attack: 'An idle listener and a flood of notifications fill the queue that all databases share.',
    example: 'LISTEN x; BEGIN; …  -- and NOTIFY in another session',
    why: 'NOTIFY fails for every app.',
    hardening: 'idle_in_transaction_session_timeout, a watchdog, pg_notification_queue_usage().',
  }),
  probe('D5', 'analysis', 'STARVE', {
    title: 'Long-held snapshots',
    attack: 'A transaction stays open: vacuum cannot clean shared catalogs, nor the tables of a shared database.',
    example: 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;',
    why: 'Tables grow, and transaction ids of the whole server run out in the end.',
    hardening: 'idle_in_transaction_session_timeout is set, and a login may lift it: a watchdog ends such sessions.',
  }),
  probe('D7', 'analysis', 'STARVE', {
    title: 'Memory, CPU, disk and write-ahead log',
    attack: 'A login sets work_mem to anything, fills tables, writes without end.',
    example: "SET work_mem = '64GB'",
    why: 'One process that runs out of memory restarts the server for all; a full disk stops it.',
    hardening: 'cgroups, vm.overcommit_memory = 2, quotas of the file system, monitoring.',
  }),
  probe('S02', 'analysis', 'LEAK', {
    title: 'Definitions of the neighbour’s objects',
    attack:
      'In a shared database a login reads columns, function source, view definitions, constraints and comments of every schema (S23: names of temporary tables too).',
    example: 'SELECT prosrc FROM pg_proc; SELECT pg_get_viewdef(oid) FROM pg_class',
    why: 'The neighbour’s design, and the literals in it.',
    hardening: 'Cannot be closed at this level: use a database for each app where that matters.',
    levels: ['schema', 'rows'],
  }),
  probe('S03', 'analysis', 'LEAK', {
    title: 'Row counts of the neighbour',
    attack: 'A login reads estimates, sizes and counters of every table in the database.',
    example: 'SELECT relname, reltuples, pg_relation_size(oid) FROM pg_class',
    why: 'It shows how the neighbour is doing.',
    hardening: 'Cannot be closed at this level.',
    levels: ['schema', 'rows'],
  }),
  probe('S08', 'analysis', 'LEAK', {
    title: 'LISTEN and NOTIFY',
    attack: 'In a shared database a login listens to every channel and sends on every channel.',
    example: "LISTEN chan_b; NOTIFY chan_b, 'forged'",
    why: 'Payloads are read and forged.',
    hardening: 'Cannot be closed: send identifiers only, and sign them.',
    levels: ['schema', 'rows'],
  }),
  probe('S09', 'analysis', 'STARVE', {
    title: 'Advisory locks of the neighbour',
    attack: 'A login takes the neighbour’s lock keys.',
    example: 'SELECT pg_advisory_lock(7)',
    why: 'The neighbour waits.',
    hardening: '`advisoryLocks: deny`; keys with an own namespace.',
    levels: ['schema', 'rows'],
  }),
  probe('R03', 'analysis', 'LEAK', {
    title: 'What plans and statistics reveal of hidden rows',
    attack: 'EXPLAIN prints how many rows the guard removed and how many the planner expects; sizes and counters reveal the rest.',
    example: "EXPLAIN ANALYZE SELECT * FROM docs; EXPLAIN SELECT * FROM docs WHERE workspace = 'b'",
    why: 'Numbers of rows of other apps.',
    hardening: 'Cannot be closed for a login that may send its own SQL.',
    levels: ['rows'],
  }),
  probe('R16', 'analysis', 'LEAK', {
    title: 'Shared sequences, poolers and table locks',
    attack:
      'A login draws values of a shared sequence, meets session settings that a pooler carried over (R17), shares a login with others (R18), or locks a shared table (R23).',
    example: "SELECT nextval('docs_id_seq'); LOCK TABLE docs IN ACCESS EXCLUSIVE MODE",
    why: 'Insert rates are seen, values are burnt, others wait.',
    hardening: 'Random identifiers; a watchdog on lock waits; a login for each app, which cotenant gives.',
    levels: ['rows'],
  }),
  probe('R04', 'analysis', 'LEAK', {
    title: 'Unique keys across workspaces',
    attack: 'An insert that collides with another app’s row is refused, although the row cannot be seen.',
    example: "INSERT INTO docs(slug) VALUES ('slug-4000')  -- 23505",
    why: 'It tells which keys exist elsewhere.',
    hardening: 'UNIQUE (workspace, slug), PRIMARY KEY (workspace, id), random identifiers.',
    levels: ['rows'],
  }),
  probe('R04b', 'analysis', 'LEAK', {
    title: 'Foreign keys across workspaces',
    attack: 'A foreign key without the workspace accepts a row of another app: the check of a foreign key does not ask row security.',
    example: 'INSERT INTO att(doc_id) VALUES (4000)',
    why: 'It tells which rows exist, and a delete there cascades here.',
    hardening: 'FOREIGN KEY (workspace, doc_id) REFERENCES docs (workspace, id)',
    levels: ['rows'],
  }),
  probe('P39', 'analysis', 'LEAK', {
    title: 'Passwords in statements',
    attack: 'A password in ALTER ROLE … PASSWORD is kept in statement statistics, logs and pg_stat_activity.',
    example: "ALTER ROLE app_b PASSWORD 'plain'",
    why: 'Anybody who reads them has the password.',
    hardening:
      'cotenant sends a SCRAM verifier that it computed itself, so no password of an app reaches the server; the one that a share across databases needs is sent with the log off.',
  }),
];
