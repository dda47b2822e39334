import type { Tie } from './judge/implied.ts';
import type { Observed, Resource } from '../../model/index.ts';
import type { Acl, AclMove } from './acl.ts';
import type { Chain } from './effective/grants.ts';
import type { OperatorSpec } from './operators.ts';
import type { ShareSpec } from './shares/spec.ts';

/** `verified`: the server's verifier is the one of our secret. `other`: it is not. `none`: no password. `unknown`: this admin cannot read it. */
export type PasswordState = 'verified' | 'other' | 'none' | 'unknown';

/** kind `role`. Desired and observed alike; `password` says how it stands to the secret store. */
export interface RoleSpec {
  readonly purpose: 'owner' | 'read-write' | 'read-only' | 'tenants' | 'login' | 'holder';
  readonly login: boolean;
  readonly inherit: boolean;
  readonly superuser: boolean;
  readonly createRole: boolean;
  readonly createDatabase: boolean;
  readonly replication: boolean;
  readonly bypassRls: boolean;
  /** -1: none. */
  readonly connectionLimit: number;
  readonly validUntil: string | null;
  /** Group to options, sorted: `inherit,set`; with `admin` where it may be granted on. */
  readonly memberOf: Readonly<Record<string, string>>;
  /** Setting to value; a setting for one database only is `database/setting`. */
  readonly settings: Readonly<Record<string, string>>;
  /** Roles that are members of this one and are not cotenant's. */
  readonly outsiders: readonly string[];
  /** Observed, 16 and later: for each role that this one is a member of, or that is a member of it, who gave that, as far as this admin may take it back. */
  readonly grantors: Readonly<Record<string, readonly string[]>>;
  /** Observed: the same for memberships that this admin cannot take back. */
  readonly beyond: Readonly<Record<string, string>>;
  /** Rights on server parameters (15+): `log_statement=s`. */
  readonly parameters: readonly string[];
  /** Observed, 16 and later: by the other role of a membership, members of the same group that rest on it and should stay. */
  readonly heirs?: Readonly<Record<string, readonly Heir[]>>;
  /** Observed: by parameter, rights of others that rest on a right of this role. */
  readonly parameterHeirs?: Readonly<Record<string, readonly AclMove[]>>;
  readonly password: PasswordState;
  /** Observed: the password that it has is the one that waits in the store: a run died before it could say so. */
  readonly staged?: boolean;
  /** Observed: it has an MD5 password, which another name clears; null: this admin cannot tell. */
  readonly md5?: boolean | null;
  /** Name of the secret; null: this role has no password of cotenant's. */
  readonly secret: string | null;
  readonly adopt: boolean;
  /** Desired, of an adopted login: limits that the manifest does not give, `connectionLimit` or a setting. What is there stays. */
  readonly usual?: readonly string[];
  /** The mark in its comment, without what an apply writes into it at the end. */
  readonly mark: string;
  /** Observed: it bears no mark of this project (`other`), or no apply of its app was ever finished (`begun`). */
  readonly unapplied?: 'other' | 'begun';
  /** Observed: what else its comment says. It stays. */
  readonly text?: string;
  /** Observed, where it bears no mark: what another project has to do with it. */
  readonly tie?: Tie;
  /** Observed, of a group that `adopt` would take under a name that nobody wrote down: why it is somebody else's. */
  readonly apart?: string;
  /** Observed: logins whose sessions an apply did not see end. */
  readonly ending?: readonly string[];
  /** Observed, of the ledger: the same by database that no other mark stands for. */
  readonly shut?: Readonly<Record<string, readonly string[]>>;
  /** Observed, of a role of a share that is no longer wanted: databases in which it owns something or has rights. */
  readonly holdings?: readonly { readonly database: string; readonly owns: boolean }[];
}

/** A member of a group, with its options as in `memberOf`. */
export interface Heir {
  readonly member: string;
  readonly options: string;
}

/** kind `database`. */
export interface DatabaseSpec {
  /** `operator`: the admin, or another superuser. */
  readonly owner: string;
  readonly encoding: string;
  /** null: whatever it has. */
  readonly locale: string | null;
  readonly connectionLimit: number;
  readonly allowConnections: boolean;
  readonly template: boolean;
  /** Without the owner's own entry. */
  readonly acl: Acl;
  /** Observed, where somebody passed on what they have: all of it. */
  readonly chain?: Chain;
  readonly settings: Readonly<Record<string, string>>;
  readonly adopt: boolean;
  /** Desired, of an adopted database: the manifest gives no limit of connections. Its own stays. */
  readonly usual?: true;
  readonly mark: string;
  /** Observed: as for a role. */
  readonly text?: string;
  /** Observed: as for a role. */
  readonly tie?: Tie;
  /** Observed: as for a role. */
  readonly ending?: readonly string[];
}

/** kind `perimeter`: what PUBLIC and our roles have on a database that no app owns, and in its `public` schema. */
export interface PerimeterSpec {
  /** Desired null: left as it is. */
  readonly publicDatabase: string | null;
  /** null: not looked at, or left as it is. */
  readonly publicSchema: string | null;
  /** Roles of ours that hold rights there; of the maintenance databases only. */
  readonly ours: { readonly database: Acl; readonly schema: Acl };
  /** Observed, where somebody passed on what they have: all of it. */
  readonly chains?: { readonly database?: Chain; readonly schema?: Chain };
  /** What PUBLIC may do with server parameters (15+), as `log_statement=s`. Told once, with the admin's own database. */
  readonly parameters: readonly string[];
  /** Observed: what of it this admin cannot take away. */
  readonly beyond: readonly ('database' | 'schema')[];
}

/** kind `schema`, named `database/schema`. The ACL includes the owner's entry. */
export interface SchemaSpec {
  readonly owner: string;
  readonly acl: Acl;
  /** Observed, where somebody passed on what they have: all of it. */
  readonly chain?: Chain;
}

/** kind `extension`, named `database/extension`. */
export interface ExtensionSpec {
  /** null: wherever it is. Observed, of one that is only offered: the only schema that it can lie in; null: any. */
  readonly schema: string | null;
  /** Observed: false for one that is only offered by the server. */
  readonly installed: boolean;
  /** Observed: this admin may install it. */
  readonly installable: boolean;
  /** Observed: extensions that must be there before it. */
  readonly requires: readonly string[];
  /** Desired: roles of the app, which may look into the schema that the extension chooses itself; left out: none. */
  readonly users?: readonly string[];
  /** Observed, of one that is only offered: its script runs in a schema where nobody else can make anything. */
  readonly apart?: boolean;
  /** Observed, of one that is only offered: functions and operators of an app that its script could take for the server's. */
  readonly planted?: readonly string[];
}

/** kind `default-privileges`, named `database/app`: what objects made later will grant. Key `role|schema|type`, schema empty for all. */
export interface DefaultPrivilegesSpec {
  readonly entries: Readonly<Record<string, Acl>>;
  /** Observed: what others got from the logins, and do not get from the owner role yet; left out: nothing. */
  readonly carried?: Readonly<Record<string, Acl>>;
}

export type ObjectType = 'schema' | 'table' | 'view' | 'sequence' | 'function' | 'type' | 'column' | 'large object' | 'other';

/** Objects that are alike: same schema, type, owner and access list. */
export interface ObjectClass {
  readonly schema: string;
  readonly type: ObjectType;
  readonly owner: string;
  /** null: never changed from the built-in default. */
  readonly acl: Acl | null;
  /** Where somebody passed on what they have: all of it. */
  readonly chain?: Chain;
  /** Follows the owner of another object (a serial's sequence) and cannot be given away by itself. */
  readonly linked: boolean;
  /** Functions: SECURITY DEFINER. Views: neither checks the rights of the one who asks. */
  readonly definer: boolean;
  /** Level rows: has the workspace column and is no partition, so that the guard opens it. */
  readonly guarded: boolean;
  /** Rights that shares give on it; left out: none. */
  readonly shared?: Acl;
  /** Set where it stays with its owner: why (null: nobody would expect anything else), and its access list as it should be; null: as it is. */
  readonly stays?: { readonly why: string | null; readonly acl: Acl | null };
  /** Ready to stand in a statement, quoted. */
  readonly names: readonly string[];
  /** PostgreSQL's word for ALTER and GRANT, as `TABLE`, `MATERIALIZED VIEW`, `PROCEDURE`. */
  readonly word: string;
}

/** Objects of an operator or a known login among an app's. */
export type Theirs = Pick<ObjectClass, 'schema' | 'owner' | 'word' | 'names'>;

/** kind `objects`, named `database/app`: owner and access of everything in the app's schemas. */
export interface ObjectsSpec {
  readonly owner: string;
  readonly readWrite: string;
  readonly readOnly: string | null;
  /** null: every schema of the database. */
  readonly schema: string | null;
  /** The read-write group may empty tables and set sequences. */
  readonly truncate?: boolean;
  readonly mode: 'app' | 'rows';
  readonly column: string | null;
  /** Tables that others may read; left out: none. */
  readonly shares?: readonly TableShare[];
  /** Observed: what is shared and not there, as `orders` or `orders.note`; left out: nothing. */
  readonly absent?: readonly string[];
  /** Observed only. */
  readonly theirs?: readonly Theirs[];
  /** Observed only. */
  readonly classes: readonly ObjectClass[];
}

/** SELECT on one table for a role that is not the app's. */
export interface TableShare {
  readonly schema: string;
  readonly table: string;
  /** null: all. */
  readonly columns: readonly string[] | null;
  readonly grantee: string;
}

/** One shared table, as row level security sees it. */
export interface GuardedTable {
  readonly name: string;
  readonly kind: 'table' | 'partitioned' | 'partition';
  readonly hasColumn: boolean;
  readonly enabled: boolean;
  readonly forced: boolean;
  /** Roles that may read or write it, or a column of it; PUBLIC is ''. */
  readonly users: readonly string[];
  /** Policy to its shape, as guard.ts writes it. */
  readonly policies: Readonly<Record<string, string>>;
}

/** What the guard's policies rest on: the operator's schema, table and function. */
export type GuardPart = 'schema' | 'table' | 'function';

/** Whose rows lie in a workspace that no login uses; app null: nobody knows, the login is gone. */
export interface KeptWorkspace {
  readonly workspace: string;
  readonly app: string | null;
}

/** kind `row-guard`, named `database/schema`. */
export interface RowGuardSpec {
  readonly column: string;
  readonly owner: string;
  readonly readWrite: string;
  /** The group of logins that only read; left out: there is none. */
  readonly readOnly?: string;
  /** Login to workspace, for every login slot of every app. */
  readonly workspaces: Readonly<Record<string, string>>;
  /** Observed: workspaces of logins whose app is not here any more, by login. Their rows may still be. */
  readonly kept?: Readonly<Record<string, KeptWorkspace>>;
  /** Observed: workspaces that a login has and should not have, and that hold no row; left out: none. */
  readonly empty?: readonly string[];
  /** Observed only: the tables, and what is odd about them. */
  readonly tables: readonly GuardedTable[];
  /** Observed: what of the guard's own parts is missing or not as cotenant made it. */
  readonly broken: readonly GuardPart[];
  /** Observed: those parts that are there. */
  readonly present: readonly GuardPart[];
  /** Observed: roles with a right on a part that they should not have. */
  readonly strangers: readonly GuardStranger[];
}

/** `writes`: it lets them choose whose rows are whose. */
export interface GuardStranger {
  readonly part: GuardPart;
  readonly grantee: string;
  readonly writes: boolean;
}

/** kind `builtin`, named `database/family`: functions of pg_catalog that PUBLIC loses, or may keep. */
export interface BuiltinSpec {
  /** true: PUBLIC may call at least one of them. */
  readonly publicExecute: boolean;
  /** Observed: signatures that PUBLIC may call. */
  readonly open: readonly string[];
  /** Observed: those that it may not call; left out: none. */
  readonly closed?: readonly string[];
  /** Observed: who may call which by name, and is neither the operator's nor known; left out: nobody. */
  readonly named?: Readonly<Record<string, readonly string[]>>;
}

export interface Specs {
  readonly role: RoleSpec;
  readonly database: DatabaseSpec;
  readonly perimeter: PerimeterSpec;
  readonly schema: SchemaSpec;
  readonly extension: ExtensionSpec;
  readonly 'default-privileges': DefaultPrivilegesSpec;
  readonly objects: ObjectsSpec;
  readonly 'row-guard': RowGuardSpec;
  readonly builtin: BuiltinSpec;
  readonly share: ShareSpec;
  readonly operator: OperatorSpec;
}

export type KindName = keyof Specs;

/** Narrows by the kind in the address: this engine writes and reads every resource of its kinds itself. */
export function isKind<K extends KindName>(resource: Resource, kind: K): resource is Resource<Specs[K]>;
export function isKind<K extends KindName>(resource: Observed, kind: K): resource is Observed<Specs[K]>;
export function isKind(resource: Resource | Observed, kind: KindName): boolean {
  return resource.address.kind === kind;
}
