import { ALL_FAMILIES, CATALOG, familyQuery, FIRST } from '../queries/database.ts';
import { literal } from '../quote.ts';

const USER = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

/** Words in the body of a function that change who somebody is or what the server runs. */
const SUSPICIOUS = String.raw`(alter|create)\s+(role|user|group)\M|alter\s+system\M|reset\s+(role|session\s+authorization)|set\s+(local\s+|session\s+)?(role|session\s+authorization)\M|set_config\s*\(\s*''(role|session_authorization)''|(from|to)\s+program\M|\msuperuser\M`;
const RESETS = String.raw`reset\s+(role|session\s+authorization)|set\s+(local\s+|session\s+)?(role|session\s+authorization)\M|set_config\s*\(\s*''(role|session_authorization)''`;

function ofExtension(catalog: string, alias: string): string {
  return `EXISTS (SELECT 1 FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.${catalog}'::regclass AND e.objid = ${alias}.oid AND e.deptype = 'e')`;
}

function names(expression: string): string {
  return `pg_catalog.array_agg(${expression} ORDER BY ${expression})`;
}

/** Catalogs whose objects the server comes with, and the columns of them: schema and access list. */
export const BUILTIN = {
  pg_proc: { schema: 'o.pronamespace', acl: 'o.proacl', name: 'o.oid::regprocedure::text' },
  pg_class: { schema: 'o.relnamespace', acl: 'o.relacl', name: 'o.oid::regclass::text' },
  pg_namespace: { schema: 'o.oid', acl: 'o.nspacl', name: 'o.nspname::text' },
  pg_language: { schema: 'NULL', acl: 'o.lanacl', name: 'o.lanname::text' },
  pg_foreign_data_wrapper: { schema: 'NULL', acl: 'o.fdwacl', name: 'o.fdwname::text' },
} as const;

export type BuiltinKind = keyof typeof BUILTIN;
export const BUILTIN_KINDS = Object.keys(BUILTIN) as readonly BuiltinKind[];

/** Objects whose access list is not the one that they came with: number, schema, access list, the first one, whether there was a first one. */
function changed(kind: BuiltinKind): string {
  const { schema, acl } = BUILTIN[kind];
  return `SELECT o.oid, ${schema}, ${acl}, i.initprivs, i.objoid IS NOT NULL FROM pg_catalog.${kind} o
     LEFT JOIN pg_catalog.pg_init_privs i ON i.objoid = o.oid AND i.classoid = ${CATALOG[kind]} AND i.objsubid = 0 WHERE ${acl} IS NOT NULL AND ${acl} IS DISTINCT FROM i.initprivs`;
}

/** Columns of the server's own tables whose access list is not the one that they came with. */
const SERVER_COLUMNS = `SELECT a.attrelid::regclass::text, a.attname, a.attacl, i.initprivs FROM pg_catalog.pg_attribute a
     LEFT JOIN pg_catalog.pg_init_privs i ON i.objoid = a.attrelid AND i.classoid = ${CATALOG.pg_class} AND i.objsubid = a.attnum
     WHERE a.attrelid < ${FIRST} AND a.attacl IS NOT NULL AND a.attacl IS DISTINCT FROM i.initprivs`;

/**
 * The first look, which suffices where an app has neither functions nor views. A new session spends its time on what statements
 * say: each reads rows of one catalog as they are, and `read-catalog.ts` puts them together.
 */
export function rawQueries(): readonly string[] {
  return [
    `SELECT n.oid, n.nspname, pg_catalog.pg_get_userbyid(n.nspowner), n.nspacl,
       (SELECT d.description FROM pg_catalog.pg_description d WHERE d.objoid = n.oid AND d.classoid = ${CATALOG.pg_namespace}), pg_catalog.pg_get_userbyid(10) FROM pg_catalog.pg_namespace n`,
    `SELECT d.classid, d.objid, d.refclassid FROM pg_catalog.pg_depend d WHERE d.refclassid = ${CATALOG.pg_extension} AND d.deptype = 'e'`,
    `SELECT c.oid, c.relnamespace, c.relkind, pg_catalog.pg_get_userbyid(c.relowner), c.relacl, c.relname, c.reloptions, c.relispartition
     FROM pg_catalog.pg_class c WHERE c.oid >= ${FIRST} AND c.relkind = ANY ('{r,p,v,m,f,S,c}')`,
    `SELECT a.attrelid, a.attname, a.attacl FROM pg_catalog.pg_attribute a WHERE a.attrelid >= ${FIRST} AND a.attacl IS NOT NULL AND NOT a.attisdropped`,
    `SELECT p.oid, p.pronamespace, pg_catalog.pg_get_userbyid(p.proowner), p.proacl, p.prosecdef, p.proname, p.proconfig, p.prorettype FROM pg_catalog.pg_proc p WHERE p.oid >= ${FIRST}`,
    `SELECT t.oid, t.typnamespace, pg_catalog.pg_get_userbyid(t.typowner), t.typacl, t.oid::regtype, t.typtype, t.typrelid FROM pg_catalog.pg_type t WHERE t.oid >= ${FIRST} AND t.typtype = ANY ('{d,e,r,c}')`,
    `SELECT pg_catalog.pg_get_userbyid(d.defaclrole), d.defaclnamespace, d.defaclobjtype, d.defaclacl FROM pg_catalog.pg_default_acl d`,
    `SELECT e.extname, pg_catalog.pg_get_userbyid(e.extowner) FROM pg_catalog.pg_extension e`,
    `SELECT l.oid, l.lanname, pg_catalog.pg_get_userbyid(l.lanowner), l.lanpltrusted FROM pg_catalog.pg_language l`,
    `SELECT pg_catalog.pg_get_userbyid(m.lomowner), m.lomacl, pg_catalog.count(*)::int4, pg_catalog.array_agg(m.oid::text) FILTER (WHERE m.lomacl IS NOT NULL) FROM pg_catalog.pg_largeobject_metadata m GROUP BY 1, 2`,
    `SELECT s.srvname, pg_catalog.pg_get_userbyid(s.srvowner), s.srvacl FROM pg_catalog.pg_foreign_server s`,
    `SELECT e.evtname, pg_catalog.pg_get_userbyid(e.evtowner), e.evtfoid FROM pg_catalog.pg_event_trigger e`,
    `SELECT p.pubname, pg_catalog.pg_get_userbyid(p.pubowner), p.puballtables FROM pg_catalog.pg_publication p`,
    SERVER_COLUMNS,
    ...BUILTIN_KINDS.map(changed),
    ...ALL_FAMILIES.map(familyQuery),
  ];
}

/** Of all that, what the server itself brought: schemas, ways to be more, columns, languages, and the access lists. */
export function serversOwnQueries(): readonly string[] {
  return [
    `SELECT n.oid, n.nspname, pg_catalog.pg_get_userbyid(10) FROM pg_catalog.pg_namespace n`,
    STRANGERS_WAYS,
    SERVER_COLUMNS,
    `SELECT l.lanname, pg_catalog.pg_get_userbyid(l.lanowner), l.lanpltrusted, false FROM pg_catalog.pg_language l`,
    ...BUILTIN_KINDS.map(changed),
  ];
}

/**
 * How a database where no app lives lets somebody be more than they are: functions that run with a superuser's rights and did not
 * come with an extension, event triggers of superusers, user mappings. Kind, what, whose, access list, schema's access list (of a
 * mapping: that its server is another machine).
 */
export const STRANGERS_WAYS = `SELECT 'definer', p.oid::regprocedure::text, r.rolname::text, p.proacl::text[], n.nspacl::text[] FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_roles r ON r.oid = p.proowner AND r.rolsuper
     JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
     WHERE p.oid >= ${FIRST} AND p.prosecdef AND p.prorettype <> ALL ('{2279,3838}'::oid[]) AND NOT ${ofExtension('pg_proc', 'p')}
   UNION ALL SELECT 'event trigger', e.evtname::text, f.rolname::text, NULL, NULL FROM pg_catalog.pg_event_trigger e JOIN pg_catalog.pg_proc p ON p.oid = e.evtfoid
     JOIN pg_catalog.pg_roles f ON f.oid = p.proowner JOIN pg_catalog.pg_roles r ON r.oid = e.evtowner WHERE r.rolsuper AND NOT f.rolsuper
   UNION ALL SELECT 'mapping', m.srvname::text, pg_catalog.substr(o, 6), ARRAY[CASE WHEN m.umuser = 0 THEN '' ELSE m.usename::text END],
       ARRAY(SELECT h FROM pg_catalog.pg_foreign_server f, pg_catalog.unnest(f.srvoptions) h WHERE f.oid = m.srvid AND h ~ '^host(addr)?=' AND h !~ '=(/|127\\.|localhost$|::1$|$)')
     FROM pg_catalog.pg_user_mappings m, pg_catalog.unnest(m.umoptions) o WHERE o LIKE 'user=%'
   ORDER BY 1, 2, 3`;

/** Names of the server's own objects. */
export function builtinNames(kind: BuiltinKind, oids: readonly unknown[]): string {
  return `SELECT o.oid, ${BUILTIN[kind].name} FROM pg_catalog.${kind} o WHERE o.oid = ANY ('{${oids.map(Number).join(',')}}')`;
}

/** What can be wrong with a function that users made. */
export function functionQuery(): string {
  return `SELECT n.nspname::text, pg_catalog.pg_get_userbyid(p.proowner)::text, p.proacl::text[],
       p.prosecdef AND p.prorettype <> 'pg_catalog.event_trigger'::pg_catalog.regtype,
       coalesce((SELECT pg_catalog.bool_or(s LIKE 'search_path=%') FROM pg_catalog.unnest(p.proconfig) s), false), p.proleakproof, p.prokind = 'a' OR l.lanpltrusted,
       l.lanname NOT IN ('c', 'internal') AND p.prosrc ~* '${SUSPICIOUS}',
       p.provolatile = 'v' AND p.prokind = 'f' AND EXISTS (SELECT 1 FROM pg_catalog.pg_proc b WHERE b.pronamespace = 'pg_catalog'::regnamespace AND b.proname = p.proname AND b.pronargs = p.pronargs),
       EXISTS (SELECT 1 FROM pg_catalog.pg_depend v WHERE v.classid = 'pg_catalog.pg_rewrite'::regclass AND v.refclassid = 'pg_catalog.pg_proc'::regclass AND v.refobjid = p.oid),
       EXISTS (SELECT 1 FROM pg_catalog.pg_trigger g WHERE g.tgfoid = p.oid AND NOT g.tgisinternal),
       l.lanname NOT IN ('c', 'internal') AND p.prosrc ~* '${RESETS}', ${names('p.oid::regprocedure::text')},
       EXISTS (SELECT 1 FROM pg_catalog.pg_depend u WHERE u.refclassid = 'pg_catalog.pg_proc'::regclass AND u.refobjid = p.oid AND u.classid <> ALL (ARRAY['pg_catalog.pg_event_trigger'::regclass, 'pg_catalog.pg_trigger'::regclass]::oid[])),
       p.prorettype = 'pg_catalog.trigger'::pg_catalog.regtype
     FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
     WHERE ${USER} AND NOT ${ofExtension('pg_proc', 'p')}
       AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_proc'::regclass AND e.objid = p.oid AND e.refclassid = 'pg_catalog.pg_type'::regclass AND e.deptype = 'i')
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15 ORDER BY 1, 2, 3, 4`;
}

/** Views whose text becomes somebody else. */
export const TRAPS = `WITH v AS MATERIALIZED (SELECT c.oid, c.relowner FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'v' AND ${USER} AND NOT ${ofExtension('pg_class', 'c')})
     SELECT v.oid::regclass::text, pg_catalog.pg_get_userbyid(v.relowner)::text FROM v WHERE pg_catalog.pg_get_viewdef(v.oid) ~* 'set_config\\s*\\(\\s*''(role|session_authorization)''' ORDER BY 1`;

/** Of the server, and volatile: they give numbers, times and sizes, and do nothing with what they are told. */
const HARMLESS = String.raw`^(array_sample|array_shuffle|random|random_normal|gen_random_uuid|uuidv4|uuidv7|clock_timestamp|timeofday|setseed|current_query|bernoulli|system|txid_status|pg_xact_\w+|pg_is_\w+|pg_last_\w+|pg_current_\w+|pg_(database|indexes|relation|table|tablespace|total_relation)_size|pg_partition_\w+|pg_jit_available|pg_stat_get_\w+|pg_lock_status|pg_blocking_pids)$`;
/** The same of extensions. */
const HARMLESS_MORE =
  '^(uuid_generate_.*|gen_random_bytes|gen_salt|crypt|st_(?!estimatedextent|findextent).*|similarity.*|word_similarity.*|show_(?:limit|trgm)|unaccent)$';

/**
 * Views, and tables with policies, whose text calls a function of the server or of an extension that may do something in the
 * session of whoever reads: relation, its schema, its name, its kind, its owner, the functions.
 */
export const READ_CODE = `WITH said AS (
       SELECT r.ev_class AS relation, r.ev_action::text AS text FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class WHERE r.oid >= ${FIRST} AND c.relkind = 'v'
       UNION ALL SELECT p.polrelid, pg_catalog.concat(p.polqual::text, p.polwithcheck::text) FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid WHERE c.relrowsecurity),
     called AS (SELECT DISTINCT s.relation, m[1]::oid AS oid FROM said s, pg_catalog.regexp_matches(s.text, ':(?:funcid|aggfnoid|winfnoid) (\\d+)', 'g') m)
   SELECT c.oid::regclass::text, n.nspname::text, c.relname::text, c.relkind::text, pg_catalog.pg_get_userbyid(c.relowner)::text, pg_catalog.array_agg(p.oid::regprocedure::text ORDER BY p.oid::regprocedure::text)
     FROM called k JOIN pg_catalog.pg_class c ON c.oid = k.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_proc p ON p.oid = k.oid
     WHERE ${USER} AND NOT ${ofExtension('pg_class', 'c')}
       AND CASE WHEN p.oid < ${FIRST} THEN p.proname ~ '_to_xml' OR p.provolatile = 'v' AND p.proname !~ '${HARMLESS}'
         WHEN ${ofExtension('pg_proc', 'p')} THEN p.provolatile <> 'i' AND p.proname !~ '${HARMLESS_MORE}' ELSE false END
     GROUP BY c.oid, n.nspname, c.relname, c.relkind, c.relowner ORDER BY 1`;

export const USER_MAPPINGS = `SELECT m.srvname::text, CASE WHEN m.umuser = 0 THEN '' ELSE m.usename::text END FROM pg_catalog.pg_user_mappings m ORDER BY 1, 2`;

/** Owners of functions. */
export function functionOwners(oids: readonly unknown[]): string {
  return `SELECT p.oid, pg_catalog.pg_get_userbyid(p.proowner) FROM pg_catalog.pg_proc p WHERE p.oid = ANY ('{${oids.map(Number).join(',')}}')`;
}

/** Level rows. */
export function rowQueries(column: string): readonly string[] {
  return [
    `SELECT n.nspname::text, c.relname::text, EXISTS (SELECT 1 FROM pg_catalog.pg_attribute w WHERE w.attrelid = c.oid AND w.attname = ${literal(column)} AND NOT w.attisdropped),
       c.relrowsecurity, c.relforcerowsecurity, c.relispartition
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND ${USER} AND NOT ${ofExtension('pg_class', 'c')} ORDER BY 1, 2`,
    `SELECT n.nspname::text, c.relname::text, p.polname::text, p.polpermissive, p.polcmd::text,
       ARRAY(SELECT CASE WHEN x = 0 THEN '' ELSE pg_catalog.pg_get_userbyid(x)::text END FROM pg_catalog.unnest(p.polroles) x),
       coalesce(pg_catalog.pg_get_expr(p.polqual, p.polrelid), ''), coalesce(pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), '')
     FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE ${USER} ORDER BY 1, 2, 3`,
    `SELECT 'schema', pg_catalog.pg_get_userbyid(n.nspowner)::text, '', n.nspacl::text[] FROM pg_catalog.pg_namespace n WHERE n.nspname = 'cotenant'
     UNION ALL
     SELECT CASE WHEN c.relname = 'workspaces' AND c.relkind = 'r' THEN 'table' ELSE 'other' END, pg_catalog.pg_get_userbyid(c.relowner)::text,
       CASE WHEN c.relkind = 'i' THEN '' ELSE pg_catalog.concat_ws('|', c.relname, c.relkind, c.relhasrules, c.relhastriggers, c.relrowsecurity, c.relhassubclass) END, c.relacl::text[]
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'cotenant'
     UNION ALL
     SELECT CASE WHEN p.proname = 'workspace' AND p.pronargs = 0 THEN 'function' ELSE 'other' END, pg_catalog.pg_get_userbyid(p.proowner)::text,
       pg_catalog.concat_ws('|', p.prosecdef, l.lanname, p.proconfig::text, p.prosrc), coalesce(p.proacl::text[], ARRAY['=X/' || pg_catalog.pg_get_userbyid(p.proowner)::text])
     FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang WHERE n.nspname = 'cotenant'`,
  ];
}
