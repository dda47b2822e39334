import type { LostMark } from '../judge/lost-marks.ts';

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
  /** Databases that somebody copied, mark included, each with the one that it is a copy of: the mark is left out of their comments. */
  readonly copies: ReadonlyMap<string, string>;
  /** Roles and databases that were this project's and bear no mark. */
  readonly lost: readonly LostMark[];
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
  ].join(';\n');
}
