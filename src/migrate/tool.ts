import type { LedgerTable, LedgerWish } from '../engine/index.ts';
import type { MigrationTool, RenderedMigration } from '../model/index.ts';

/** One migration as its file tells it. */
export interface Revision {
  readonly id: string;
  readonly file: string;
  /** Of the file, in the ledger's form; null: the ledger keeps none, or it cannot be told without the tool. */
  readonly checksum: string | null;
  /** What the ledger tells it by, where that is not its id. */
  readonly key?: string;
  /** Those whose place it takes, as a squashed one does. */
  readonly replaces?: readonly string[];
  /** Revisions that come before it. */
  readonly needs: readonly string[];
}

/** What the folder of an app holds. */
export interface Files {
  /** In the order in which the tool applies them. */
  readonly revisions: readonly Revision[];
  readonly heads: readonly string[];
  /** What the tool itself would refuse, in words. */
  readonly drift: readonly string[];
}

/** Where files and ledger stand. */
export interface Standing {
  readonly current: readonly string[];
  readonly head: readonly string[];
  readonly pending: readonly string[];
  readonly drift: readonly string[];
  /** A row of the ledger that says that the tool is at work. Also among `drift`, in its own words. */
  readonly lock?: LockRow | undefined;
}

/** Where a tool notes that it is at work: what it has noted stays there when it is killed. */
export interface LockRow {
  readonly table: LedgerTable;
  /** As `drift` has it. */
  readonly words: string;
  /** Who has taken it and since when, as far as it says. */
  readonly taken: string;
  /** The row as it was seen, and what makes it free: columns and values, as texts. */
  readonly was: Readonly<Record<string, string | null>>;
  readonly free: Readonly<Record<string, string | null>>;
  /** The command that frees it by hand. */
  readonly command: string;
}

/** What an adapter knows of an app. */
export interface Place {
  readonly app: string;
  /** Absolute. */
  readonly directory: string;
  readonly ledger: { readonly schema?: string | undefined; readonly table?: string | undefined; readonly column?: string | undefined };
}

/** How a tool is started. `program` null: this process does it, on the app's own session. */
export interface Start {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** How often it is started, one after the other: some tools go one step at a time. Once unless set. */
  readonly times?: number;
}

/** Where a run is to end: the newest, one revision (`back`: an earlier one), or so many steps back. */
export type Target =
  | { readonly to: 'head' }
  | { readonly to: 'revision'; readonly revision: string; readonly back: boolean }
  | { readonly to: 'back'; readonly steps: number };

/** The way to the database, for tools that take it as an argument: without a password, which they find in their environment. */
export interface Way {
  readonly dialect: string;
  readonly url: string;
  /** The schema of the app, where it has no database of its own. */
  readonly schema: string | null;
  readonly variables: Readonly<Record<string, string>>;
  /** The form of Go’s drivers, password included, where these read no URL; null: they do. */
  readonly dsn: string | null;
}

export type Rendered = Omit<RenderedMigration, 'app'>;

/** What rendering works with. */
export interface Rendering {
  readonly place: Place;
  readonly files: Files;
  readonly standing: Standing;
  readonly target: Target;
  readonly way: Way;
  /** Runs the tool, which changes nothing, and gives what it prints. Throws CT4102. */
  readonly printed: (start: Start) => Promise<string>;
}

/** A migration tool: how it is started, where its ledger is, how its files order. One file each. */
export interface Tool {
  readonly id: MigrationTool;
  /** How it is called; null: this process does its work. */
  readonly program: string | null;
  /** The command that gets it. */
  readonly install: string;
  /** The key of the advisory lock that it takes, the same in every schema of a database; left out: it takes none, or one that differs. */
  readonly advisoryKey?: string;
  /** Tables of its ledger. The key `applied` is the one that has what was applied. */
  wishes(place: Place): readonly LedgerWish[];
  files(place: Place): Promise<Files>;
  judge(files: Files, tables: readonly LedgerTable[]): Standing;
  /** The arguments that bring the app up, or down. Throws CT4115 where the tool has no way to do that. */
  start(place: Place, target: Target, way: Way, standing: Standing): Start | Promise<Start>;
  /**
   * Why what a killed run was at may be half done, in words, where the tool has a lock row: then that row is all that says so. null:
   * its last revision was in a transaction, and its session was open all the time.
   */
  mayBeHalf?(place: Place, next: Revision | null): Promise<string | null>;
  /** The SQL that a run to this target would send, revision by revision; null: nobody can tell before it runs. */
  render(rendering: Rendering): Promise<readonly Rendered[] | null>;
}

/** The one table with what was applied, where there is no doubt; else why not. */
export function appliedIn(tables: readonly LedgerTable[]): { readonly table: LedgerTable | null; readonly drift: readonly string[] } {
  const found = tables.filter(({ key }) => key === 'applied');
  const [first, second] = found;
  if (second)
    return { table: null, drift: [`it has ${found.length} ledgers: ${found.map(({ name }) => name).join(', ')}; \`ledger\` says which`] };
  if (first && first.trouble !== null) return { table: null, drift: [`its ledger ${first.name} cannot be read: ${first.trouble}`] };
  return { table: first ?? null, drift: [] };
}

/** Where nobody has looked who could have taken it. */
export function lockWords(taken: string, command: string): string {
  return `its lock row is ${taken}: a run is at work, or was killed; then \`${command}\` frees it`;
}
