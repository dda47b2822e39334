import type { Connection, Row } from '../connect/connection.ts';
import { keyOf, type Target, targetOf, textOf } from '../grants.ts';
import { privilegesOfRow, privilegesOfSet } from '../privileges.ts';
import { nameOfPattern } from '../quote.ts';
import type { Stray } from '../retire/strays.ts';
import type { Grants } from '../spec.ts';
import { accountKey, type ServerFacts } from './catalog.ts';
import { rowsInOrder, text } from './read-rows.ts';
import { type GrantRow, type UpperCase, upperCaseIn } from './upper-case.ts';

/** Grants below the whole server, roles and proxies, by account. */
export class GrantTable {
  upperCase: readonly UpperCase[] = [];
  readonly #grants = new Map<string, Map<string, Set<string>>>();
  readonly roles = new Map<string, Set<string>>();
  readonly proxies = new Map<string, Set<string>>();

  add(account: string, target: Target, privileges: readonly string[]): void {
    if (privileges.length === 0) return;
    const of = getOr(this.#grants, account, () => new Map<string, Set<string>>());
    const set = getOr(of, keyOf(target), () => new Set<string>());
    for (const one of privileges) set.add(one);
  }

  /** Rows without a user, whatever their host: everybody from there has them. */
  ofNobody(isAsked: (host: string) => boolean): Grants {
    const all = new GrantTable();
    for (const [account, grants] of this.#grants) {
      if (!account.startsWith('@') || !isAsked(account.slice(1))) continue;
      // Of rows without a user the server looks at those on databases only.
      for (const [key, set] of grants) if (['database', 'pattern'].includes(targetOf(key)[0])) all.add('', targetOf(key), [...set]);
    }
    return all.of('') ?? {};
  }

  ofNobodyFrom(): Readonly<Record<string, Grants>> {
    const hosts = [...this.#grants.keys()].flatMap((account) => (account.startsWith('@') ? [account.slice(1)] : []));
    return Object.fromEntries(hosts.map((host) => [host, this.ofNobody((one) => one === host)]));
  }

  /** Rows for a user and a host for which there is no account. */
  strays(accounts: ReadonlySet<string>): readonly Stray[] {
    return [...this.#grants.keys()].flatMap((key) => {
      const at = key.lastIndexOf('@');
      if (at <= 0 || accounts.has(key)) return [];
      return [{ user: key.slice(0, at), host: key.slice(at + 1), grants: this.of(key) ?? {} }];
    });
  }

  of(account: string): Grants | undefined {
    const grants = this.#grants.get(account);
    return grants && Object.fromEntries([...grants].map(([key, set]) => [key, textOf(set)]));
  }
}

export function getOr<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

export async function readGrants(connection: Connection, server: ServerFacts): Promise<GrantTable> {
  const table = new GrantTable();
  const holder = (row: Row): string => accountKey({ user: text(row['User']), host: text(row['Host']) });
  // Rows that were written past GRANT count there as if they had been written in lower case.
  const isLower = server.variables.get('lower_case_table_names') === '1';
  const lower = (name: unknown): string => (isLower ? text(name).toLowerCase() : text(name));
  const rows: GrantRow[] = [];
  const read = async (of: GrantRow['table'], some: Promise<readonly Row[]>): Promise<readonly Row[]> => {
    const all = await some;
    if (isLower) rows.push(...all.map((row) => ({ table: of, row })));
    return all;
  };
  for (const row of await read('db', rowsInOrder(connection))) {
    const pattern = lower(row['Db']);
    const name = nameOfPattern(pattern, server.literalNames);
    table.add(holder(row), name === null ? ['pattern', pattern] : ['database', name], privilegesOfRow(row));
  }
  const onTables = connection.rows('SELECT Host, Db, User, Table_name, Table_priv, Column_priv FROM mysql.tables_priv');
  for (const row of await read('tables_priv', onTables)) {
    const target: Target = ['table', lower(row['Db']), lower(row['Table_name'])];
    table.add(holder(row), target, privilegesOfSet(text(row['Table_priv'])));
  }
  const onColumns = connection.rows('SELECT Host, Db, User, Table_name, Column_name, Column_priv FROM mysql.columns_priv');
  for (const row of await read('columns_priv', onColumns)) {
    const target: Target = ['column', lower(row['Db']), lower(row['Table_name']), text(row['Column_name'])];
    table.add(holder(row), target, privilegesOfSet(text(row['Column_priv'])));
  }
  const onRoutines = connection.rows('SELECT Host, Db, User, Routine_name, Routine_type, Proc_priv FROM mysql.procs_priv');
  for (const row of await read('procs_priv', onRoutines)) {
    const target: Target = ['routine', lower(row['Db']), text(row['Routine_name']), text(row['Routine_type'])];
    table.add(holder(row), target, privilegesOfSet(text(row['Proc_priv'])));
  }
  table.upperCase = upperCaseIn(rows);
  for (const row of await connection.rows('SELECT Host, User, Proxied_host, Proxied_user FROM mysql.proxies_priv')) {
    const proxied = accountKey({ user: text(row['Proxied_user']), host: text(row['Proxied_host']) });
    getOr(table.proxies, holder(row), () => new Set<string>()).add(proxied);
  }
  await readRoles(connection, server, table);
  return table;
}

async function readRoles(connection: Connection, server: ServerFacts, table: GrantTable): Promise<void> {
  if (server.flavor === 'mariadb') {
    for (const row of await connection.rows('SELECT Host, User, Role, Admin_option FROM mysql.roles_mapping')) {
      // A role's maker is its administrator, and so in the list whether or not it is a member.
      const member = accountKey({ user: text(row['User']), host: text(row['Host']) });
      getOr(table.roles, member, () => new Set<string>()).add(text(row['Role']));
    }
    return;
  }
  for (const row of await connection.rows('SELECT FROM_HOST, FROM_USER, TO_HOST, TO_USER FROM mysql.role_edges')) {
    const member = accountKey({ user: text(row['TO_USER']), host: text(row['TO_HOST']) });
    const role = accountKey({ user: text(row['FROM_USER']), host: text(row['FROM_HOST']) });
    getOr(table.roles, member, () => new Set<string>()).add(role);
  }
}
