const SYSTEM = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;
/** Objects of extensions change with them. */
const notOfExtension = (catalog: string, oid: string): string =>
  `NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = '${catalog}'::regclass AND e.objid = ${oid} AND e.deptype = 'e')`;
/** What is granted beyond what an object of this owner has from its making: an apply takes from PUBLIC what the server gives it. */
const granted = (kind: 'f' | 'T', acl: string, owner: string): string =>
  `ARRAY(SELECT x::text FROM unnest(${acl}) x WHERE NOT x = ANY (coalesce(
     (SELECT d.defaclacl FROM pg_default_acl d WHERE d.defaclrole = ${owner} AND d.defaclnamespace = 0 AND d.defaclobjtype = '${kind}'), acldefault('${kind}', ${owner}))))`;
const quotedName = (schema: string, name: string): string => `quote_ident(${schema}) || '.' || quote_ident(${name})`;

const relations = `SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'i' THEN 'index' WHEN 'I' THEN 'index'
      WHEN 'f' THEN 'foreign table' WHEN 'c' THEN 'type' ELSE 'table' END,
    ${quotedName('n.nspname', 'c.relname')}, n.nspname::text, o.rolname::text,
    c.relacl::text[] || ARRAY(SELECT x::text || ' (' || a.attname || ')' FROM pg_attribute a, unnest(a.attacl) x WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
    md5(concat_ws('|', c.relkind, c.relpersistence, c.reloptions::text, c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.relispartition,
      (SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attcollation,
         (SELECT md5(d.adbin::text) FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum), a.attacl::text), ',' ORDER BY a.attnum)
       FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
      (SELECT string_agg(concat_ws(' ', k.conname, k.contype, k.convalidated, k.condeferrable, k.conkey::text, k.confrelid, k.confkey::text, md5(k.conbin::text)), ',' ORDER BY k.conname)
       FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype <> 'n'),
      (SELECT string_agg(concat_ws(' ', t.tgname, t.tgfoid, t.tgtype, t.tgenabled), ',' ORDER BY t.tgname) FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal),
      (SELECT string_agg(md5(concat(r.rulename, r.ev_enabled, r.ev_action::text)), ',' ORDER BY r.rulename) FROM pg_rewrite r WHERE r.ev_class = c.oid),
      (SELECT string_agg(md5(concat_ws(' ', p.polname, p.polcmd, p.polpermissive, p.polroles::text, p.polqual::text, p.polwithcheck::text)), ',' ORDER BY p.polname) FROM pg_policy p WHERE p.polrelid = c.oid),
      (SELECT concat_ws(' ', x.indrelid, x.indkey::text, x.indisunique, x.indisprimary, x.indclass::text, x.indoption::text, md5(concat(x.indexprs::text, x.indpred::text))) FROM pg_index x WHERE x.indexrelid = c.oid),
      (SELECT string_agg(h.inhparent::text, ',' ORDER BY h.inhseqno) FROM pg_inherits h WHERE h.inhrelid = c.oid))),
    CASE WHEN c.relkind = 'i' THEN (SELECT 'it is not valid, and no query uses it' FROM pg_index x WHERE x.indexrelid = c.oid AND NOT x.indisvalid
       AND NOT EXISTS (SELECT 1 FROM pg_stat_progress_create_index g WHERE g.index_relid = x.indexrelid)) END
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = c.relowner
  WHERE ${SYSTEM} AND c.relkind <> 't' AND ${notOfExtension('pg_class', 'c.oid')}`;

const routines = `SELECT 'routine', ${quotedName('n.nspname', 'p.proname')} || '(' || pg_get_function_identity_arguments(p.oid) || ')', n.nspname::text, o.rolname::text, ${granted('f', 'p.proacl', 'p.proowner')},
    md5(concat_ws('|', p.prosrc, p.probin, p.prolang, p.prosecdef, p.provolatile, p.proconfig::text, p.prorettype, p.prosqlbody::text, p.proacl::text)), NULL
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles o ON o.oid = p.proowner WHERE ${SYSTEM} AND ${notOfExtension('pg_proc', 'p.oid')}`;

const types = `SELECT 'type', ${quotedName('n.nspname', 't.typname')}, n.nspname::text, o.rolname::text, ${granted('T', 't.typacl', 't.typowner')},
    md5(concat_ws('|', t.typtype, t.typbasetype, t.typtypmod, t.typnotnull, t.typdefault, t.typacl::text,
      (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
      (SELECT string_agg(concat(k.conname, k.convalidated, md5(k.conbin::text)), ',' ORDER BY k.conname) FROM pg_constraint k WHERE k.contypid = t.oid))), NULL
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_roles o ON o.oid = t.typowner
  WHERE ${SYSTEM} AND t.typtype IN ('d', 'e', 'r', 'b') AND t.typelem = 0 AND ${notOfExtension('pg_type', 't.oid')}`;

const schemas = `SELECT 'schema', quote_ident(n.nspname), n.nspname::text, o.rolname::text, n.nspacl::text[],
    '', NULL FROM pg_namespace n JOIN pg_roles o ON o.oid = n.nspowner WHERE ${SYSTEM} AND ${notOfExtension('pg_namespace', 'n.oid')}`;

const defaults = `SELECT 'default privileges', concat_ws(' ', 'of', quote_ident(o.rolname), 'on', d.defaclobjtype, n.nspname), n.nspname::text, o.rolname::text, d.defaclacl::text[], '', NULL
  FROM pg_default_acl d JOIN pg_roles o ON o.oid = d.defaclrole LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace`;

/** Those that somebody has been given a right on: there may be millions. */
const largeObjects = `SELECT 'large object', l.oid::text, NULL, o.rolname::text, l.lomacl::text[], '', NULL
  FROM pg_largeobject_metadata l JOIN pg_roles o ON o.oid = l.lomowner WHERE l.lomacl IS NOT NULL`;

/** Of the database or the server as a whole: no app's migrations change them. */
const wide = [
  `SELECT 'extension', quote_ident(e.extname), NULL, o.rolname::text, NULL::text[], concat_ws(' ', e.extversion, e.extnamespace), NULL FROM pg_extension e JOIN pg_roles o ON o.oid = e.extowner`,
  `SELECT 'event trigger', quote_ident(e.evtname), NULL, o.rolname::text, NULL::text[], concat_ws(' ', e.evtevent, e.evtfoid, e.evtenabled, e.evttags::text), NULL FROM pg_event_trigger e JOIN pg_roles o ON o.oid = e.evtowner`,
  `SELECT 'publication', quote_ident(p.pubname), NULL, o.rolname::text, NULL::text[], concat_ws(' ', p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete,
     (SELECT string_agg(r.prrelid::text, ',' ORDER BY r.prrelid) FROM pg_publication_rel r WHERE r.prpubid = p.oid)), NULL FROM pg_publication p JOIN pg_roles o ON o.oid = p.pubowner`,
  `SELECT 'foreign server', quote_ident(s.srvname), NULL, o.rolname::text, s.srvacl::text[], concat_ws(' ', s.srvfdw, md5(s.srvoptions::text)), NULL FROM pg_foreign_server s JOIN pg_roles o ON o.oid = s.srvowner`,
  `SELECT 'settings', concat_ws(' ', 'of', coalesce('role ' || quote_ident(r.rolname), 'every role'), CASE WHEN s.setdatabase <> 0 THEN 'in this database' END), NULL, coalesce(r.rolname, '')::text, NULL::text[], md5(s.setconfig::text), NULL
     FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))`,
  `SELECT 'role', quote_ident(r.rolname), NULL, r.rolname::text, NULL::text[], concat_ws(' ', r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication, r.rolbypassrls, r.rolconnlimit), NULL FROM pg_roles r WHERE r.rolname !~ '^pg_'`,
  // Whose the group is: before 15 every login could give itself away.
  `SELECT 'membership', concat(quote_ident(m.rolname), ' in ', quote_ident(g.rolname)), NULL, g.rolname::text, NULL::text[],
     string_agg((to_jsonb(x) - 'oid')::text, ',' ORDER BY x.grantor), NULL
     FROM pg_auth_members x JOIN pg_roles g ON g.oid = x.roleid JOIN pg_roles m ON m.oid = x.member GROUP BY m.rolname, g.rolname`,
];

/** kind, name, schema, owner, access list (that of a column has its name in brackets), digest, what is broken. */
export const CATALOG = [relations, routines, types, schemas, defaults, largeObjects, ...wide].join('\nUNION ALL\n');

/** Tables with what an apply has put around their rows: what is gone of it opens them to the other apps. */
export const ROW_WALLS = `SELECT ${quotedName('n.nspname', 'c.relname')}, md5(concat_ws('|', c.relrowsecurity, c.relforcerowsecurity,
    string_agg(concat_ws(' ', p.polname, p.polcmd, p.polpermissive, p.polroles::text, p.polqual::text, p.polwithcheck::text), ',' ORDER BY p.polname)))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polname LIKE 'cotenant\\_%'
  WHERE ${SYSTEM} AND c.relkind IN ('r', 'p') GROUP BY n.nspname, c.oid`;
