import type { Table, Thing } from './world.ts';

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** Columns, policies and rows of a table. Whose it is may change: the app is adopted. */
export const tableFact = ({ schema, name }: Table): string => {
  const relation = text(`"${schema}"."${name}"`);
  return `SELECT (SELECT jsonb_agg(jsonb_build_array(attname, format_type(atttypid, atttypmod)) ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = to_regclass(${relation}) AND attnum > 0 AND NOT attisdropped) AS columns,
  (SELECT relrowsecurity FROM pg_class WHERE oid = to_regclass(${relation})) AS rls,
  (SELECT jsonb_agg(jsonb_build_array(conname, pg_get_constraintdef(oid)) ORDER BY conname) FROM pg_constraint
    WHERE conrelid = to_regclass(${relation}) AND contype IN ('p', 'u', 'f', 'c')) AS constraints,
  (SELECT jsonb_agg(jsonb_build_array(tgname, tgenabled::text) ORDER BY tgname) FROM pg_trigger WHERE tgrelid = to_regclass(${relation}) AND NOT tgisinternal) AS triggers,
  (SELECT jsonb_agg(jsonb_build_array(polname, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) ORDER BY polname)
    FROM pg_policy WHERE polrelid = to_regclass(${relation})) AS policies,
  CASE WHEN to_regclass(${relation}) IS NULL THEN NULL ELSE query_to_xml(${text(`SELECT count(*), md5(string_agg(r::text, '|' ORDER BY r::text)) FROM "${schema}"."${name}" r`)}, false, true, '')::text END AS rows`;
};

/** Rights in an order of their own: the server appends. */
const rights = (acl: string): string => `(SELECT jsonb_agg(a::text ORDER BY a::text) FROM unnest(${acl}) a)`;

/** Definition, owner and rights of an object of a bystander; for a relation its rows too. */
export function thingFact({ kind, name }: Thing): string {
  const named = text(name);
  switch (kind) {
    case 'relation':
      return `SELECT relkind::text, relowner::regrole::text AS owner, ${rights('relacl')} AS rights, relrowsecurity, relforcerowsecurity, obj_description(c.oid, 'pg_class') AS comment,
        CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END AS definition,
        (SELECT jsonb_agg(jsonb_build_array(attname, format_type(atttypid, atttypmod), ${rights('attacl')}) ORDER BY attnum) FROM pg_attribute
          WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns,
        (SELECT jsonb_agg(jsonb_build_array(tgname, tgenabled::text, pg_get_triggerdef(oid)) ORDER BY tgname) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal) AS triggers,
        (SELECT jsonb_agg(jsonb_build_array(conname, pg_get_constraintdef(oid)) ORDER BY conname) FROM pg_constraint WHERE conrelid = c.oid AND contype IN ('p', 'u', 'f', 'c')) AS constraints,
        (SELECT jsonb_agg(jsonb_build_array(polname, polroles::regrole[]::text, pg_get_expr(polqual, polrelid)) ORDER BY polname) FROM pg_policy WHERE polrelid = c.oid) AS policies,
        CASE WHEN relkind IN ('r', 'm') THEN query_to_xml(format('SELECT count(*), md5(string_agg(r::text, ''|'' ORDER BY r::text)) FROM %s r', c.oid::regclass), false, true, '')::text END AS rows
        FROM pg_class c WHERE oid = to_regclass(${named})`;
    case 'routine':
      return `SELECT proowner::regrole::text AS owner, ${rights('proacl')} AS rights, pg_get_functiondef(oid) AS definition FROM pg_proc WHERE oid = to_regprocedure(${named})`;
    case 'schema':
      return `SELECT nspowner::regrole::text AS owner, ${rights('nspacl')} AS rights FROM pg_namespace WHERE nspname = ${named}`;
    case 'event trigger':
      return `SELECT evtowner::regrole::text AS owner, evtevent, evtenabled::text, evtfoid::regproc::text AS calls, (SELECT proowner::regrole::text FROM pg_proc WHERE oid = evtfoid) AS runs
        FROM pg_event_trigger WHERE evtname = ${named}`;
    case 'server':
      return `SELECT srvowner::regrole::text AS owner, ${rights('srvacl')} AS rights, (SELECT jsonb_agg(umuser::regrole::text ORDER BY umuser::regrole::text) FROM pg_user_mapping WHERE umserver = s.oid) AS mappings
        FROM pg_foreign_server s WHERE srvname = ${named}`;
    case 'publication':
      return `SELECT pubowner::regrole::text AS owner, puballtables, (SELECT jsonb_agg(tablename ORDER BY tablename) FROM pg_publication_tables WHERE pubname = p.pubname) AS tables
        FROM pg_publication p WHERE pubname = ${named}`;
    case 'slot':
      return `SELECT slot_name, plugin, slot_type FROM pg_replication_slots WHERE slot_name = ${named}`;
    case 'subscription':
      return `SELECT subowner::regrole::text AS owner, subenabled, subpublications, subslotname FROM pg_subscription WHERE subname = ${named} AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    case 'prepared transaction':
      return `SELECT gid, owner FROM pg_prepared_xacts WHERE gid = ${named}`;
    case 'database':
      return `SELECT datdba::regrole::text AS owner, datallowconn, datconnlimit, pg_encoding_to_char(encoding) AS encoding, shobj_description(oid, 'pg_database') AS comment,
        (SELECT setconfig FROM pg_db_role_setting WHERE setdatabase = d.oid AND setrole = 0) AS settings FROM pg_database d WHERE datname = ${named}`;
    case 'type':
      return `SELECT typowner::regrole::text AS owner, ${rights('typacl')} AS rights, format_type(typbasetype, typtypmod) AS of, obj_description(oid, 'pg_type') AS comment
        FROM pg_type WHERE oid = to_regtype(${named})`;
    case 'defaults':
      return `SELECT nspname, defaclobjtype::text AS on, privilege_type AS may FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = defaclnamespace, aclexplode(defaclacl) a
        WHERE a.grantee = (SELECT oid FROM pg_roles WHERE rolname = ${named}) ORDER BY 1, 2, 3`;
    case 'future': {
      const [login = '', relation = ''] = name.split(' ');
      const made = `${relation.split('.')[0] ?? ''}.made_for_others`;
      // As the owner of what is there already, where somebody can be it.
      return `SELECT set_config('role', o.rolname, true) FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner WHERE c.oid = ${text(relation)}::regclass
        AND (o.rolcanlogin OR EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles l ON l.oid = m.member AND l.rolcanlogin WHERE m.roleid = o.oid)); CREATE TABLE ${made} (id int);
        SELECT true AS reads_it WHERE has_table_privilege(${text(login)}, ${text(made)}, 'SELECT')`;
    }
    case 'large object':
      return `SELECT lomowner::regrole::text AS owner, ${rights('lomacl')} AS rights, md5(lo_get(oid)) AS data FROM pg_largeobject_metadata WHERE oid = ${named}::oid`;
  }
}

/** What a login is: attributes and settings. */
export const roleFact = (
  login: string,
): string => `SELECT rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit, shobj_description(oid, 'pg_authid') AS comment,
  (SELECT jsonb_agg(jsonb_build_array(setdatabase::text <> '0', setconfig) ORDER BY setdatabase::text, setconfig) FROM pg_db_role_setting WHERE setrole = r.oid) AS settings
  FROM pg_authid r WHERE rolname = ${text(login)}`;

export const groupsFact = (login: string): string =>
  `SELECT (SELECT jsonb_agg(roleid::regrole::text ORDER BY roleid::regrole::text) FROM pg_auth_members WHERE member = r.oid) AS groups FROM pg_roles r WHERE rolname = ${text(login)}`;

/** The password's verifier, and until when it is good. */
export const passwordFact = (login: string): string =>
  `SELECT md5(rolpassword) AS password, rolvaliduntil::text FROM pg_authid WHERE rolname = ${text(login)}`;

/** What no tenant may be. A row: it is. */
export const dangerFact = (
  login: string,
): string => `SELECT rolname FROM pg_roles r WHERE rolname = ${text(login)} AND (rolsuper OR rolcreaterole OR rolbypassrls OR rolreplication
  OR EXISTS (SELECT FROM pg_roles g WHERE (g.rolsuper OR g.rolname LIKE 'pg\\_%') AND pg_has_role(r.oid, g.oid, 'MEMBER')))`;

/** Functions that an event trigger runs, of anybody but a superuser. */
export const hooksFact = `SELECT evtname, evtfoid::regproc::text AS calls, proowner::regrole::text AS owner FROM pg_event_trigger t JOIN pg_proc p ON p.oid = evtfoid
  WHERE NOT (SELECT rolsuper FROM pg_roles WHERE oid = proowner)`;
