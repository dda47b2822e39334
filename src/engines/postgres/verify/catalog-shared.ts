import type { Connection } from '../connect/connection.ts';
import { SUBSCRIBED, type SubscribedRow } from '../queries/links.ts';
import { HELD, PREPARED, SLOTS, SWITCHED } from './queries-lasting.ts';

/** Facts that all databases share. The shapes stand in the order of the statements. */
export interface SharedCatalog {
  /** The superuser that the server was made with, whatever it is called. */
  readonly first: string;
  readonly server: readonly ServerRow[];
  readonly roles: readonly RoleRow[];
  readonly members: readonly MemberRow[];
  readonly settings: readonly SettingRow[];
  readonly databases: readonly DatabaseRow[];
  readonly parameters: readonly (readonly [name: string, acl: readonly string[]])[];
  readonly holdings: readonly HoldingRow[];
  readonly sessions: readonly SessionRow[];
  readonly tablespaces: readonly (readonly [name: string, owner: string, acl: readonly string[] | null, comment: string | null])[];
  /** Where they lead only a superuser may read: others have nothing there. */
  readonly subscriptions: readonly SubscribedRow[];
  readonly values: readonly (readonly [name: string, value: string | null])[];
  readonly free: readonly (readonly [name: string])[];
  readonly extensions: readonly (readonly [name: string, trusted: boolean])[];
  readonly senders: readonly (readonly [role: string])[];
  /** null: this admin may not read it. */
  readonly hba: readonly HbaRow[] | null;
  /** Settings that the files say otherwise than the server has them; null: this admin may not read it. */
  readonly waiting: readonly WaitingRow[] | null;
  readonly prepared: readonly (readonly [name: string, owner: string, database: string])[];
  /** Replication slots that nobody reads, and for which the server keeps what was written without a limit. */
  readonly slots: readonly (readonly [name: string, database: string | null])[];
  readonly switched: readonly (readonly [login: string, database: string, statement: string])[];
  readonly held: readonly (readonly [database: string, relation: string, login: string, prepared: string | null])[];
  /** What the files of the server say, as they would be read now; null: this admin may not read it. */
  readonly files: readonly (readonly [name: string, value: string])[] | null;
  /** The file of rules was written after the server last read it. null: this admin may not know. */
  readonly hbaChanged: boolean | null;
}

export type ServerRow = readonly [
  user: string,
  superuser: boolean,
  readsVerifiers: boolean,
  readsHba: boolean,
  readsSettings: boolean,
  readsActivity: boolean,
  version: number,
  maxConnections: number,
  reserved: number,
  release: string,
  readsFiles: boolean,
  readsTimes: boolean,
  first: string,
];
/** Verifier: scram, md5, none, other; unknown where this admin may not read it. */
export type RoleRow = readonly [
  name: string,
  login: boolean,
  inherit: boolean,
  superuser: boolean,
  createRole: boolean,
  createDatabase: boolean,
  replication: boolean,
  bypassRls: boolean,
  connectionLimit: number,
  expired: boolean,
  comment: string | null,
  verifier: string,
];
export type MemberRow = readonly [group: string, member: string, admin: boolean, inherit: boolean, set: boolean, grantor: string];
/** Empty names: all databases, all roles. */
export type SettingRow = readonly [database: string, role: string, config: readonly string[]];
export type DatabaseRow = readonly [
  name: string,
  owner: string,
  allows: boolean,
  template: boolean,
  acl: readonly string[] | null,
  comment: string | null,
  connectionLimit: number,
  age: number,
];
/** What a role owns (`o`), holds a right on (`a`) or is named by in a policy (`r`), counted by database and catalog. */
export type HoldingRow = readonly [database: string, role: string, catalog: string, type: string, count: number];
export type SessionRow = readonly [role: string, database: string, count: number];
export type HbaRow = readonly [
  line: number,
  type: string | null,
  databases: readonly string[] | null,
  users: readonly string[] | null,
  address: string | null,
  netmask: string | null,
  method: string | null,
  broken: string | null,
];

/** As it is now, and as it is after the next reload or restart. */
export type WaitingRow = readonly [name: string, now: string | null, then: string | null];

/** Bounded, and on one snapshot. A view that somebody put in the place of a table is not read, on servers that know how. */
function prelude(version: number): readonly string[] {
  return [
    'BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY',
    "SET LOCAL statement_timeout = '60s'",
    'SET LOCAL jit = off',
    ...(refusesViews(version) ? ["SET LOCAL restrict_nonsystem_relation_kind = 'view, foreign-table'"] : []),
  ];
}

/** The minor releases of August 2024 brought it. */
function refusesViews(version: number): boolean {
  const since: ReadonlyMap<number, number> = new Map([
    [14, 13],
    [15, 8],
    [16, 4],
  ]);
  return version % 10_000 >= (since.get(Math.trunc(version / 10_000)) ?? 0);
}

const COMMANDS = [
  'archive_command',
  'restore_command',
  'archive_cleanup_command',
  'recovery_end_command',
  'ssl_passphrase_command',
  'primary_conninfo',
  'password_encryption',
  'lo_compat_privileges',
  'temp_file_limit',
  'session_preload_libraries',
  'allow_system_table_mods',
  'row_security',
  'port',
  'listen_addresses',
];

function roles(verifiers: boolean): string {
  const verifier = verifiers
    ? `CASE WHEN a.rolpassword IS NULL THEN 'none' WHEN a.rolpassword LIKE 'SCRAM-SHA-256$%' THEN 'scram' WHEN a.rolpassword ~ '^md5[0-9a-f]{32}$' THEN 'md5' ELSE 'other' END`
    : `'unknown'`;
  return `SELECT a.rolname::text, a.rolcanlogin, a.rolinherit, a.rolsuper, a.rolcreaterole, a.rolcreatedb, a.rolreplication, a.rolbypassrls, a.rolconnlimit,
       coalesce(a.rolvaliduntil < pg_catalog.now(), false), d.description, ${verifier}
     FROM pg_catalog.${verifiers ? 'pg_authid' : 'pg_roles'} a LEFT JOIN pg_catalog.pg_shdescription d ON d.objoid = a.oid AND d.classoid = 'pg_catalog.pg_authid'::regclass ORDER BY 1`;
}

const SERVER = `SELECT r.rolname::text, r.rolsuper, pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT'),
    pg_catalog.has_table_privilege('pg_catalog.pg_hba_file_rules', 'SELECT') AND pg_catalog.has_function_privilege('pg_catalog.pg_hba_file_rules()', 'EXECUTE'),
    pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE'), pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE'),
    pg_catalog.current_setting('server_version_num')::int4, pg_catalog.current_setting('max_connections')::int4,
    pg_catalog.current_setting('superuser_reserved_connections')::int4 + coalesce(pg_catalog.current_setting('reserved_connections', true), '0')::int4,
    pg_catalog.current_setting('server_version'),
    pg_catalog.has_table_privilege('pg_catalog.pg_file_settings', 'SELECT') AND pg_catalog.has_function_privilege('pg_catalog.pg_show_all_file_settings()', 'EXECUTE'),
    pg_catalog.has_function_privilege('pg_catalog.pg_stat_file(text)', 'EXECUTE'), pg_catalog.pg_get_userbyid(10)::text
  FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`;

function sharedQueries([, superuser, verifiers, , , , version]: ServerRow): readonly string[] {
  const options = version >= 160000 ? 'm.inherit_option, m.set_option' : 'u.rolinherit, true';
  return [
    roles(verifiers),
    `SELECT g.rolname::text, u.rolname::text, m.admin_option, ${options}, coalesce(b.rolname::text, '')
     FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid JOIN pg_catalog.pg_roles u ON u.oid = m.member LEFT JOIN pg_catalog.pg_roles b ON b.oid = m.grantor
     WHERE u.rolname !~ '^pg_' ORDER BY 1, 2, 6`,
    `SELECT coalesce(d.datname::text, ''), coalesce(r.rolname::text, ''), s.setconfig
     FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole ORDER BY 1, 2`,
    `SELECT d.datname::text, r.rolname::text, d.datallowconn, d.datistemplate, d.datacl::text[], c.description, d.datconnlimit,
       pg_catalog.row_number() OVER (ORDER BY d.oid)::int4
     FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles r ON r.oid = d.datdba
       LEFT JOIN pg_catalog.pg_shdescription c ON c.objoid = d.oid AND c.classoid = 'pg_catalog.pg_database'::regclass ORDER BY 1`,
    version >= 150000
      ? 'SELECT parname, paracl::text[] FROM pg_catalog.pg_parameter_acl ORDER BY 1'
      : 'SELECT NULL::text, NULL::text[] WHERE false',
    `SELECT coalesce(d.datname::text, ''), r.rolname::text, h.classid::regclass::text, h.deptype::text, pg_catalog.count(*)::int4
     FROM pg_catalog.pg_shdepend h JOIN pg_catalog.pg_roles r ON r.oid = h.refobjid LEFT JOIN pg_catalog.pg_database d ON d.oid = h.dbid
     WHERE h.refclassid = 'pg_catalog.pg_authid'::regclass AND (h.dbid = 0 OR d.oid IS NOT NULL) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
    `SELECT a.usename::text, a.datname::text, pg_catalog.count(*)::int4 FROM pg_catalog.pg_stat_activity a
     WHERE a.backend_type = 'client backend' AND a.usename IS NOT NULL AND a.datname IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`,
    `SELECT t.spcname::text, r.rolname::text, t.spcacl::text[], d.description
     FROM pg_catalog.pg_tablespace t JOIN pg_catalog.pg_roles r ON r.oid = t.spcowner
       LEFT JOIN pg_catalog.pg_shdescription d ON d.objoid = t.oid AND d.classoid = 'pg_catalog.pg_tablespace'::regclass ORDER BY 1`,
    superuser
      ? SUBSCRIBED
      : `SELECT s.subname::text, r.rolname::text, d.datname::text, NULL, NULL, NULL, NULL, s.subenabled FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_roles r ON r.oid = s.subowner JOIN pg_catalog.pg_database d ON d.oid = s.subdbid ORDER BY 1`,
    `SELECT s.name, CASE WHEN s.name IN ('temp_file_limit', 'lo_compat_privileges', 'row_security', 'session_preload_libraries') THEN s.reset_val ELSE s.setting END
     FROM pg_catalog.pg_settings s WHERE s.name = ANY (ARRAY[${COMMANDS.map((name) => `'${name}'`).join(', ')}]) ORDER BY 1`,
    `SELECT s.name FROM pg_catalog.pg_settings s WHERE s.context = 'user'`,
    `SELECT v.name::text, pg_catalog.bool_or(v.trusted) FROM pg_catalog.pg_available_extension_versions v GROUP BY 1`,
    `SELECT DISTINCT w.usename::text FROM pg_catalog.pg_stat_replication w WHERE w.usename IS NOT NULL`,
    PREPARED,
    SLOTS,
    SWITCHED,
    HELD,
  ];
}

/** Answers of the queries, all of one moment. */
export async function consistentRead(connection: Connection, queries: readonly string[]): Promise<readonly (readonly unknown[][])[]> {
  const first = prelude(connection.version);
  try {
    return (await connection.rows([...first, ...queries, 'COMMIT'].join(';\n'))).slice(first.length, -1);
  } catch (error) {
    await connection.rows('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

const HBA = `SELECT h.line_number, h.type, h.database, h.user_name, h.address, h.netmask, h.auth_method, h.error FROM pg_catalog.pg_hba_file_rules h ORDER BY h.line_number`;

/** Later lines win, and a line that is gone leaves what the server was built with. */
const WAITING = `SELECT s.name, s.setting, n.setting
  FROM pg_catalog.pg_settings s
    LEFT JOIN (SELECT DISTINCT ON (pg_catalog.lower(f.name)) pg_catalog.lower(f.name) AS name, f.setting FROM pg_catalog.pg_file_settings f
      WHERE f.name IS NOT NULL ORDER BY 1, f.seqno DESC) f ON f.name = pg_catalog.lower(s.name),
    LATERAL (SELECT CASE WHEN s.source NOT IN ('default', 'configuration file') AND NOT (s.name IN ('hba_file', 'ident_file') AND f.setting IS NOT NULL) THEN s.setting
      WHEN s.vartype <> 'bool' THEN coalesce(f.setting, s.boot_val)
      WHEN coalesce(pg_catalog.lower(f.setting), s.boot_val) IN ('on', 'true', 'yes', '1', 't', 'y') THEN 'on' ELSE 'off' END AS setting) n
  WHERE s.vartype IN ('bool', 'enum', 'string') AND s.context <> 'internal' AND n.setting IS DISTINCT FROM s.setting ORDER BY 1`;

const FILES = `SELECT DISTINCT ON (pg_catalog.lower(f.name)) pg_catalog.lower(f.name), coalesce(f.setting, '') FROM pg_catalog.pg_file_settings f WHERE f.name IS NOT NULL ORDER BY 1, f.seqno DESC`;

/** Files that the first one includes count as well, on servers that say which. */
function hbaChanged(version: number): string {
  const files = version >= 160000 ? 'SELECT h.file_name FROM pg_catalog.pg_hba_file_rules h UNION ' : '';
  return `SELECT coalesce(pg_catalog.bool_or((pg_catalog.pg_stat_file(f.name, true)).modification > pg_catalog.pg_conf_load_time()), false)
    FROM (${files}SELECT pg_catalog.current_setting('hba_file')) AS f(name)`;
}

/** What is asked for, in this order. */
const PARTS = [
  ...(['roles', 'members', 'settings', 'databases', 'parameters', 'holdings', 'sessions', 'tablespaces', 'subscriptions'] as const),
  ...([
    'values',
    'free',
    'extensions',
    'senders',
    'prepared',
    'slots',
    'switched',
    'held',
    'hba',
    'waiting',
    'hbaChanged',
    'files',
  ] as const),
];

/** Two round trips: what this admin may read, and all of it. */
export async function readShared(connection: Connection): Promise<SharedCatalog> {
  const [server] = (await connection.rows(SERVER)) as unknown as readonly [readonly ServerRow[]];
  const [me] = server;
  if (!me) throw new Error('the server does not know its own session');
  const [, , , hba, , , version, , , , files, times, first] = me;
  const nothing = 'SELECT 1 WHERE false';
  const last = [hba ? HBA : nothing, files ? WAITING : nothing, hba && times ? hbaChanged(version) : nothing, files ? FILES : nothing];
  const queries = [...sharedQueries(me), ...last];
  const answers = await consistentRead(connection, queries);
  const found = Object.fromEntries(PARTS.map((name, at) => [name, answers[at]] as const));
  const [[changed] = []] = found.hbaChanged ?? [];
  // The shapes stand beside the statements.
  return {
    ...found,
    first,
    server,
    hba: hba ? found.hba : null,
    waiting: files ? found.waiting : null,
    files: files ? found.files : null,
    hbaChanged: changed ?? null,
  } as unknown as SharedCatalog;
}
