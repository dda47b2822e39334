import type { Acl } from '../acl.ts';
import type { SharedTable } from './shares.ts';
import type { PasswordState, SchemaSpec } from '../spec.ts';

/**
 * kind `share`, named `database/schema`: tables of another database, as views in this one. The foreign server has the
 * name of the schema; the foreign tables behind the views lie in a schema of their own.
 */
export interface ShareSpec {
  readonly from: string;
  /** Where the tables are. */
  readonly database: string;
  readonly schema: string;
  readonly tables: readonly SharedTable[];
  /** As whom the server reads there. */
  readonly login: string;
  readonly secret: string;
  /** Owns the views and the foreign tables, and has the user mapping. */
  readonly holder: string;
  readonly hidden: string;
  /** Who may read the views. */
  readonly reader: string;
  /** Options of the foreign server that the manifest sets. */
  readonly options: Readonly<Record<string, string>>;
  /** Observed only. */
  readonly found?: FoundShare;
}

export interface FoundShare {
  /** postgres_fdw is there, or this admin may install it. */
  readonly available: boolean;
  readonly server: FoundServer | null;
  readonly mappings: readonly FoundMapping[];
  readonly views: SchemaSpec | null;
  readonly hidden: SchemaSpec | null;
  /** In both schemas. */
  readonly relations: readonly FoundRelation[];
  /** The shared tables as they are in their own database; one that is not there is left out. */
  readonly source: readonly SourceTable[];
}

export interface FoundServer {
  /** `operator`: the admin, or another superuser. */
  readonly owner: string;
  readonly wrapper: string;
  readonly options: Readonly<Record<string, string>>;
  /** Without the owner's own entry. */
  readonly acl: Acl;
}

export interface FoundMapping {
  /** '': PUBLIC. */
  readonly role: string;
  /** Without the password; null: this admin cannot read them. */
  readonly options: Readonly<Record<string, string>> | null;
  readonly password: PasswordState;
}

export interface FoundRelation {
  /** True: behind the views. */
  readonly hidden: boolean;
  readonly name: string;
  /** As pg_class.relkind has it. */
  readonly kind: string;
  readonly owner: string;
  /** Without the owner's own entry. */
  readonly acl: Acl;
  /** Columns with rights of their own. */
  readonly columnAcl: readonly (readonly [column: string, acl: Acl])[];
  /** Columns of a view, in order: name and type. */
  readonly columns: readonly string[];
  /** What it is, in one text, as share-text.ts writes it. */
  readonly shape: string;
  /** What would go with it, besides the view of the same name. */
  readonly dependents: readonly string[];
}

export interface SourceTable {
  readonly table: string;
  readonly columns: readonly SourceColumn[];
}

/** name, type, false where the type is not one of the server's own, collation where it is not the type's or '' */
export type SourceColumn = readonly [string, string, boolean, string];

/** kind `left-share`, named `database/role`: what is left of a share that the manifest no longer has. */
export interface LeftShareSpec {
  readonly holder: string;
  readonly servers: readonly string[];
  readonly mappings: readonly string[];
  /** Roles that may use the servers, beside their owner; '' is everybody. */
  readonly users: readonly string[];
  /** Schema to the roles that may still enter it. */
  readonly schemas: Readonly<Record<string, readonly string[]>>;
  /** schema, name, kind, roles that still have rights on it */
  readonly relations: readonly (readonly [string, string, string, readonly string[]])[];
  /** What others have built on the views or put on the servers. */
  readonly dependents: readonly string[];
}
