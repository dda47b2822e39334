import type { Diagnostic } from './diagnostic.ts';

/** Migration tools with an adapter, as the manifest calls them. */
export const migrationTools = [
  'alembic',
  'django',
  'drizzle',
  'knex',
  'node-pg-migrate',
  'dbmate',
  'golang-migrate',
  'goose',
  'prisma',
  'flyway',
  'liquibase',
  'sql',
  'command',
] as const;

export type MigrationTool = (typeof migrationTools)[number];

/**
 * `current`: files and ledger agree, and nothing is pending. `behind`: something is pending. `drifted`: they contradict each other.
 * `running`: a tool is at work. `unknown`: the files or the ledger could not be read.
 */
export type MigrationState = 'current' | 'behind' | 'drifted' | 'running' | 'unknown';

/** How the migrations of one app stand. */
export interface MigrationRow {
  readonly app: string;
  readonly instance: string;
  readonly engine: string;
  /** Where they run, in the engine's words: migrations in one place run one after the other. */
  readonly place: string;
  readonly tool: MigrationTool;
  readonly state: MigrationState;
  /** What the ledger says was applied last. Several: branches. */
  readonly current: readonly string[];
  /** Where the files lead to. */
  readonly head: readonly string[];
  /** Revisions that are not applied, in their order. */
  readonly pending: readonly string[];
  /** Where files and ledger contradict each other, in words. */
  readonly drift: readonly string[];
  /** The last run of this machine that did something with it; null: its journal knows of none. */
  readonly last: { readonly at: string; readonly by: string; readonly ending: string } | null;
}

export interface MigrationReport {
  readonly rows: readonly MigrationRow[];
  readonly diagnostics: readonly Diagnostic[];
  /** Instances that could not be reached. */
  readonly unreached: readonly string[];
}

/** The SQL of one revision, as its tool renders it. */
export interface RenderedMigration {
  readonly app: string;
  readonly revision: string;
  /** The file that it comes from, as it lies on this machine. */
  readonly file: string;
  /** Whether the tool runs it inside a transaction. */
  readonly transaction: boolean;
  readonly sql: string;
}

/** What a rule finds in a migration before it runs. */
export interface LintFinding {
  readonly rule: string;
  /** `error`: it harms others, or fails. `warning`: it stops the app itself for a while, or breaks what still runs its old code. */
  readonly severity: 'error' | 'warning';
  readonly app: string;
  readonly revision: string;
  readonly file: string;
  /** In the rendered SQL, from 1. */
  readonly line: number;
  /** The first line of the statement. */
  readonly statement: string;
  /** What is wrong with it here, with the names and sizes of the live server where they are known. */
  readonly message: string;
  /** The safe way. */
  readonly instead: string;
}
