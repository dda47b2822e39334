import { lookUp, putIn } from '../../../util/record.ts';
import { accountKey, type Catalog, type CatalogAccount, type CatalogDatabase, type LedgerRow, type ServerFacts } from './catalog.ts';
import type { Connection, Row } from '../connection.ts';
import { GLOBAL, keyOf, type Target, targetOf, textOf } from '../grants.ts';
import { LEDGER } from '../names.ts';
import { privilegesOfBits, privilegesOfRow, privilegesOfSet } from '../privileges.ts';
import { nameOfPattern } from '../quote.ts';
import type { Grants } from '../spec.ts';
import type { Stray } from '../retire/strays.ts';
import { rowsInOrder, text } from './read-rows.ts';

const VARIABLES: readonly string[] = [
  'have_symlink',
  'init_connect',
  'local_infile',
  'log_bin',
  'lower_case_table_names',
  'mandatory_roles',
  'max_connections',
  'extra_max_connections',
  'partial_revokes',
  'performance_schema',
  'require_secure_transport',
  'secure_auth',
  'secure_file_priv',
  'skip_name_resolve',
  'skip_networking',
  'skip_grant_tables',
  'automatic_sp_privileges',
  'sql_mode',
  'have_ssl',
  'event_scheduler',
  'log_bin_trust_function_creators',
  'old_passwords',
  'strict_password_validation',
  'skip_show_database',
  'super_read_only',
  'read_only',
  'datadir',
  'plugin_dir',
  'max_prepared_stmt_count',
  'connect_timeout',
];

/** What the server is. */
export async function readServer(connection: Connection): Promise<ServerFacts> {
  const [about] = await connection.rows('SELECT VERSION() AS release_, CURRENT_USER() AS admin_');
  const names = VARIABLES.map((name) => `'${name}'`).join(', ');
  const rows = await connection.rows(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`);
  const variables = new Map(rows.map((row) => [text(row['Variable_name']).toLowerCase(), text(row['Value'])]));
  const release = text(about?.['release_']);
  const [major = 0, minor = 0, patch = 0] = release.split(/[.-]/, 3).map(Number);
  return {
    flavor: /mariadb/i.test(release) ? 'mariadb' : 'mysql',
    version: (major || 0) * 10_000 + (minor || 0) * 100 + (patch || 0),
    release,
    literalNames: variables.get('partial_revokes') === 'ON',
    admin: text(about?.['admin_']),
    variables,
  };
}

/** Everything that decides who may do what, in a handful of questions for any number of apps. */
export async function readCatalog(connection: Connection): Promise<Catalog> {
  const server = await readServer(connection);
  const grants = await readGrants(connection, server);
  const accounts = server.flavor === 'mariadb' ? await mariadbAccounts(connection, grants) : await mysqlAccounts(connection, grants);
  const databases = await connection.rows(
    'SELECT SCHEMA_NAME AS name, DEFAULT_CHARACTER_SET_NAME AS charset, DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA',
  );
  return {
    server,
    accounts,
    databases: databases.map(
      (row): CatalogDatabase => ({ name: text(row['name']), charset: text(row['charset']), collation: text(row['collation']) }),
    ),
    ledger: await readLedger(connection, new Set(databases.map((row) => text(row['name'])))),
    everybody: grants.ofNobody(() => true),
    everybodyFrom: grants.ofNobodyFrom(),
    strays: grants.strays(new Set(accounts.map(accountKey))),
  };
}

/** null where cotenant's own database is not there, or not whole. */
export async function readLedger(connection: Connection, databases: ReadonlySet<string>): Promise<readonly LedgerRow[] | null> {
  if (!databases.has(LEDGER)) return null;
  const [table] = await connection.rows(
    `SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${LEDGER}' AND TABLE_NAME = 'ledger' AND TABLE_TYPE = 'BASE TABLE'`,
  );
  if (!table) return null;
  const rows = await connection.rows(`SELECT kind, name, project, app, applied, retired FROM ${LEDGER}.ledger`);
  return rows.map((row) => ({
    kind: text(row['kind']),
    name: text(row['name']),
    project: text(row['project']),
    app: optional(row['app']),
    applied: optional(row['applied']),
    retired: optional(row['retired']),
  }));
}

/** Grants below the whole server, roles and proxies, by account. */
class GrantTable {
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

function getOr<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

async function readGrants(connection: Connection, server: ServerFacts): Promise<GrantTable> {
  const table = new GrantTable();
  const holder = (row: Row): string => accountKey({ user: text(row['User']), host: text(row['Host']) });
  for (const row of await rowsInOrder(connection)) {
    const pattern = text(row['Db']);
    const name = nameOfPattern(pattern, server.literalNames);
    table.add(holder(row), name === null ? ['pattern', pattern] : ['database', name], privilegesOfRow(row));
  }
  for (const row of await connection.rows('SELECT Host, Db, User, Table_name, Table_priv FROM mysql.tables_priv')) {
    table.add(holder(row), ['table', text(row['Db']), text(row['Table_name'])], privilegesOfSet(text(row['Table_priv'])));
  }
  for (const row of await connection.rows('SELECT Host, Db, User, Table_name, Column_name, Column_priv FROM mysql.columns_priv')) {
    const target: Target = ['column', text(row['Db']), text(row['Table_name']), text(row['Column_name'])];
    table.add(holder(row), target, privilegesOfSet(text(row['Column_priv'])));
  }
  for (const row of await connection.rows('SELECT Host, Db, User, Routine_name, Routine_type, Proc_priv FROM mysql.procs_priv')) {
    const target: Target = ['routine', text(row['Db']), text(row['Routine_name']), text(row['Routine_type'])];
    table.add(holder(row), target, privilegesOfSet(text(row['Proc_priv'])));
  }
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

async function mysqlAccounts(connection: Connection, grants: GrantTable): Promise<readonly CatalogAccount[]> {
  const rows = await connection.rows('SELECT * FROM mysql.user');
  const dynamic = new Map<string, string[]>();
  for (const row of await connection.rows('SELECT USER AS User, HOST AS Host, PRIV AS Priv FROM mysql.global_grants')) {
    getOr(dynamic, accountKey({ user: text(row['User']), host: text(row['Host']) }), () => []).push(text(row['Priv']));
  }
  return rows.map((row): CatalogAccount => {
    const who = { user: text(row['User']), host: text(row['Host']) };
    const key = accountKey(who);
    const attributes = text(row['User_attributes']);
    const global = [...privilegesOfRow(row), ...(dynamic.get(key) ?? [])];
    return {
      ...who,
      isRole: false,
      plugin: text(row['plugin']),
      hash: text(row['authentication_string']),
      locked: row['account_locked'] === 'Y',
      expired: row['password_expired'] === 'Y',
      maxUserConnections: Number(row['max_user_connections']),
      maxConnectionsPerHour: Number(row['max_connections']),
      maxQueriesPerHour: Number(row['max_questions']),
      maxUpdatesPerHour: Number(row['max_updates']),
      maxStatementTime: 0,
      ssl: text(row['ssl_type']),
      locksOut: /"Password_locking"/.test(attributes),
      secondWay: /"additional_password"|"multi_factor_authentication"/.test(attributes),
      restrictions: restrictionsOf(jsonObject(attributes)),
      ...rest(grants, key, global),
    };
  });
}

async function mariadbAccounts(connection: Connection, grants: GrantTable): Promise<readonly CatalogAccount[]> {
  const rows = await connection.rows(
    "SELECT Host, User, Priv, CAST(JSON_VALUE(Priv, '$.access') AS CHAR) AS access_ FROM mysql.global_priv",
  );
  return rows.map((row): CatalogAccount => {
    const who = { user: text(row['User']), host: text(row['Host']) };
    const key = accountKey(who);
    const priv = jsonObject(text(row['Priv']));
    const number = (name: string): number => Number(lookUp(priv, name) ?? 0);
    return {
      ...who,
      isRole: priv['is_role'] === true,
      plugin: text(priv['plugin'] ?? 'mysql_native_password'),
      hash: text(priv['authentication_string']),
      locked: priv['account_locked'] === true,
      expired: 'password_last_changed' in priv && number('password_last_changed') === 0,
      maxUserConnections: number('max_user_connections'),
      maxConnectionsPerHour: number('max_connections'),
      maxQueriesPerHour: number('max_questions'),
      maxUpdatesPerHour: number('max_updates'),
      maxStatementTime: number('max_statement_time'),
      locksOut: false,
      ssl: ['', 'ANY', 'X509', 'SPECIFIED'][number('ssl_type')] ?? 'SPECIFIED',
      secondWay: Array.isArray(priv['auth_or']) && priv['auth_or'].length > 1,
      restrictions: {},
      ...rest(grants, key, privilegesOfBits(text(row['access_']))),
    };
  });
}

function rest(table: GrantTable, key: string, global: readonly string[]): Pick<CatalogAccount, 'grants' | 'roles' | 'proxies'> {
  const below = table.of(key) ?? {};
  const own = textOf(global);
  return {
    grants: own === '' ? below : { [GLOBAL]: own, ...below },
    roles: [...(table.roles.get(key) ?? [])].sort(),
    proxies: [...(table.proxies.get(key) ?? [])].sort(),
  };
}

/** What REVOKE has taken on one database from somebody who has it on everything. */
function restrictionsOf({ Restrictions: list }: Readonly<Record<string, unknown>>): Grants {
  const out: Record<string, string> = {};
  for (const one of Array.isArray(list) ? (list as readonly Readonly<Record<string, unknown>>[]) : []) {
    const privileges = one['Privileges'];
    putIn(out, text(one['Database']), textOf(Array.isArray(privileges) ? privileges.map(text) : []));
  }
  return out;
}

function jsonObject(json: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(json === '' ? '{}' : json);
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function optional(value: unknown): string | null {
  return value === null || value === undefined ? null : text(value);
}
