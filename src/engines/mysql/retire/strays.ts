import type { Catalog } from '../observe/catalog.ts';
import { literal } from '../quote.ts';
import type { Grants } from '../spec.ts';

/** Rows of the server's tables of grants for a user from a host for which there is no account. */
export interface Stray {
  readonly user: string;
  readonly host: string;
  readonly grants: Grants;
}

const TABLES = ['db', 'tables_priv', 'columns_priv', 'procs_priv'] as const;

/** No REVOKE reaches what belongs to no account. */
export function strayDeletes(user: string, host: string): readonly string[] {
  const where = `WHERE User = ${literal(user)} AND Host = ${literal(host)}`;
  return [...TABLES.map((table) => `DELETE FROM mysql.${table} ${where}`), 'FLUSH PRIVILEGES'];
}

/** Those of the users in the list. */
export function straysOf({ strays }: Pick<Catalog, 'strays'>, users: ReadonlySet<string>): readonly Stray[] {
  return strays.filter(({ user }) => users.has(user));
}
