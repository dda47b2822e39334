import type { EnvContext, EnvVar } from './engine.ts';
import type { InstanceInput } from './input.ts';
import type { SessionContext } from './session.ts';
import type { Progress } from '../util/progress.ts';

/** A table in which a tool may keep what it has done. */
export interface LedgerWish {
  readonly app: string;
  /** What the caller knows it by. */
  readonly key: string;
  readonly table: string;
  /** null: wherever in the app's place. */
  readonly schema: string | null;
  /** Those that the table does not have are null in every row. */
  readonly columns: readonly string[];
}

/** Such a table, as it was found. */
export interface LedgerTable {
  readonly app: string;
  readonly key: string;
  /** As people would write it. */
  readonly name: string;
  readonly schema: string;
  /** Values as texts, in the order of the wish's columns. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** Why its rows could not be read; null: they were. */
  readonly trouble: string | null;
}

/** One object of a database, as the proof after a run compares it. */
export interface CatalogObject {
  readonly kind: string;
  /** As people would write it; with `kind` it names one object. */
  readonly name: string;
  /** In the place of the app. */
  readonly inside: boolean;
  /** Belongs to the app's owner, as everything that its migrations make should. */
  readonly own: boolean;
  /** Whose it is, in words. */
  readonly owner: string;
  /** The app's logins could change it. */
  readonly reachable: boolean;
  /** Changes whenever its definition does. */
  readonly digest: string;
  /** Who has rights on it and is nobody of the app's: role and rights, as `blog_user: SELECT`. */
  readonly strangers: readonly string[];
  /** Changes whenever that does which keeps the rows of several apps apart in it; left out or null: nothing does. */
  readonly wall?: string | null;
  /** What is wrong with it, in words, as an index that is not valid; null: nothing. */
  readonly broken: string | null;
}

/** A process that works for an app's migrations, as the server sees it. */
export interface MigrationWorker {
  readonly app: string;
  /** ISO time. */
  readonly since: string;
  /** The server's name for it. */
  readonly id: string;
}

/** What an app asks for and is not there, in words: `table "orders"`. */
export interface Lacking {
  readonly tables: readonly string[];
  readonly columns: Readonly<Record<string, readonly string[]>>;
  readonly extensions: readonly string[];
}

/** Reads what migration tools have done. Runs nothing that an app has written. */
export interface Migrations {
  /** All ledgers of all apps that are there: one message for each database. `progress` is told of apps. */
  ledgers(wishes: readonly LedgerWish[], progress?: Progress): Promise<readonly LedgerTable[]>;
  /** Apps whose place does not exist yet. */
  absent(apps: readonly string[]): Promise<readonly string[]>;
  /** Everything in the database of the app, and what of the server a migration could reach. */
  catalog(app: string): Promise<readonly CatalogObject[]>;
  /** What of others depends on what the app owns, and would go with it by CASCADE, in words. Absent: the engine has no CASCADE that reaches others. */
  dependents?(app: string): Promise<readonly string[]>;
  /** Tools that still work for these apps. */
  workers(apps: readonly string[]): Promise<readonly MigrationWorker[]>;
  /**
   * Sessions in the app's database that could have written to one of its tables, in words; cotenant's own are not among them. Left
   * out: the server does not tell of all of them.
   */
  writers?(app: string, table: Pick<LedgerTable, 'schema' | 'name'>): Promise<readonly string[]>;
}

/** Columns and values, as texts. */
export interface RowToFree {
  readonly table: Pick<LedgerTable, 'schema' | 'name'>;
  readonly was: Readonly<Record<string, string | null>>;
  readonly free: Readonly<Record<string, string | null>>;
}

/** A session with the app's own login. */
export interface AppSession extends AsyncDisposable {
  ledgers(wishes: readonly LedgerWish[]): Promise<readonly LedgerTable[]>;
  /** Which of these are not there, in words. */
  lacking(wanted: Lacking): Promise<readonly string[]>;
  /** Sends statements as they are. Throws CT3003 with the server's words. */
  send(text: string): Promise<void>;
  /**
   * Frees a row with which a tool has locked out others, if it is as it was seen and no other session is there that could have written
   * to its table. True: it was freed. Left out: the server does not tell of all sessions.
   */
  free?(row: RowToFree): Promise<boolean>;
  /** A name in quotes, in the place of the app where `schema` is null. */
  quoted(schema: string | null, name: string): string;
  literal(text: string): string;
}

/** How the migrations of apps run on an engine. */
export interface MigrationAbility<Config = unknown, Placement = unknown> {
  /** As tools call such servers. */
  readonly dialect: string;
  /** False: a change of tables takes effect at once, whatever becomes of the rest of its transaction. */
  readonly transactionalDdl: boolean;
  /** The variable that has the way in the form of Go’s drivers, password included, where these read no URL. */
  readonly dsn?: string;
  /** Where the migrations of an app run: those in one place run one after the other. null: the app is not on this instance. Pure. */
  place(input: InstanceInput<Config, Placement>, app: string): string | null;
  /** What a tool finds in its environment: the way to the server itself, as a login that may change tables. Throws CT5007. */
  variables(input: InstanceInput<Config, Placement>, app: string, context: EnvContext): readonly EnvVar[];
  /**
   * Opens a session with the app's login. `variables`: those of `variables`, or what the process has of them. `works`: it counts among
   * the workers.
   */
  enter(
    input: InstanceInput<Config, Placement>,
    app: string,
    variables: Readonly<Record<string, string | undefined>>,
    context: SessionContext & { readonly works: boolean },
  ): Promise<AppSession>;
}
