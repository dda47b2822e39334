import { literal } from '../quote.ts';

/** name, owner, wrapper, options, acl */
export type ServerOptionsRow = readonly [string, string, string, readonly string[] | null, readonly string[] | null];
/** server, role or '' for PUBLIC, options with the SHA-256 of the password in its place, null where they cannot be read */
export type MappingRow = readonly [string, string, readonly string[] | null];
/** schema, name, kind, owner, acl, definition or foreign server, options, columns, what depends on it */
export type LinkRow = readonly [
  string,
  string,
  string,
  string,
  readonly string[] | null,
  string | null,
  readonly string[] | null,
  readonly (readonly [string, string, string, string])[],
  readonly string[] | null,
];

/** Whether somebody else rests on an extension `e`, its foreign servers apart: by a right, or something made with it or put beside it. */
const USED = `EXISTS (SELECT 1 FROM pg_foreign_data_wrapper w JOIN pg_depend m ON m.classid = 'pg_foreign_data_wrapper'::regclass AND m.objid = w.oid
      WHERE m.refclassid = 'pg_extension'::regclass AND m.refobjid = e.oid AND m.deptype = 'e'
        AND EXISTS (SELECT 1 FROM aclexplode(w.fdwacl) a WHERE a.grantee <> w.fdwowner))
   OR EXISTS (SELECT 1 FROM pg_depend d WHERE d.deptype IN ('n', 'a') AND d.classid <> 'pg_foreign_server'::regclass
      AND ((d.refclassid = 'pg_namespace'::regclass AND d.refobjid = e.extnamespace AND (SELECT n.nspname FROM pg_namespace n WHERE n.oid = e.extnamespace) <> 'public')
        OR (d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid)
        OR EXISTS (SELECT 1 FROM pg_depend m WHERE m.classid = d.refclassid AND m.objid = d.refobjid AND m.refclassid = 'pg_extension'::regclass AND m.refobjid = e.oid AND m.deptype = 'e'))
      AND NOT (d.classid = 'pg_extension'::regclass AND d.objid = e.oid)
      AND NOT EXISTS (SELECT 1 FROM pg_depend m WHERE m.classid = d.classid AND m.objid = d.objid AND m.refclassid = 'pg_extension'::regclass AND m.refobjid = e.oid AND m.deptype = 'e'))`;

/** What links a database to others: foreign servers, their mappings, what lies in these schemas or belongs to these roles, extensions that this admin can drop and nobody else rests on, and all foreign tables with their servers. */
export function shareQuery(schemas: readonly string[], holders: readonly string[]): string {
  const list = (names: readonly string[]): string => `ARRAY[${names.map(literal).join(', ')}]::name[]`;
  const own = `d.classid = 'pg_rewrite'::regclass AND EXISTS (SELECT 1 FROM pg_rewrite w WHERE w.oid = d.objid AND w.ev_class = c.oid)`;
  const view = `EXISTS (SELECT 1 FROM pg_rewrite w JOIN pg_class u ON u.oid = w.ev_class WHERE w.oid = d.objid AND d.classid = 'pg_rewrite'::regclass AND c.relkind = 'f' AND u.relname = c.relname AND u.relowner = c.relowner)`;
  return [
    `SELECT s.srvname::text, pg_get_userbyid(s.srvowner)::text, w.fdwname::text, s.srvoptions, s.srvacl::text[]
     FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw ORDER BY 1`,
    `SELECT m.srvname::text, CASE WHEN m.umuser = 0 THEN '' ELSE pg_get_userbyid(m.umuser)::text END,
       (SELECT array_agg(CASE WHEN o LIKE 'password=%' THEN 'password=' || encode(sha256(convert_to(substr(o, 10), 'UTF8')), 'hex') ELSE o END ORDER BY o) FROM unnest(m.umoptions) o)
     FROM pg_user_mappings m ORDER BY 1, 2`,
    `SELECT n.nspname::text, c.relname::text, c.relkind::text, pg_get_userbyid(c.relowner)::text, c.relacl::text[],
       CASE c.relkind WHEN 'v' THEN pg_get_viewdef(c.oid) WHEN 'f' THEN (SELECT s.srvname::text FROM pg_foreign_table t JOIN pg_foreign_server s ON s.oid = t.ftserver WHERE t.ftrelid = c.oid) END,
       CASE c.relkind WHEN 'f' THEN (SELECT t.ftoptions FROM pg_foreign_table t WHERE t.ftrelid = c.oid) ELSE c.reloptions END,
       (SELECT coalesce(json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod),
          coalesce((SELECT l.collname FROM pg_collation l JOIN pg_type t ON t.oid = a.atttypid WHERE l.oid = a.attcollation AND l.oid <> t.typcollation), ''), coalesce(a.attfdwoptions::text, '')) ORDER BY a.attnum), '[]'::json)
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
       (SELECT array_agg(DISTINCT pg_describe_object(d.classid, d.objid, 0)) FROM pg_depend d WHERE d.deptype = 'n'
          AND (d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid OR d.refclassid = 'pg_type'::regclass AND d.refobjid = c.reltype) AND NOT (${own}) AND NOT (${view}))
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND (n.nspname = ANY (${list(schemas)}) OR ARRAY[c.relowner, n.nspowner] && ARRAY(SELECT r.oid FROM pg_roles r WHERE r.rolname = ANY (${list(holders)}))) ORDER BY 1, 2`,
    `SELECT e.extname::text FROM pg_extension e WHERE pg_has_role(e.extowner, 'USAGE') AND NOT (${USED})`,
    `SELECT s.srvname::text, quote_ident(n.nspname) || '.' || quote_ident(c.relname), pg_get_userbyid(c.relowner)::text FROM pg_foreign_table t
     JOIN pg_foreign_server s ON s.oid = t.ftserver JOIN pg_class c ON c.oid = t.ftrelid JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY 1, 2`,
  ].join(';\n');
}

/** role, database, owns something there: of these roles, which hold no rights anywhere where nothing is left. */
export function holdingsQuery(names: readonly string[]): string {
  return `SELECT r.rolname::text, b.datname::text, bool_or(d.deptype = 'o') FROM pg_roles r JOIN pg_shdepend d ON d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.oid
       JOIN pg_database b ON b.oid = CASE WHEN d.dbid <> 0 THEN d.dbid WHEN d.classid = 'pg_database'::regclass THEN d.objid END
     WHERE r.rolname = ANY (ARRAY[${names.map(literal).join(', ')}]::name[]) GROUP BY 1, 2 ORDER BY 1, 2`;
}
