import type { UpperCase } from './upper-case.ts';
import type { LedgerForm } from './ledger.ts';
import type { Grants } from '../spec.ts';
import type { Stray } from '../retire/strays.ts';

/** Differences between servers, as the server itself tells them. */
export interface ServerFacts {
  readonly flavor: 'mysql' | 'mariadb';
  /** As `90704`, `101118`. */
  readonly version: number;
  /** As the server writes it. */
  readonly release: string;
  /** Names of databases in grants have no wildcards (partial_revokes). */
  readonly literalNames: boolean;
  /** The login of the operator, `root@127.0.0.1`. */
  readonly admin: string;
  readonly variables: ReadonlyMap<string, string>;
}

/** One account or role as the server keeps it. */
export interface CatalogAccount {
  readonly user: string;
  readonly host: string;
  readonly isRole: boolean;
  readonly plugin: string;
  /** What the server keeps of the password. Never printed. */
  readonly hash: string;
  readonly locked: boolean;
  readonly expired: boolean;
  readonly maxUserConnections: number;
  readonly maxConnectionsPerHour: number;
  readonly maxQueriesPerHour: number;
  readonly maxUpdatesPerHour: number;
  readonly maxStatementTime: number;
  readonly ssl: string;
  /** A few wrong passwords lock it, whoever sends them. */
  readonly locksOut: boolean;
  readonly secondWay: boolean;
  /** Target to privileges. Names of databases with wildcards stand as patterns. */
  readonly grants: Grants;
  /** As `name@host`, or `name` where roles have no host. */
  readonly roles: readonly string[];
  readonly proxies: readonly string[];
  /** Databases in which what it has on everything does not count (partial_revokes): database to privileges. */
  readonly restrictions: Grants;
}

export interface CatalogDatabase {
  readonly name: string;
  readonly charset: string;
  readonly collation: string;
}

/** One line of cotenant's own book. */
export interface LedgerRow {
  readonly kind: string;
  readonly name: string;
  readonly project: string;
  readonly app: string | null;
  readonly applied: string | null;
  readonly retired: string | null;
}

export interface Catalog {
  readonly server: ServerFacts;
  readonly accounts: readonly CatalogAccount[];
  readonly databases: readonly CatalogDatabase[];
  /** null: there is none, or it is somebody else's. */
  readonly ledger: readonly LedgerRow[] | null;
  readonly ledgerIs: LedgerForm;
  /** Grants of rows without a user: everybody has them. */
  readonly everybody: Grants;
  /** The same by host of the rows. */
  readonly everybodyFrom: Readonly<Record<string, Grants>>;
  /** Grants of rows without an account. */
  readonly strays: readonly Stray[];
  /** Rows for databases that were written past GRANT, on a server that knows names in lower case only. */
  readonly upperCase: readonly UpperCase[];
}

/** `user@host`; a role of MariaDB has no host. */
export function accountKey({ user, host }: { readonly user: string; readonly host: string }): string {
  return `${user}@${host}`;
}

/** A password that nobody has, as both servers write it for accounts of their own. */
export const IMPOSSIBLE = {
  mysql: '$A$005$THISISACOMBINATIONOFINVALIDSALTANDPASSWORDTHATMUSTNEVERBRBEUSED',
  mariadb: 'invalid',
} as const;
