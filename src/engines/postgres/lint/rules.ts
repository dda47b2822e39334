import type { LintRule } from '../../../engine/index.ts';

type Text = Omit<LintRule, 'id'>;

/** Those that only a shared server has, and those that fail or leave something half done. */
const errors = {
  'neighbour-object': {
    title: 'An object of another app',
    why: 'The schema belongs to another app of this database. The statement is refused, or, where somebody opened the wall, changes what its owner does not know of.',
    instead: 'leave it to the migrations of the app that owns it; to read it, declare a share in the manifest',
  },
  'outside-own-schema': {
    title: 'Outside of the app’s own schema',
    why: 'The app owns nothing there: the statement is refused, or makes something that no backup, move or removal of the app takes along.',
    instead: 'make it in the app’s own schema: leave the schema out of the name, or name the app’s own',
  },
  'server-wide-statement': {
    title: 'A statement for the whole database or server',
    why: 'It changes what every app of the database or server shares: extensions, roles, settings, event triggers, files. The app’s login may not do it, and whoever may does it to all.',
    instead: 'have the operator do it: `extensions:`, `settings:`, `logins:` and `shares:` of the manifest say what cotenant can',
  },
  'grant-outside': {
    title: 'A right for somebody who is not of the app',
    why: 'It opens the app’s data to a login of others, past the manifest. The next apply takes it back, and verify calls it a breach.',
    instead: 'declare it in the manifest: `readers:`, `logins:` or `shares:`',
  },
  'session-search-path': {
    title: 'The search path is set for the session',
    why: 'What the tool sends afterwards, its own ledger too, goes to other schemas than it means.',
    instead: 'name the schema in the statement, or use SET LOCAL inside the transaction',
  },
  'session-role': {
    title: 'Another role for the session',
    why: 'What is made afterwards belongs to that role and not to the app’s owner, so other logins of the app and its backups cannot reach it.',
    instead: 'leave it out: the app’s login acts as its owner already',
  },
  'unpinned-security-definer': {
    title: 'A security-definer function without a search path',
    why: 'It runs with the owner’s rights and takes the names in its body from the caller’s search path: whoever may call it can put a table or function of theirs in front.',
    instead: 'add SET search_path = pg_catalog, <the app’s schema>, pg_temp to the function',
  },
  'concurrent-index-blocked': {
    title: 'An index built beside an old transaction',
    why: 'CREATE INDEX CONCURRENTLY waits for every older transaction of the database, of other apps too. With a lock_timeout it gives up and leaves an INVALID index, which costs writes and is never used.',
    instead:
      'wait until that transaction has ended; SET lock_timeout = 0 for this statement, and drop an INVALID index before it is tried again',
  },
  'ban-concurrent-index-creation-in-transaction': {
    title: 'CONCURRENTLY inside a transaction',
    why: 'The server refuses it there.',
    instead:
      'put it into a revision of its own that the tool runs without a transaction (Alembic: autocommit_block, Django: atomic = False, knex: config.transaction = false, …)',
  },
  'transaction-nesting': {
    title: 'A transaction inside the tool’s transaction',
    why: 'BEGIN is ignored with a warning, and COMMIT ends the tool’s transaction: what comes after it stays even where the revision fails.',
    instead: 'leave BEGIN and COMMIT to the tool, or tell it to run this revision without a transaction',
  },
  'ban-uncommitted-transaction': {
    title: 'A transaction that is never committed',
    why: 'The tool reports success, and the server rolls everything back when the connection closes.',
    instead: 'end it with COMMIT',
  },
  'syntax-error': {
    title: 'The server cannot read it',
    why: 'The statement ends the run, and without a transaction what stands in front of it stays.',
    instead: 'correct it',
  },
} as const satisfies Record<string, Omit<Text, 'severity'>>;

/** What stops the app itself, or breaks what still runs its old code. */
const warnings = {
  'require-concurrent-index-creation': {
    title: 'An index is built while writes wait',
    why: 'Without CONCURRENTLY nobody can write to the table until it is done.',
    instead: 'CREATE INDEX CONCURRENTLY, in a revision without a transaction',
  },
  'require-concurrent-index-deletion': {
    title: 'An index is dropped while everybody waits',
    why: 'Without CONCURRENTLY it waits for all who use the table, and everybody else waits behind it.',
    instead: 'DROP INDEX CONCURRENTLY, in a revision without a transaction',
  },
  'require-concurrent-reindex': {
    title: 'An index is rebuilt while writes wait',
    why: 'Without CONCURRENTLY nobody can write to the table until it is done.',
    instead: 'REINDEX … CONCURRENTLY, in a revision without a transaction',
  },
  'require-concurrent-partition-detach': {
    title: 'A partition is detached while everybody waits',
    why: 'Without CONCURRENTLY nobody can read or write the partitioned table meanwhile.',
    instead: 'ALTER TABLE … DETACH PARTITION … CONCURRENTLY',
  },
  'constraint-missing-not-valid': {
    title: 'A constraint checks all rows at once',
    why: 'All rows are read while nobody can write.',
    instead: 'add it NOT VALID, and VALIDATE CONSTRAINT in a later transaction',
  },
  'adding-foreign-key-constraint': {
    title: 'A foreign key checks all rows at once',
    why: 'Both tables take no writes until all rows have been looked up.',
    instead: 'add it NOT VALID, and VALIDATE CONSTRAINT in a later transaction',
  },
  'disallowed-unique-constraint': {
    title: 'A constraint builds its index while everybody waits',
    why: 'Nobody can read or write the table while the index is built.',
    instead: 'CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … UNIQUE (or PRIMARY KEY) USING INDEX',
  },
  'adding-not-nullable-field': {
    title: 'SET NOT NULL reads all rows',
    why: 'All rows are read while nobody can read or write the table.',
    instead: 'add CHECK (column IS NOT NULL) NOT VALID, VALIDATE it in a later transaction, then SET NOT NULL: it believes the constraint',
  },
  'adding-required-field': {
    title: 'A column that existing rows cannot fill',
    why: 'NOT NULL without a default fails as soon as the table has a row.',
    instead: 'give it a default, or add it without NOT NULL, fill it, and set NOT NULL later',
  },
  'adding-field-with-default': {
    title: 'A new column writes the table anew',
    why: 'A default that differs from row to row, a stored generated column, a serial or identity column: the table is written anew while nobody can read or write it.',
    instead: 'add the column without it, set the default, and fill old rows in batches',
  },
  'changing-column-type': {
    title: 'A type change writes the table anew',
    why: 'The table and its indexes are written anew while nobody can read or write, and code that runs now meets another type.',
    instead: 'add a column of the new type, write both, fill old rows in batches, switch, drop the old one',
  },
  'renaming-column': {
    title: 'A column gets another name',
    why: 'Code that runs now still asks for the old one.',
    instead: 'add a column, write both, switch, drop the old one; or rename while the app is stopped',
  },
  'renaming-table': {
    title: 'A table gets another name',
    why: 'Code that runs now still asks for the old one.',
    instead: 'rename it and make a view with the old name in the same transaction, until nobody asks for it',
  },
  'ban-drop-column': {
    title: 'A column goes, with its data',
    why: 'It cannot be brought back, and code that runs now may still ask for it.',
    instead: 'take it out of the code first, back the app up, then drop it',
  },
  'ban-drop-table': {
    title: 'A table goes, with its data',
    why: 'It cannot be brought back, and code that runs now may still ask for it.',
    instead: 'take it out of the code first, back the app up, then drop it',
  },
  'ban-drop-not-null': {
    title: 'A column may be null from now on',
    why: 'Code that runs now does not expect it.',
    instead: 'deploy code that expects it first',
  },
  'ban-truncate-cascade': {
    title: 'More tables are emptied than are named',
    why: 'CASCADE empties every table that refers to one of these.',
    instead: 'name all tables that are to be emptied',
  },
  'prefer-repack': {
    title: 'The table is written anew while everybody waits',
    why: 'VACUUM FULL and CLUSTER keep everybody out until they are done.',
    instead: 'pg_repack, or plain VACUUM',
  },
  'require-lock-timeout': {
    title: 'A wait for a lock without an end',
    why: 'It waits for the longest transaction that uses the table, and everybody who comes later waits behind it.',
    instead: 'SET LOCAL lock_timeout in front of it, or `lockTimeout:` of the app’s placement, and try again',
  },
  'prefer-robust-stmts': {
    title: 'Cannot be run twice',
    why: 'The revision runs without a transaction: where a later statement fails this one stays, and the next try fails here.',
    instead: 'IF NOT EXISTS or IF EXISTS, or one statement a revision',
  },
  'identifier-too-long': {
    title: 'A name that is cut',
    why: 'Of more than 63 bytes the server keeps 63, without an error: another name with the same beginning is then the same.',
    instead: 'a shorter name',
  },
  backfill: {
    title: 'All rows are changed beside a change of the table',
    why: 'The lock of the change is held until all rows are written.',
    instead: 'change the table in one revision, and the rows in batches in another',
  },
  'add-column-json': {
    title: 'A column of type json',
    why: 'It has no equality: SELECT DISTINCT and GROUP BY over the table fail from then on.',
    instead: 'jsonb',
  },
  execute: {
    title: 'Code that cannot be looked into',
    why: 'What a DO block sends is known only when it runs.',
    instead: 'plain statements, where they will do',
  },
} as const satisfies Record<string, Omit<Text, 'severity'>>;

export type RuleId = keyof typeof errors | keyof typeof warnings;

const listed = (texts: Readonly<Record<string, Omit<Text, 'severity'>>>, severity: LintRule['severity']): readonly LintRule[] =>
  Object.entries(texts).map(([id, text]) => ({ id, severity, ...text }));

/** Each has an example that it finds and one that it does not in docs/migrations-lint.md. */
export const rules: readonly LintRule[] = [...listed(errors, 'error'), ...listed(warnings, 'warning')];
