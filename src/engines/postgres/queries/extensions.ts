import { literal } from '../quote.ts';
import { CATALOG } from './database.ts';

/** name, this admin may install it, what must be there before it, the only schema that it can lie in, can be moved to another one */
export type OfferedRow = readonly [string, boolean, readonly string[] | null, string | null, boolean];

/** Roles through which managed services let their admins install what is otherwise a superuser's. */
const SERVICE_ROLES = ['rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin', 'neon_superuser', 'supabase_admin'];

/** Which of these extensions the server has files for. Reads the control files of all of them, so it is asked only when one is missing. */
export function offeredQuery(names: readonly string[]): string {
  return `SELECT v.name::text, r.rolsuper OR NOT v.superuser OR v.trusted
       OR EXISTS (SELECT 1 FROM pg_roles s WHERE s.rolname IN (${SERVICE_ROLES.map(literal).join(', ')}) AND pg_has_role(s.oid, 'USAGE')),
       v.requires::text[], v.schema::text, v.relocatable
     FROM pg_available_extensions a JOIN pg_available_extension_versions v ON v.name = a.name AND v.version = a.default_version
       JOIN pg_roles r ON r.rolname = current_user
     WHERE v.name IN (${names.map(literal).join(', ')}) ORDER BY 1`;
}

/**
 * What an app has made in the schemas in which scripts of extensions look for functions, under names of the server's own: a
 * script runs as a superuser, and the closer match is called.
 */
export const PLANTED = `WITH path AS (SELECT n.oid FROM pg_namespace n WHERE n.nspname = 'public' UNION SELECT e.extnamespace FROM pg_extension e WHERE e.extnamespace <> 11),
       theirs AS (SELECT r.oid FROM pg_roles r WHERE NOT r.rolsuper AND r.rolname <> current_user)
     SELECT 'function ' || p.oid::regprocedure::text FROM pg_proc p JOIN path ON path.oid = p.pronamespace JOIN theirs ON theirs.oid = p.proowner
     WHERE EXISTS (SELECT 1 FROM pg_proc b WHERE b.pronamespace = 11 AND b.proname = p.proname)
       AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = ${CATALOG.pg_proc} AND e.objid = p.oid AND e.deptype = 'e')
     UNION SELECT 'operator ' || o.oid::regoperator::text FROM pg_operator o JOIN path ON path.oid = o.oprnamespace JOIN theirs ON theirs.oid = o.oprowner
     WHERE NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = 'pg_operator'::regclass AND e.objid = o.oid AND e.deptype = 'e') ORDER BY 1`;
