import { literal } from '../quote.ts';

/** name, kind, is a partition, has the column, row security, forced, policies, owner, who may read or write it or a column of it (PUBLIC as '') */
export type GuardTableRow = readonly [
  string,
  string,
  boolean,
  boolean,
  boolean,
  boolean,
  readonly PolicyRow[] | null,
  string,
  readonly string[],
];
/** name, permissive, command, roles (PUBLIC as ''), using, check */
export type PolicyRow = readonly [string, boolean, string, readonly string[], string | null, string | null];
/** part of the guard's machinery, owner, what it is in one text, access list */
export type PartRow = readonly ['schema' | 'table' | 'function', string, string, readonly string[] | null];
/** what is found, table, key or sequence */
export type FindingRow = readonly ['key' | 'reference' | 'sequence' | 'table', string, string];

/** The tables of a shared schema as row level security sees them, the guard's own parts, and what the guard cannot hold apart. */
export function rowsQuery(schema: string, column: string): string {
  return [tablesQuery(schema, column), partsQuery, findingsQuery(schema, column)].join(';\n');
}

function tablesQuery(schema: string, column: string): string {
  return `SELECT c.relname::text, c.relkind::text, c.relispartition,
       EXISTS (SELECT 1 FROM pg_attribute w WHERE w.attrelid = c.oid AND w.attname = ${literal(column)} AND NOT w.attisdropped),
       c.relrowsecurity, c.relforcerowsecurity,
       (SELECT json_agg(json_build_array(p.polname, p.polpermissive, p.polcmd,
          (SELECT json_agg(coalesce(r.rolname, '') ORDER BY r.rolname) FROM unnest(p.polroles) x LEFT JOIN pg_roles r ON r.oid = x),
          pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) ORDER BY p.polname)
        FROM pg_policy p WHERE p.polrelid = c.oid), pg_get_userbyid(c.relowner)::text,
       (SELECT coalesce(json_agg(DISTINCT CASE a.grantee WHEN 0 THEN '' ELSE pg_get_userbyid(a.grantee)::text END), '[]'::json) FROM (
          SELECT x.grantee, x.privilege_type FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) x
          UNION ALL SELECT x.grantee, x.privilege_type FROM pg_attribute w, aclexplode(w.attacl) x WHERE w.attrelid = c.oid) a
        WHERE a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE'))
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ${literal(schema)} AND c.relkind IN ('r', 'p') ORDER BY 1`;
}

/** Read before anything in it is used: whoever could change it could read every workspace. */
export const partsQuery = `SELECT 'schema', pg_get_userbyid(n.nspowner)::text, '', n.nspacl::text[] FROM pg_namespace n WHERE n.nspname = 'cotenant'
   UNION ALL
   SELECT 'table', pg_get_userbyid(c.relowner)::text, concat_ws(' ', c.relkind, c.relrowsecurity, c.relhasrules, c.relhastriggers, c.relhassubclass,
     (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
     (SELECT string_agg(i.indkey::text, ', ') FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indisvalid)), c.relacl::text[]
   FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'cotenant' AND c.relname = 'workspaces'
   UNION ALL
   SELECT 'function', pg_get_userbyid(p.proowner)::text, concat_ws('|', p.prosecdef, p.provolatile, p.prokind, (SELECT l.lanname FROM pg_language l WHERE l.oid = p.prolang), p.prorettype::regtype, p.proretset, p.proconfig::text, p.prosrc), p.proacl::text[]
   FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'cotenant' AND p.proname = 'workspace' AND p.pronargs = 0`;

/** What else is in the guard's schema, as `table x`. */
export const strangeGuardQuery = `SELECT (pg_identify_object(d.classid, d.objid, 0)).type || ' ' || (pg_identify_object(d.classid, d.objid, 0)).identity FROM pg_depend d
   WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = 'cotenant') AND d.deptype = 'n'
     AND NOT EXISTS (SELECT 1 FROM pg_class c WHERE d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relname = 'workspaces')
     AND NOT EXISTS (SELECT 1 FROM pg_proc p WHERE d.classid = 'pg_proc'::regclass AND p.oid = d.objid AND p.proname = 'workspace' AND p.pronargs = 0)
     AND NOT EXISTS (SELECT 1 FROM pg_extension e WHERE d.classid = 'pg_extension'::regclass AND e.oid = d.objid AND e.extname = 'postgres_fdw')
     AND NOT EXISTS (SELECT 1 FROM pg_depend m WHERE m.classid = d.classid AND m.objid = d.objid AND m.deptype = 'e')
   ORDER BY 1 LIMIT 1`;

/** Keys and references of guarded tables that leave the workspace out, sequences, and tables that have no workspace. What holds a UUID cannot be guessed. */
function findingsQuery(schema: string, column: string): string {
  const mine = `n.nspname = ${literal(schema)}`;
  const guarded = `(SELECT c.oid, c.relname, w.attnum FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute w ON w.attrelid = c.oid AND w.attname = ${literal(column)} AND NOT w.attisdropped
       WHERE ${mine} AND c.relkind IN ('r', 'p') AND NOT c.relispartition)`;
  const uuid = (table: string, columns: string): string =>
    `EXISTS (SELECT 1 FROM pg_attribute u WHERE u.attrelid = ${table} AND u.attnum = ANY (${columns}) AND u.atttypid = 'uuid'::regtype)`;
  const keys = `(string_to_array(x.indkey::text, ' ')::int2[])[1:x.indnkeyatts]`;
  return `SELECT 'key', t.relname::text, i.relname::text FROM ${guarded} t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
     WHERE (x.indisunique OR x.indisexclusion) AND t.attnum <> ALL (${keys}) AND NOT ${uuid('t.oid', keys)}
   UNION ALL
   SELECT 'reference', t.relname::text, k.conname::text FROM ${guarded} t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f' AND k.conparentid = 0 JOIN ${guarded} f ON f.oid = k.confrelid
     WHERE NOT EXISTS (SELECT 1 FROM generate_subscripts(k.conkey, 1) s WHERE k.conkey[s] = t.attnum AND k.confkey[s] = f.attnum) AND NOT ${uuid('f.oid', 'k.confkey')}
   UNION ALL
   SELECT 'sequence', '', c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${mine} AND c.relkind = 'S'
   UNION ALL
   SELECT 'table', c.relname::text, '' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${mine} AND c.relkind IN ('r', 'p') AND NOT c.relispartition
     AND NOT EXISTS (SELECT 1 FROM pg_attribute w WHERE w.attrelid = c.oid AND w.attname = ${literal(column)} AND NOT w.attisdropped)
   ORDER BY 1, 2, 3`;
}

/** Sent only after the table was found to be the operator's own plain table. */
export const WORKSPACES_QUERY = 'SELECT login, workspace FROM cotenant.workspaces ORDER BY 1';
