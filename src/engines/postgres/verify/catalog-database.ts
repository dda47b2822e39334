import type { Graph } from './graph/graph.ts';
import type { RestRow } from './graph/rests.ts';

/** What one database holds. Objects that are alike come as one row. */
export interface DatabaseCatalog {
  readonly schemas: readonly SchemaRow[];
  readonly relations: readonly RelationRow[];
  readonly columns: readonly ColumnRow[];
  readonly functions: readonly FunctionRow[];
  readonly types: readonly TypeRow[];
  readonly defaults: readonly DefaultRow[];
  readonly extensions: readonly (readonly [name: string, owner: string])[];
  readonly languages: readonly (readonly [name: string, owner: string, trusted: boolean, byExtension: boolean])[];
  /** Numbers of those that have an access list. */
  readonly largeObjects: readonly (readonly [
    owner: string,
    acl: readonly string[] | null,
    count: number,
    numbers: readonly string[] | null,
  ])[];
  readonly foreignServers: readonly (readonly [name: string, owner: string, acl: readonly string[] | null])[];
  readonly userMappings: readonly (readonly [server: string, role: string])[];
  readonly eventTriggers: readonly (readonly [name: string, owner: string, functionOwner: string])[];
  readonly publications: readonly (readonly [name: string, owner: string, all: boolean])[];
  readonly builtins: readonly BuiltinRow[];
  /** Rights on columns of the server's own tables beyond those that they came with. */
  readonly serverColumns: readonly (readonly [table: string, column: string, grantee: string, privilege: string])[];
  readonly graph: Graph;
  readonly serversViews: readonly (readonly [view: string, what: string])[];
  /** What rests on something of another owner. */
  readonly rests: readonly RestRow[];
  /** What the server came with, and belongs to somebody else than its first superuser. */
  readonly serversOwn: readonly (readonly [owner: string, what: string])[];
  readonly families: readonly (readonly [
    family: 'logical-messages' | 'advisory-locks',
    signature: string,
    acl: readonly string[] | null,
  ])[];
  readonly traps: readonly (readonly [view: string, owner: string])[];
  /** Views, and tables with policies, that call what may do something in the session of whoever reads them. */
  readonly readCode: readonly ReadCodeRow[];
  readonly tables: readonly TableRow[];
  readonly policies: readonly PolicyRow[];
  readonly machinery: readonly MachineryRow[];
}

export type SchemaRow = readonly [name: string, owner: string, acl: readonly string[] | null, comment: string | null, byExtension: boolean];
export type RelationRow = readonly [
  schema: string,
  kind: string,
  owner: string,
  acl: readonly string[] | null,
  ownerRights: boolean,
  partition: boolean,
  names: readonly string[],
];
export type ColumnRow = readonly [schema: string, table: string, column: string, owner: string, acl: readonly string[]];
export type FunctionRow = readonly [
  schema: string,
  owner: string,
  acl: readonly string[] | null,
  /** Not of one that only event triggers run: nobody can call it. */
  definer: boolean,
  pinned: boolean,
  leakproof: boolean,
  trusted: boolean,
  /** Its text changes roles or rights. */
  suspicious: boolean,
  /** Volatile, with name and number of arguments of a function of the server. */
  shadows: boolean,
  onView: boolean,
  onTrigger: boolean,
  resets: boolean,
  signatures: readonly string[],
  /** Something else calls it, for whoever uses that: a view, a default, an operator. Triggers are looked at by themselves. */
  hung: boolean,
  /** It is for triggers: who may use it needs a table to put one on. */
  forTriggers: boolean,
];
export type ReadCodeRow = readonly [
  relation: string,
  schema: string,
  name: string,
  kind: string,
  owner: string,
  functions: readonly string[],
];
export type TypeRow = readonly [schema: string, owner: string, acl: readonly string[] | null, names: readonly string[]];
export type DefaultRow = readonly [creator: string, schema: string, type: string, acl: readonly string[]];
export type BuiltinRow = readonly [kind: string, name: string, grantee: string, privilege: string];
/** Level rows only. */
export type TableRow = readonly [schema: string, name: string, hasColumn: boolean, enabled: boolean, forced: boolean, partition: boolean];
export type PolicyRow = readonly [
  schema: string,
  table: string,
  name: string,
  permissive: boolean,
  command: string,
  roles: readonly string[],
  using: string,
  check: string,
];
/** Function, schema and table of the guard: kind, owner, definition in one line, acl. */
export type MachineryRow = readonly [
  kind: 'function' | 'schema' | 'table' | 'other',
  owner: string,
  shape: string,
  acl: readonly string[] | null,
];
