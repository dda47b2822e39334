import type { PublishedRow, Reference, WorkspaceTable } from '../queries/workspace-rows.ts';
import type { Hanging } from './remains-spec.ts';

export interface CountedTable extends WorkspaceTable {
  readonly rows: number;
  /** True where `rows` is what the server expects. */
  readonly estimated: boolean;
}

/** Rows of a retired app in tables that others use too. */
export interface WorkspaceRows {
  readonly app: string;
  readonly database: string;
  /** Lines of the map that are the app's own. */
  readonly logins: readonly string[];
  readonly workspaces: readonly string[];
  /** Whom an admin without superuser acts as among these rows: the owner of the tables; null: nobody else. */
  readonly as: string | null;
  readonly tables: readonly CountedTable[];
  /** What would do more than delete these rows, or why they are not provably the app's. */
  readonly hanging: readonly Hanging[];
  /** Foreign keys by which no row of others depends on these: looked at again when it is done. */
  readonly references: readonly Reference[];
  /** How many more there are that are looked at again: triggers, rules, partitions, keys. */
  readonly reach: number;
  /** Who else could write the map: what it says is nobody's word then. */
  readonly writers: readonly string[];
  /** The map is not as cotenant made it: nothing was read in it. */
  readonly broken?: true;
  /** Tables of others that have rows of these workspaces, which stay. */
  readonly left: readonly CountedTable[];
  readonly published: readonly PublishedRow[];
  /** Who reads the tables through views: login, group or '', view. */
  readonly viewers: readonly (readonly [who: string, view: string])[];
}
