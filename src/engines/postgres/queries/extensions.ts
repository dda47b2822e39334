import { literal } from '../quote.ts';

/** name, this admin may install it, what must be there before it */
export type OfferedRow = readonly [string, boolean, readonly string[] | null];

/** Roles through which managed services let their admins install what is otherwise a superuser's. */
const SERVICE_ROLES = ['rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin', 'neon_superuser', 'supabase_admin'];

/** Which of these extensions the server has files for. Reads the control files of all of them, so it is asked only when one is missing. */
export function offeredQuery(names: readonly string[]): string {
  return `SELECT v.name::text, r.rolsuper OR NOT v.superuser OR v.trusted
       OR EXISTS (SELECT 1 FROM pg_roles s WHERE s.rolname IN (${SERVICE_ROLES.map(literal).join(', ')}) AND pg_has_role(s.oid, 'USAGE')),
       v.requires::text[]
     FROM pg_available_extensions a JOIN pg_available_extension_versions v ON v.name = a.name AND v.version = a.default_version
       JOIN pg_roles r ON r.rolname = current_user
     WHERE v.name IN (${names.map(literal).join(', ')}) ORDER BY 1`;
}
