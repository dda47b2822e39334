import { LIMITING } from '../kinds/limits.ts';
import { literal } from '../quote.ts';
import type { LostMark } from '../judge/lost-marks.ts';
import type { Mark } from '../marks/mark.ts';
import type { Unproven } from '../marks/unproven.ts';

/** Facts that all databases share, read in one round trip on one connection, however many apps there are. */
export interface SharedRows {
  readonly server: readonly ServerRow[];
  readonly roles: readonly RoleRow[];
  readonly members: readonly MemberRow[];
  readonly settings: readonly (readonly [string, string, readonly string[]])[];
  readonly databases: readonly DatabaseRow[];
  /** Of the database that the admin is connected to: its name, acl of its schema public, the admin may change it. */
  readonly publicSchema: readonly (readonly [string, readonly string[] | null, boolean])[];
  readonly parameters: readonly (readonly [string, readonly string[]])[];
  /** login, database, sessions that are open */
  readonly sessions: readonly (readonly [string, string, number])[];
  /** Whether this admin may read pg_hba.conf, and every setting. */
  readonly readable: readonly (readonly [hba: boolean, settings: boolean])[];
  /** Settings that limit sessions, as this server has them where nothing else is set. */
  readonly limits: readonly (readonly [name: string, value: string])[];
  /** Databases that somebody copied, mark included, each with the one that it is a copy of: the mark is left out of their comments. */
  readonly copies: ReadonlyMap<string, string>;
  /** Roles that bear the mark of an app whose they are not: they are listed here without it. */
  readonly copied: ReadonlyMap<string, Mark>;
  /** Roles and databases that were this project's and bear no mark. */
  readonly lost: readonly LostMark[];
  /** Marks of this project that others could have written: the objects are listed here without them. */
  readonly unproven: readonly Unproven[];
}

/**
 * user, superuser, createrole, createdb, version, max_connections, reserved connections, version in words, password_encryption,
 * may end sessions of any app, settings that only others may give, port, addresses that it listens on
 */
export type ServerRow = readonly [
  string,
  boolean,
  boolean,
  boolean,
  number,
  number,
  number,
  string,
  string,
  boolean,
  string | null,
  number,
  string,
];

/** name, login, inherit, superuser, createrole, createdb, replication, bypassrls, connection limit, valid until, comment, verifier */
export type RoleRow = readonly [
  string,
  boolean,
  boolean,
  boolean,
  boolean,
  boolean,
  boolean,
  boolean,
  number,
  string | null,
  string | null,
  string | null,
];
/** group, member, admin, inherit, set, grantor, this admin may take it back */
export type MemberRow = readonly [string, string, boolean, boolean, boolean, string, boolean];
/** name, owner, owner is superuser, encoding, collation, connection limit, allows connections, template, acl, comment, the admin may change it, place by age */
export type DatabaseRow = readonly [
  string,
  string,
  boolean,
  string,
  string,
  number,
  boolean,
  boolean,
  readonly string[] | null,
  string | null,
  boolean,
  number,
];

/** Set in the options of every connection of cotenant. */
const SET_BY_US = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout'];

/** The statements of the shared tier, in the order of `SharedRows`. */
export function sharedQuery(version: number, superuser: boolean): string {
  const reserved = version >= 160000 ? ` + current_setting('reserved_connections')::int4` : '';
  const memberOptions = version >= 160000 ? 'm.inherit_option, m.set_option' : 'true, true';
  const mayTake = version >= 160000 ? `pg_has_role(m.grantor, 'USAGE')` : 'true';
  const mayGive = version >= 150000 ? `NOT has_parameter_privilege(current_user, g.name, 'SET')` : 'true';
  return [
    `SELECT current_user::text, r.rolsuper, r.rolcreaterole, r.rolcreatedb, current_setting('server_version_num')::int4,
       current_setting('max_connections')::int4, current_setting('superuser_reserved_connections')::int4${reserved}, current_setting('server_version'),
       current_setting('password_encryption'), pg_has_role('pg_signal_backend', 'USAGE'),
       CASE WHEN NOT r.rolsuper THEN (SELECT string_agg(g.name, ',' ORDER BY g.name) FROM pg_settings g WHERE g.context = 'superuser' AND ${mayGive}) END,
       current_setting('port')::int4, current_setting('listen_addresses')
     FROM pg_roles r WHERE r.rolname = current_user`,
    `SELECT a.rolname::text, a.rolcanlogin, a.rolinherit, a.rolsuper, a.rolcreaterole, a.rolcreatedb, a.rolreplication, a.rolbypassrls,
       a.rolconnlimit, CASE WHEN isfinite(a.rolvaliduntil) THEN to_char(a.rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') ELSE a.rolvaliduntil::text END, d.description, ${superuser ? 'a.rolpassword' : 'NULL::text'}
     FROM ${superuser ? 'pg_authid' : 'pg_roles'} a LEFT JOIN pg_shdescription d ON d.objoid = a.oid AND d.classoid = 'pg_authid'::regclass
     WHERE a.rolname !~ '^pg_' ORDER BY 1`,
    `SELECT g.rolname::text, u.rolname::text, m.admin_option, ${memberOptions}, b.rolname::text, ${mayTake}
     FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles u ON u.oid = m.member LEFT JOIN pg_roles b ON b.oid = m.grantor
     WHERE u.rolname !~ '^pg_' ORDER BY 1, 2, 6`,
    `SELECT coalesce(d.datname::text, ''), coalesce(r.rolname::text, ''), s.setconfig
     FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole ORDER BY 1, 2`,
    `SELECT d.datname::text, r.rolname::text, r.rolsuper, pg_encoding_to_char(d.encoding)::text, d.datcollate::text, d.datconnlimit, d.datallowconn,
       d.datistemplate, d.datacl::text[], c.description, pg_has_role(d.datdba, 'USAGE'), row_number() OVER (ORDER BY d.oid)::int4
     FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba LEFT JOIN pg_shdescription c ON c.objoid = d.oid AND c.classoid = 'pg_database'::regclass
     ORDER BY 1`,
    `SELECT current_database()::text, nspacl::text[], pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'public'`,
    version >= 150000 ? 'SELECT parname, paracl::text[] FROM pg_parameter_acl ORDER BY 1' : 'SELECT NULL::text, NULL::text[] WHERE false',
    'SELECT usename::text, datname::text, count(*)::int4 FROM pg_stat_activity WHERE usename IS NOT NULL AND datname IS NOT NULL GROUP BY 1, 2',
    `SELECT has_table_privilege('pg_hba_file_rules', 'SELECT') AND has_function_privilege('pg_hba_file_rules()', 'EXECUTE'), pg_has_role('pg_read_all_settings', 'USAGE')`,
    limits(superuser),
  ].join(';\n');
}

/**
 * Limits as the server's own configuration has them. Those that cotenant's connections set for themselves are known to a superuser, who
 * reads the files and what the server was started with; of anybody else's no value is better than one that may be wrong.
 */
function limits(superuser: boolean): string {
  const names = (all: readonly string[]): string => all.map((name) => literal(name)).join(', ');
  const ours = `g.name IN (${names(SET_BY_US)})`;
  const plain = `SELECT g.name, g.reset_val FROM pg_settings g WHERE g.name IN (${names(LIMITING)}) AND NOT ${ours}`;
  if (!superuser) return plain;
  const started = `replace(lower(encode(pg_read_binary_file('postmaster.opts', 0, 65536, true), 'escape')), '-', '_')`;
  const file = 'SELECT f.setting FROM pg_file_settings f WHERE lower(f.name) = g.name ORDER BY f.applied DESC, f.seqno DESC LIMIT 1';
  const isIn = 'EXISTS (SELECT FROM pg_file_settings f WHERE lower(f.name) = g.name)';
  const known = `CASE WHEN position(g.name IN o.opts) = 0 THEN CASE WHEN ${isIn} THEN (${file}) ELSE g.boot_val END END`;
  const read = `SELECT g.name, ${known} AS value FROM pg_settings g, (SELECT ${started} AS opts OFFSET 0) o WHERE ${ours}`;
  return `${plain} UNION ALL SELECT k.name, k.value FROM (${read}) k WHERE k.value IS NOT NULL`;
}
