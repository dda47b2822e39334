import type { Observed, Resource } from '../../model/index.ts';
import type { PatternGrant } from './observe/patterns.ts';
import type { Made } from './observe/made.ts';
import type { Stray } from './retire/strays.ts';

/** `verified`: the server's hash is the one of our secret. `other`: it is not. `empty`: none is asked for. `impossible`: none fits. */
export type PasswordState = 'verified' | 'other' | 'empty' | 'impossible';

/** Target of a grant (grants.ts) to its privileges, sorted and joined by `, `. */
export type Grants = Readonly<Record<string, string>>;
/** What accounts have, by `user@host`. */
export type ByAccount = Readonly<Record<string, Grants>>;

/** Fields of an account of which less is less that its sessions can do; 0 is no limit. */
export type Limit = 'maxUserConnections' | 'maxConnectionsPerHour' | 'maxQueriesPerHour' | 'maxUpdatesPerHour' | 'maxStatementTime';

/** kind `account`, named `user@host`. Desired and observed alike. */
export interface AccountSpec {
  readonly user: string;
  readonly host: string;
  readonly locked: boolean;
  readonly password: PasswordState;
  /** Observed: the password that it has is the one that waits in the store: a run died before it could say so. */
  readonly staged?: boolean;
  /** How it proves itself; '' desired: what the server does best. */
  readonly plugin: string;
  /** Name of the secret; null: cotenant gives it no password. */
  readonly secret: string | null;
  /** 0: no limit of its own. */
  readonly maxUserConnections: number;
  readonly maxConnectionsPerHour: number;
  readonly maxQueriesPerHour: number;
  readonly maxUpdatesPerHour: number;
  /** Seconds; 0: none. */
  readonly maxStatementTime: number;
  /** '' | 'ANY' | 'X509' | 'SPECIFIED'. */
  readonly ssl: string;
  readonly expired: boolean;
  /** A second password or a second way in beside the first. */
  readonly secondWay: boolean;
  /** Desired: the database in which it gets what an app gets in its own. */
  readonly own: { readonly database: string; readonly as: 'owner' | 'rw' | 'read'; readonly events: boolean } | null;
  /** Desired: what comes on top of that. Observed: all there is. */
  readonly grants: Grants;
  /** Accounts and roles that are granted to it, as `name@host`. */
  readonly roles: readonly string[];
  /** Accounts that it may act as. */
  readonly proxies: readonly string[];
  /** Observed: who may act as it, as `role x@%` or `proxy x@%`. */
  readonly members: readonly string[];
  /** It stands in cotenant's book. */
  readonly noted: boolean;
  readonly adopt: boolean;
  /** Desired, of an adopted account: limits that the manifest does not give. What is there stays. */
  readonly usual?: readonly Limit[];
}

/** Of a database that cotenant makes, unless the manifest names one. */
export const CHARSET = 'utf8mb4';

/** kind `database`. */
export interface DatabaseSpec {
  /** '' desired: as it is. */
  readonly charset: string;
  /** '' desired: the character set's own. */
  readonly collation: string;
  /** Observed: rights in it of accounts that are not cotenant's. */
  readonly outsiders: ByAccount;
  /** Observed: what logins that the manifest names would lose with these, having it by a role, by account. */
  readonly kept: ByAccount;
  readonly noted: boolean;
  readonly adopt: boolean;
}

/** kind `perimeter`, named `server`: doors that are open to every login or to nobody in particular. */
export interface PerimeterSpec {
  /** Anonymous accounts, as hosts. */
  readonly anonymous: readonly string[];
  /** Grants of the role PUBLIC: target to privileges. */
  readonly everybody: Grants;
  /** Grants of rows without a user. */
  readonly rows: Grants;
  /** Rights on everything, and in the server's own databases, of other roles that everybody has: as `outsiders` of a database. */
  readonly roles: ByAccount;
  /** Observed: what logins that the manifest names would lose with these doors, by account. */
  readonly kept: ByAccount;
}

/** kind `operator`, named as in the manifest. */
export interface OperatorSpec {
  /** Desired: what it may do. */
  readonly may: readonly string[];
  /** Observed: what each of its accounts has. */
  readonly accounts: ByAccount;
}

/** kind `strays`, named `server`: grants of rows without an account that a login of an app would have. */
export interface StraysSpec {
  readonly rows: readonly Stray[];
}

/** kind `ledger`, named after its database. */
export interface LedgerSpec {
  readonly complete: boolean;
}

/** What is in a database that is to be deleted. */
export interface Inventory {
  /** Its tables. */
  readonly names: readonly string[];
  /** Foreign keys and tables of other databases that depend on it, for people. */
  readonly links: readonly string[];
}

/** Of one that a delete would end, also how much is in it. */
export interface Content extends Inventory {
  /** As the server estimates them. */
  readonly rows: number;
  readonly bytes: number;
}

/** kind `retired`, observed only, named `account/user@host` or `database/name`: what an app had that the manifest no longer names. */
export interface RetiredSpec {
  readonly was: string;
  /** ISO day. */
  readonly day: string;
  /** An account that is there, as it is; null as well where somebody whom the manifest names has made it anew. */
  readonly account: AccountSpec | null;
  /** Somebody may have made the account anew: it is nobody's of the app. */
  readonly remade: boolean;
  /** Rights in the database of accounts that are not cotenant's, as for `database`. */
  readonly outsiders: DatabaseSpec['outsiders'];
  readonly kept: DatabaseSpec['kept'];
  /** Of a database, where `removal` is `delete`. */
  readonly content: Content | null;
}

/** An account or role as far as its rights go. */
export interface Holder {
  readonly key: string;
  readonly user: string;
  readonly host: string;
  readonly isRole: boolean;
  readonly locked: boolean;
  readonly grants: Grants;
  readonly roles: readonly string[];
  readonly proxies: readonly string[];
  /** Databases in which what it has on everything does not count (partial_revokes): database to privileges. */
  readonly restrictions: Grants;
  /** The app or reader of this project whose account it is, or will be. */
  readonly of: string | null;
}

/** All accounts, and all objects that run with somebody's rights, whosever they are. */
export interface Census {
  /** Names of all databases. */
  readonly databases: readonly string[];
  readonly accounts: readonly Holder[];
  /** Grants of rows without a user, by host: everybody from there has them. */
  readonly everybody: ByAccount;
  /** Roles that everybody has. */
  readonly mandatory: readonly string[];
  readonly made: readonly Made[];
  /** Grants of strangers on patterns that reach apps of this project. */
  readonly patterns: readonly PatternGrant[];
  /** Rights of others in databases that an apply is to make, by database. */
  readonly coming: Readonly<Record<string, Pick<DatabaseSpec, 'outsiders' | 'kept'>>>;
  /** Databases and accounts that the ledger gives to another project, as `account/x@%`, and which. */
  readonly theirs: readonly (readonly [string, string])[];
  /** Accounts of retired apps that somebody may have made anew. */
  readonly remade: readonly string[];
  /** Users of accounts that the ledger gives to another project. */
  readonly held: readonly { readonly user: string; readonly project: string; readonly app: string | null }[];
  /** Users whose sessions an apply was to end and may not have. */
  readonly ending: readonly { readonly user: string; readonly app: string | null }[];
  /** Keys of databases and patterns that everybody had: whoever works there is to be ended by the next apply. */
  readonly endingIn: readonly string[];
}

export interface Specs {
  readonly account: AccountSpec;
  readonly database: DatabaseSpec;
  readonly perimeter: PerimeterSpec;
  readonly ledger: LedgerSpec;
  readonly operator: OperatorSpec;
  readonly strays: StraysSpec;
  readonly retired: RetiredSpec;
}

export type KindName = keyof Specs;

/** Narrows by the kind in the address: this engine writes and reads every resource of its kinds itself. */
export function isKind<K extends KindName>(resource: Resource, kind: K): resource is Resource<Specs[K]>;
export function isKind<K extends KindName>(resource: Observed, kind: K): resource is Observed<Specs[K]>;
export function isKind(resource: Resource | Observed, kind: KindName): boolean {
  return resource.address.kind === kind;
}
