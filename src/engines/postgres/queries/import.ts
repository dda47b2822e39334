import { CATALOG } from './database.ts';

/** login, schema, kind, owner, row level security, letters that it has in effect, letters given to it or to PUBLIC by name, tables */
export type ReachRow = readonly [string, string, string, string, boolean, string, string, readonly string[]];
/** login, schema, owner, runs with its owner's rights, may be called, functions */
export type CallRow = readonly [string, string, string, boolean, boolean, readonly string[]];
/** schema, table, owner, forced, roles that it names, its expressions */
export type PolicyTextRow = readonly [string, string, string, boolean, readonly string[], string];
/** login, a foreign server that it has a user mapping for, or owns or may use by name */
export type MappingRow = readonly [string, string, 'mapping' | 'rights'];
/** function with schema, owner, access list, that of its schema, reads passwords, asks who the current user is */
export type SourceRow = readonly [string, string, readonly string[] | null, readonly string[] | null, boolean, boolean];

/** What the logins of the server can do in one database, as the server itself answers. */
export interface ReachRows {
  readonly reach: readonly ReachRow[];
  readonly calls: readonly CallRow[];
  readonly policies: readonly PolicyTextRow[];
  readonly mappings: readonly MappingRow[];
  readonly sources: readonly SourceRow[];
  /** Views and column defaults that ask who the current user is. */
  readonly asking: readonly (readonly [string])[];
}

const LOGINS = `SELECT r.oid, r.rolname FROM pg_roles r WHERE r.rolcanlogin AND NOT r.rolsuper AND r.rolname !~ '^pg_'`;
const SPACES = `SELECT n.oid, n.nspname, n.nspacl FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

const byExtension = (catalog: number, of: string): string =>
  `EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = ${catalog} AND e.objid = ${of}.oid AND e.deptype = 'e')`;

const PRIVILEGES = [
  ['r', 'SELECT'],
  ['a', 'INSERT'],
  ['w', 'UPDATE'],
  ['d', 'DELETE'],
  ['D', 'TRUNCATE'],
  ['x', 'REFERENCES'],
  ['t', 'TRIGGER'],
] as const;

/** Letters of a table or a sequence. */
const EFFECTIVE = `CASE WHEN NOT has_schema_privilege(l.oid, n.oid, 'USAGE') THEN '' WHEN c.relkind = 'S' THEN concat(${[
  'USAGE U',
  'SELECT r',
  'UPDATE w',
]
  .map((pair) => pair.split(' '))
  .map(([word, letter]) => `CASE WHEN has_sequence_privilege(l.oid, c.oid, '${word}') THEN '${letter}' END`)
  .join(
    ', ',
  )}) ELSE concat(${PRIVILEGES.map(([letter, word]) => `CASE WHEN has_table_privilege(l.oid, c.oid, '${word}') THEN '${letter}' END`).join(', ')}) END`;

const DIRECT = `coalesce((SELECT string_agg(DISTINCT x.privilege_type, ',') FROM aclexplode(c.relacl) x WHERE x.grantee IN (0, l.oid)), '')`;

/** The statements, in the order of `ReachRows`. */
export const REACH_QUERY = [
  `SELECT l.rolname::text, n.nspname::text, c.relkind::text, pg_get_userbyid(c.relowner)::text, c.relrowsecurity, ${EFFECTIVE}, ${DIRECT}, json_agg(c.relname ORDER BY c.relname)
   FROM (${LOGINS}) l CROSS JOIN (${SPACES}) n JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind = ANY ('{r,p,v,m,f,S}') AND NOT ${byExtension(CATALOG.pg_class, 'c')}
   GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7`,
  `SELECT l.rolname::text, n.nspname::text, pg_get_userbyid(p.proowner)::text, p.prosecdef, has_schema_privilege(l.oid, n.oid, 'USAGE') AND has_function_privilege(l.oid, p.oid, 'EXECUTE'), json_agg(p.proname ORDER BY p.proname)
   FROM (${LOGINS}) l CROSS JOIN (${SPACES}) n JOIN pg_proc p ON p.pronamespace = n.oid AND p.prorettype <> ALL ('{trigger,event_trigger}'::regtype[]) AND NOT ${byExtension(CATALOG.pg_proc, 'p')}
   GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`,
  `SELECT n.nspname::text, c.relname::text, pg_get_userbyid(c.relowner)::text, c.relforcerowsecurity,
     (SELECT coalesce(json_agg(coalesce(r.rolname, '')), '[]'::json) FROM unnest(p.polroles) x LEFT JOIN pg_roles r ON r.oid = x),
     concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
   FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid AND c.relrowsecurity JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY 1, 2`,
  `SELECT usename::text, srvname::text, 'mapping' FROM pg_user_mappings WHERE umuser <> 0
   UNION SELECT r.rolname::text, s.srvname::text, 'rights' FROM pg_foreign_server s JOIN pg_roles r ON r.oid = s.srvowner OR EXISTS (SELECT 1 FROM aclexplode(s.srvacl) x WHERE x.grantee = r.oid) ORDER BY 1, 2, 3`,
  `SELECT n.nspname || '.' || p.proname, pg_get_userbyid(p.proowner)::text, p.proacl::text[], n.nspacl::text[], p.prosecdef AND p.prosrc ~* 'pg_(shadow|authid)', p.prosrc ~* '\\mcurrent_(user|role)\\M'
   FROM (${SPACES}) n JOIN pg_proc p ON p.pronamespace = n.oid AND NOT ${byExtension(CATALOG.pg_proc, 'p')} WHERE p.prosrc ~* 'pg_(shadow|authid)|\\mcurrent_(user|role)\\M' ORDER BY 1`,
  `SELECT n.nspname || '.' || c.relname FROM (${SPACES}) n JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('v', 'm') AND NOT ${byExtension(CATALOG.pg_class, 'c')} WHERE pg_get_viewdef(c.oid) ~* '\\mcurrent_(user|role)\\M'
   UNION SELECT n.nspname || '.' || c.relname FROM (${SPACES}) n JOIN pg_class c ON c.relnamespace = n.oid JOIN pg_attrdef d ON d.adrelid = c.oid WHERE pg_get_expr(d.adbin, d.adrelid) ~* '\\mcurrent_(user|role)\\M' ORDER BY 1`,
].join(';\n');

/** Rows: login, database, sessions that are open now. */
export const SESSIONS_QUERY = `SELECT a.usename::text, a.datname::text, count(*)::int4 FROM pg_stat_activity a WHERE a.usename IS NOT NULL AND a.datname IS NOT NULL AND a.pid <> pg_backend_pid() GROUP BY 1, 2`;

/** Privileges in words, as `aclexplode` tells them, in letters. */
export function lettersOf(words: string): string {
  const found = new Set(words.split(','));
  return [...PRIVILEGES, ['U', 'USAGE'] as const].flatMap(([letter, word]) => (found.has(word) ? [letter] : [])).join('');
}
