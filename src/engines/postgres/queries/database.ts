import { literal } from '../quote.ts';

/** What one database holds, read in one round trip. */
export interface DatabaseRows {
  readonly schemas: readonly SchemaRow[];
  readonly relations: readonly RelationRow[];
  readonly functions: readonly FunctionRow[];
  readonly types: readonly TypeRow[];
  readonly columns: readonly ColumnRow[];
  readonly defaults: readonly DefaultRow[];
  readonly extensions: readonly (readonly [string, string])[];
  readonly builtins: readonly (readonly [string, string, readonly string[] | null])[];
  readonly languages: readonly (readonly [string])[];
}

/** name, owner, owner is superuser, acl, comment */
export type SchemaRow = readonly [string, string, boolean, readonly string[] | null, string | null];
/** schema, kind, owner, acl, linked, runs with its owner's rights, has the workspace column, names */
export type RelationRow = readonly [string, string, string, readonly string[] | null, boolean, boolean, boolean, readonly string[]];
/** schema, kind, security definer, owner, acl, signatures ready for a statement */
export type FunctionRow = readonly [string, string, boolean, string, readonly string[] | null, readonly string[]];
/** schema, kind, owner, names ready for a statement */
export type TypeRow = readonly [string, string, string, readonly string[]];
/** schema, table, column, acl, table's owner */
export type ColumnRow = readonly [string, string, string, readonly string[], string];
/** creator, schema or '', object type letter, acl */
export type DefaultRow = readonly [string, string, string, readonly string[]];

const USER_SCHEMA = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

function notOfExtension(catalog: string, alias: string): string {
  return `NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = '${catalog}'::regclass AND e.objid = ${alias}.oid AND e.deptype = 'e')`;
}

/** The statements of the second tier. Objects that are alike come as one row, so that a database costs the same with 20 tables as with 2,000. */
export function databaseQuery(version: number, column: string | null): string {
  const invoker =
    version >= 150000
      ? `NOT coalesce(c.reloptions && ARRAY['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false)`
      : 'true';
  const hasColumn =
    column === null
      ? 'false'
      : `NOT c.relispartition AND EXISTS (SELECT 1 FROM pg_attribute w WHERE w.attrelid = c.oid AND w.attname = ${literal(column)} AND NOT w.attisdropped)`;
  return [
    `SELECT n.nspname::text, r.rolname::text, r.rolsuper, n.nspacl::text[], d.description
     FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner LEFT JOIN pg_description d ON d.objoid = n.oid AND d.classoid = 'pg_namespace'::regclass
     WHERE ${USER_SCHEMA} ORDER BY 1`,
    `SELECT n.nspname::text, c.relkind::text, r.rolname::text, c.relacl::text[],
       c.relkind = 'S' AND EXISTS (SELECT 1 FROM pg_depend l WHERE l.classid = 'pg_class'::regclass AND l.objid = c.oid AND l.refclassid = 'pg_class'::regclass AND l.deptype IN ('a', 'i')) AS linked,
       CASE c.relkind WHEN 'v' THEN ${invoker} WHEN 'm' THEN true ELSE false END, ${hasColumn}, array_agg(c.relname::text ORDER BY c.relname)
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ${USER_SCHEMA} AND ${notOfExtension('pg_class', 'c')}
     GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7`,
    `SELECT n.nspname::text, p.prokind::text, p.prosecdef, r.rolname::text, p.proacl::text[], array_agg(p.oid::regprocedure::text ORDER BY p.oid::regprocedure::text)
     FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner
     WHERE ${USER_SCHEMA} AND ${notOfExtension('pg_proc', 'p')} GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`,
    `SELECT n.nspname::text, t.typtype::text, r.rolname::text, array_agg(t.oid::regtype::text ORDER BY t.oid::regtype::text)
     FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_roles r ON r.oid = t.typowner LEFT JOIN pg_class c ON c.oid = t.typrelid
     WHERE (t.typtype IN ('d', 'e', 'r') OR t.typtype = 'c' AND c.relkind = 'c') AND ${USER_SCHEMA} AND ${notOfExtension('pg_type', 't')}
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    `SELECT n.nspname::text, c.relname::text, a.attname::text, a.attacl::text[], r.rolname::text
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
     WHERE a.attacl IS NOT NULL AND a.attacl <> '{}' AND ${USER_SCHEMA} AND ${notOfExtension('pg_class', 'c')} ORDER BY 1, 2, 3`,
    `SELECT r.rolname::text, coalesce(n.nspname::text, ''), d.defaclobjtype::text, d.defaclacl::text[]
     FROM pg_default_acl d JOIN pg_roles r ON r.oid = d.defaclrole LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace ORDER BY 1, 2, 3`,
    `SELECT e.extname::text, n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace ORDER BY 1`,
    `SELECT CASE WHEN p.proname = 'pg_logical_emit_message' THEN 'logical-messages' ELSE 'advisory-locks' END, p.oid::regprocedure::text, p.proacl::text[]
     FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND (p.proname = 'pg_logical_emit_message' OR p.proname ~ '^pg_(try_)?advisory') ORDER BY 1, 2`,
    `SELECT l.lanname::text FROM pg_language l WHERE l.lanpltrusted AND l.lanname NOT IN ('plpgsql', 'sql') ORDER BY 1`,
  ].join(';\n');
}
