import { literal } from '../quote.ts';

/** name, kind, is a partition, has the column, row security, forced, policies */
export type GuardTableRow = readonly [string, string, boolean, boolean, boolean, boolean, readonly string[] | null];
/** owner is the operator's, stored rows; function source, definer, config, owner superuser or self */
export type MachineryRow = readonly [boolean, string | null, string | null];

/** The tables of a shared schema as row level security sees them, and whether the guard's own parts stand. */
export function rowsQuery(schema: string, column: string): string {
  return [
    `SELECT c.relname::text, c.relkind::text, c.relispartition,
       EXISTS (SELECT 1 FROM pg_attribute w WHERE w.attrelid = c.oid AND w.attname = ${literal(column)} AND NOT w.attisdropped),
       c.relrowsecurity, c.relforcerowsecurity,
       (SELECT array_agg(concat_ws('|', p.polname, CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END, p.polcmd,
          (SELECT string_agg(coalesce(r.rolname, 'PUBLIC')::text, ',' ORDER BY r.rolname) FROM unnest(p.polroles) x LEFT JOIN pg_roles r ON r.oid = x),
          coalesce(pg_get_expr(p.polqual, p.polrelid), ''), coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')) ORDER BY p.polname)
        FROM pg_policy p WHERE p.polrelid = c.oid)
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ${literal(schema)} AND c.relkind IN ('r', 'p') ORDER BY 1`,
    `SELECT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
         WHERE n.nspname = 'cotenant' AND c.relname = 'workspaces' AND c.relkind = 'r' AND NOT c.relrowsecurity AND NOT c.relhasrules AND NOT c.relhastriggers
         AND (r.rolsuper OR r.rolname = current_user) AND (c.relacl IS NULL OR cardinality(c.relacl) <= 1)),
       (SELECT concat_ws('|', p.prosecdef, p.provolatile, p.proconfig::text, p.prosrc) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner
         WHERE n.nspname = 'cotenant' AND p.proname = 'workspace' AND p.pronargs = 0 AND (r.rolsuper OR r.rolname = current_user)),
       (SELECT string_agg(x::text, ' ' ORDER BY x::text) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace, unnest(p.proacl) x WHERE n.nspname = 'cotenant' AND p.proname = 'workspace')
         || ' / ' || (SELECT coalesce(string_agg(x::text, ' ' ORDER BY x::text), '') FROM pg_namespace n, unnest(n.nspacl) x WHERE n.nspname = 'cotenant')`,
  ].join(';\n');
}

/** Sent only after the table was found to be the operator's own plain table. */
export const WORKSPACES_QUERY = 'SELECT login, workspace FROM cotenant.workspaces ORDER BY 1';
