import type { RenderedMigration } from '../../../model/index.ts';
import type { RuleId } from './rules.ts';

/** What a table is on the live server. */
export interface LiveTable {
  /** About so many. */
  readonly rows: number;
  readonly bytes: number;
  readonly columns: ReadonlyMap<string, LiveColumn>;
}

export interface LiveColumn {
  /** As `pg_type` calls it, as `varchar`. */
  readonly type: string;
  /** As `pg_attribute` has it; -1: none. */
  readonly modifier: number;
  /** A validated CHECK says that it is not null. */
  readonly checkedNotNull: boolean;
}

/** Somebody in the same database whose transaction is old. */
export interface Holder {
  readonly who: string;
  /** ISO time. */
  readonly since: string;
}

/** What the server tells. Tables and indexes by `schema.name`. */
export interface Live {
  readonly tables: ReadonlyMap<string, LiveTable>;
  /** The table of each. */
  readonly indexes: ReadonlyMap<string, string>;
  readonly extensions: ReadonlySet<string>;
  /** Functions in defaults, by their name: whether one of that name is volatile. */
  readonly volatile: ReadonlyMap<string, boolean>;
  readonly holders: readonly Holder[];
  /** Schemas in the app's hands besides that of its placement. */
  readonly schemas: readonly string[];
}

/** Where the app lives. */
export interface Place {
  readonly app: string;
  readonly database: string;
  /** The first is where names without a schema lie. */
  readonly schemas: readonly string[];
  /** True where every schema of the database is the app's. */
  readonly alone: boolean;
  readonly mayCreateSchemas: boolean;
  /** Roles of the app. */
  readonly roles: ReadonlySet<string>;
  /** Apps that live in other schemas of the database, by the schema. */
  readonly neighbours: ReadonlyMap<string, string>;
  /** The login gives up on a lock after some time, whatever a script says. */
  readonly lockTimeout: boolean;
}

export interface Hit {
  readonly rule: RuleId;
  readonly message: string;
}

/** What is known when a statement is looked at: it goes on from one to the next. */
export interface State {
  readonly script: RenderedMigration;
  readonly place: Place;
  readonly live: Live | null;
  /** Tables that a pending script makes, by `schema.name`: nobody uses them yet. */
  readonly made: Set<string>;
  /** Set in this script, for the statements after it; 0: it waits for ever. */
  lockTimeout: boolean;
  /** A transaction that the script itself has begun. */
  begun: boolean;
  /** A table was changed in the transaction that is open. */
  altered: boolean;
}

/** Below both, whatever a statement does to a table is over before somebody notices. */
const FEW_ROWS = 10_000;
const FEW_BYTES = 8 * 1024 * 1024;

export interface Named {
  readonly schemaname?: string;
  readonly relname?: string;
}

/** `schema.name`, as the app's session finds it. */
export function keyOf({ schemaname, relname = '' }: Named, { place }: Pick<State, 'place'>): string {
  return `${schemaname ?? place.schemas[0] ?? 'public'}.${relname}`;
}

/** A table in words, where work on all its rows is felt; null where it is not: it is small, new, or not there. */
export function large(table: Named | undefined, state: State): string | null {
  if (!table?.relname) return null;
  const key = keyOf(table, state);
  if (state.made.has(key)) return null;
  if (!state.live) return `"${table.relname}" (its size is not known)`;
  const found = state.live.tables.get(key);
  if (!found || (found.rows < FEW_ROWS && found.bytes < FEW_BYTES)) return null;
  return `"${table.relname}" (about ${found.rows.toLocaleString('en')} rows, ${sizeInWords(found.bytes)})`;
}

/** True unless a pending script makes it: the code that runs now may use it. */
export function inUse(table: Named | undefined, state: State): boolean {
  return table?.relname !== undefined && !state.made.has(keyOf(table, state));
}

function sizeInWords(bytes: number): string {
  const mebibytes = bytes / 1024 ** 2;
  return mebibytes < 1024 ? `${Math.max(1, Math.round(mebibytes))} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}
