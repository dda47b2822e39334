/**
 * What runs with the rights of its owner on a relation of somebody: its kind, name ready for a statement, owner; owner and access
 * list of what is used for it; owner and access list of the schema of that; schema and name of the relation, or what the body
 * says where the server keeps no more than that; how the relation's policies single the owner out; what it is that runs so;
 * in place of a relation, a function that it calls.
 */
export type CarrierRow = readonly [
  kind: 'view' | 'materialized view' | 'rule' | 'function' | 'trigger' | 'foreign key' | 'referenced table' | 'index',
  name: string,
  owner: string,
  user: string,
  acl: readonly string[] | null,
  spaceOwner: string,
  space: readonly string[] | null,
  schema: string | null,
  relation: string | null,
  body: string | null,
  policies: '' | 'by name' | 'by current_user',
  runs: string,
  signature: string | null,
];

const named = (table: string, space: string): string =>
  `pg_catalog.quote_ident(${space}.nspname) || '.' || pg_catalog.quote_ident(${table}.relname)`;
const who = (oid: string): string => `pg_catalog.pg_get_userbyid(${oid})::text`;
const calls = `'current_user|current_role|session_user|pg_has_role'`;
/** Policies hold for an owner only where they are forced on it. */
const policies = (
  table: string,
  owner: string,
): string => `CASE WHEN NOT ${table}.relrowsecurity OR ${table}.relowner = ${owner} AND NOT ${table}.relforcerowsecurity THEN ''
    WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_policy y WHERE y.polrelid = ${table}.oid AND ${owner} = ANY (y.polroles)) THEN 'by name'
    WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_policy y WHERE y.polrelid = ${table}.oid AND (y.polroles = '{0}' OR ${owner} = ANY (y.polroles))
      AND concat(pg_catalog.pg_get_expr(y.polqual, y.polrelid), pg_catalog.pg_get_expr(y.polwithcheck, y.polrelid)) ~* ${calls}) THEN 'by current_user' ELSE '' END`;
const INVOKER = `'{security_invoker=true,security_invoker=on,security_invoker=1,security_invoker=yes}'::text[]`;

const space = 'coalesce(m.nspname, k.nspname)::text';
const needed = `LEFT JOIN pg_catalog.pg_class t ON t.oid = d.needs LEFT JOIN pg_catalog.pg_namespace m ON m.oid = t.relnamespace
      LEFT JOIN pg_catalog.pg_proc f ON f.oid = d.calls LEFT JOIN pg_catalog.pg_namespace k ON k.oid = f.pronamespace`;

/** Views with all that lie over them, rules, SECURITY DEFINER functions, and triggers that call such a one. */
export const CARRIERS = `WITH RECURSIVE over AS (
    SELECT DISTINCT r.ev_class AS rel, d.refobjid AS needs FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d
      ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> r.ev_class AND d.refobjid >= 16384 WHERE r.oid >= 16384),
  via (rel, base, owner, needs) AS (
    SELECT v.rel, v.rel, c.relowner, v.needs FROM over v JOIN pg_catalog.pg_class c ON c.oid = v.rel WHERE NOT coalesce(c.reloptions && ${INVOKER}, false)
    UNION SELECT v.rel, b.base, b.owner, b.needs FROM over v JOIN via b ON b.rel = v.needs),
  code AS (SELECT p.oid, p.proowner, p.proacl, p.pronamespace, p.prorettype, p.prosqlbody IS NULL AS plain, p.prosrc FROM pg_catalog.pg_proc p
    WHERE p.oid >= 16384 AND p.prosecdef AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND e.objid = p.oid AND e.deptype = 'e')),
  does AS (
    SELECT c.oid, c.proowner, t.oid AS needs, NULL::text AS body, NULL::oid AS calls FROM code c JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = c.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
      JOIN pg_catalog.pg_class t ON t.oid = d.refobjid WHERE t.oid >= 16384
    UNION SELECT c.oid, c.proowner, NULL, NULL, f.oid FROM code c JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = c.oid AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
      JOIN pg_catalog.pg_proc f ON f.oid = d.refobjid WHERE f.oid >= 16384
    UNION SELECT c.oid, c.proowner, NULL, c.prosrc, NULL FROM code c WHERE c.plain)
  SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'rule' END, ${named('c', 'n')}, ${who('v.owner')}, ${who('c.relowner')}, c.relacl, ${who('n.nspowner')}, n.nspacl,
      m.nspname::text, t.relname::text, NULL, ${policies('t', 'v.owner')}, ${named('b', 'k')}, NULL
    FROM via v JOIN pg_catalog.pg_class b ON b.oid = v.base JOIN pg_catalog.pg_namespace k ON k.oid = b.relnamespace JOIN pg_catalog.pg_class c ON c.oid = v.rel JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_class t ON t.oid = v.needs JOIN pg_catalog.pg_namespace m ON m.oid = t.relnamespace
  UNION ALL SELECT 'function', p.oid::pg_catalog.regprocedure::text, ${who('p.proowner')}, ${who('p.proowner')}, p.proacl, ${who('n.nspowner')}, n.nspacl, ${space}, t.relname::text, d.body,
      CASE WHEN t.oid IS NULL THEN '' ELSE ${policies('t', 'p.proowner')} END, p.oid::pg_catalog.regprocedure::text, f.oid::pg_catalog.regprocedure::text
    FROM does d JOIN code p ON p.oid = d.oid JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace ${needed}
    WHERE p.prorettype <> ALL ('{trigger,event_trigger}'::pg_catalog.regtype[])
  UNION ALL SELECT 'trigger', pg_catalog.quote_ident(g.tgname) || ' on ' || ${named('c', 'n')}, ${who('d.proowner')}, ${who('c.relowner')}, c.relacl, ${who('n.nspowner')}, n.nspacl, ${space}, t.relname::text, d.body, '', d.oid::pg_catalog.regprocedure::text, f.oid::pg_catalog.regprocedure::text
    FROM does d JOIN pg_catalog.pg_trigger g ON g.tgfoid = d.oid AND NOT g.tgisinternal JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      ${needed}
  UNION ALL SELECT CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END, ${named('c', 'n')}, ${who('c.relowner')}, ${who('c.relowner')}, c.relacl, ${who('n.nspowner')}, n.nspacl,
      m.nspname::text, NULL, NULL, '', ${named('c', 'n')}, f.oid::pg_catalog.regprocedure::text
    FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class AND c.relkind = ANY ('{v,m}') JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
      JOIN pg_catalog.pg_proc f ON f.oid = d.refobjid JOIN pg_catalog.pg_namespace m ON m.oid = f.pronamespace WHERE f.oid >= 16384
  ORDER BY 1, 2, 8, 9, 13`;

/** Functions that run as their caller: signature and what they say. What a caller runs in them, it needs the rights for. */
export const CODE = `SELECT p.oid::pg_catalog.regprocedure::text, coalesce(nullif(p.prosrc, ''), pg_catalog.pg_get_function_sqlbody(p.oid), '') FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  WHERE p.oid >= 16384 AND NOT p.prosecdef AND p.prokind = ANY ('{f,p}') AND l.lanname <> ALL ('{c,internal}')
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND e.objid = p.oid AND e.deptype = 'e') ORDER BY 1`;

/** Each schema with its owner, its access list, and the names in it that are no extension's. */
export const SPACES = `SELECT n.nspname::text, ${who('n.nspowner')}, n.nspacl, ARRAY(
    SELECT c.relname::text FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relkind = ANY ('{r,p,v,m,f,S}')
    UNION SELECT p.proname::text FROM pg_catalog.pg_proc p WHERE p.pronamespace = n.oid
      AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND e.objid = p.oid AND e.deptype = 'e'))
  FROM pg_catalog.pg_namespace n WHERE n.oid >= 16384 OR n.nspname = 'public' ORDER BY 1`;

/** What carriers can need: kind, schema, name of a relation or signature of a function, owner, access list, who is mapped to the server of a foreign table ('': everybody). */
export type GuardedRow = readonly [
  kind: 'table' | 'function',
  schema: string,
  name: string,
  owner: string,
  acl: readonly string[] | null,
  mapped: readonly string[],
  server: string | null,
];

export const GUARDED = `SELECT 'table', n.nspname::text, c.relname::text, ${who('c.relowner')}, c.relacl,
    ARRAY(SELECT CASE WHEN m.umuser = 0 THEN '' ELSE ${who('m.umuser')} END FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_user_mappings m ON m.srvid = f.ftserver WHERE f.ftrelid = c.oid ORDER BY 1),
    (SELECT s.srvname::text FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid)
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid >= 16384 AND c.relkind = ANY ('{r,p,v,m,f}')
  UNION ALL SELECT 'function', '', p.oid::pg_catalog.regprocedure::text, ${who('p.proowner')}, p.proacl, '{}', NULL FROM pg_catalog.pg_proc p WHERE p.oid >= 16384 AND p.prosecdef
  ORDER BY 1, 2, 3`;
