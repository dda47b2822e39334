import { lookUp, putIn } from '../../../util/record.ts';
import { accountKey, type Catalog, type CatalogAccount, type CatalogDatabase, type ServerFacts } from './catalog.ts';
import type { Connection } from '../connect/connection.ts';
import { GLOBAL, textOf } from '../grants.ts';
import { ledgerForm, ledgerRows } from './ledger.ts';
import { privilegesOfBits, privilegesOfRow } from '../privileges.ts';
import type { Grants } from '../spec.ts';
import { getOr, type GrantTable, readGrants } from './read-grants.ts';
import { text } from './read-rows.ts';

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
  'max_password_errors',
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
  const ledgerIs = await ledgerForm(connection);
  return {
    server,
    accounts,
    databases: databases.map(
      (row): CatalogDatabase => ({ name: text(row['name']), charset: text(row['charset']), collation: text(row['collation']) }),
    ),
    ledger: await ledgerRows(connection, ledgerIs),
    ledgerIs,
    everybody: grants.ofNobody(() => true),
    everybodyFrom: grants.ofNobodyFrom(),
    strays: grants.strays(new Set(accounts.map(accountKey))),
    upperCase: grants.upperCase,
  };
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
