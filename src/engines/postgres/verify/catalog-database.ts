import { literal } from '../quote.ts';
import type { Connection } from '../connection.ts';
import { snapshot } from './catalog-shared.ts';

/** What one database holds. Objects that are alike come as one row. */
export interface DatabaseCatalog {
  readonly schemas: readonly SchemaRow[];
  readonly relations: readonly RelationRow[];
  readonly columns: readonly ColumnRow[];
  readonly functions: readonly FunctionRow[];
  readonly types: readonly TypeRow[];
  readonly defaults: readonly DefaultRow[];
  readonly extensions: readonly (readonly [name: string, owner: string])[];
  readonly languages: readonly (readonly [name: string, owner: string, trusted: boolean, byExtension: boolean])[];
  /** Numbers of those that have an access list. */
  readonly largeObjects: readonly (readonly [
    owner: string,
    acl: readonly string[] | null,
    count: number,
    numbers: readonly string[] | null,
  ])[];
  readonly foreignServers: readonly (readonly [name: string, owner: string, acl: readonly string[] | null])[];
  readonly userMappings: readonly (readonly [server: string, role: string])[];
  readonly eventTriggers: readonly (readonly [name: string, owner: string, functionOwner: string])[];
  readonly publications: readonly (readonly [name: string, owner: string, all: boolean])[];
  readonly builtins: readonly BuiltinRow[];
  readonly families: readonly (readonly [
    family: 'logical-messages' | 'advisory-locks',
    signature: string,
    acl: readonly string[] | null,
  ])[];
  readonly traps: readonly (readonly [view: string, owner: string])[];
  readonly tables: readonly TableRow[];
  readonly policies: readonly PolicyRow[];
  readonly machinery: readonly MachineryRow[];
}

export type SchemaRow = readonly [name: string, owner: string, acl: readonly string[] | null, comment: string | null, byExtension: boolean];
export type RelationRow = readonly [
  schema: string,
  kind: string,
  owner: string,
  acl: readonly string[] | null,
  ownerRights: boolean,
  partition: boolean,
  names: readonly string[],
];
export type ColumnRow = readonly [schema: string, table: string, column: string, owner: string, acl: readonly string[]];
export type FunctionRow = readonly [
  schema: string,
  owner: string,
  acl: readonly string[] | null,
  definer: boolean,
  pinned: boolean,
  leakproof: boolean,
  trusted: boolean,
  /** Its text changes roles or rights. */
  suspicious: boolean,
  /** Volatile, with name and number of arguments of a function of the server. */
  shadows: boolean,
  onView: boolean,
  onTrigger: boolean,
  resets: boolean,
  signatures: readonly string[],
];
export type TypeRow = readonly [schema: string, owner: string, acl: readonly string[] | null, names: readonly string[]];
export type DefaultRow = readonly [creator: string, schema: string, type: string, acl: readonly string[]];
export type BuiltinRow = readonly [kind: string, name: string, grantee: string, privilege: string];
/** Level rows only. */
export type TableRow = readonly [schema: string, name: string, hasColumn: boolean, enabled: boolean, forced: boolean, partition: boolean];
export type PolicyRow = readonly [
  schema: string,
  table: string,
  name: string,
  permissive: boolean,
  command: string,
  roles: readonly string[],
  using: string,
  check: string,
];
/** Function, schema and table of the guard: kind, owner, definition in one line, acl. */
export type MachineryRow = readonly [
  kind: 'function' | 'schema' | 'table' | 'other',
  owner: string,
  shape: string,
  acl: readonly string[] | null,
];

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

/** Rights on the server's own objects, and on those of extensions, beyond what they were made with. */
function beyondInitial(catalog: string, acl: string, name: string, schema: string): string {
  return `SELECT '${catalog}', ${name}, CASE WHEN x.grantee = 0 THEN '' ELSE pg_catalog.pg_get_userbyid(x.grantee)::text END, x.privilege_type
     FROM pg_catalog.${catalog} o CROSS JOIN LATERAL pg_catalog.aclexplode(o.${acl}) x
       LEFT JOIN pg_catalog.pg_init_privs i ON i.classoid = 'pg_catalog.${catalog}'::regclass AND i.objoid = o.oid AND i.objsubid = 0
     WHERE o.${acl} IS NOT NULL AND x.grantee <> 10 AND (${schema} OR ${ofExtension(catalog, 'o')})
       AND NOT EXISTS (SELECT 1 FROM pg_catalog.aclexplode(i.initprivs) y WHERE y.grantee = x.grantee AND y.privilege_type = x.privilege_type)
       AND NOT (i.objoid IS NULL AND x.grantee = 0 AND x.privilege_type IN ('EXECUTE', 'USAGE'))`;
}

function builtins(): string {
  const system = (column: string): string => `${column} IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)`;
  // The views of information_schema are everybody's from the beginning, and show to each what is theirs.
  const views = `(o.relnamespace = 'pg_catalog'::regnamespace OR o.relnamespace = 'information_schema'::regnamespace AND (x.grantee <> 0 OR x.privilege_type <> 'SELECT'))`;
  return [
    beyondInitial('pg_proc', 'proacl', 'o.oid::regprocedure::text', system('o.pronamespace')),
    beyondInitial('pg_class', 'relacl', 'o.oid::regclass::text', views),
    beyondInitial('pg_namespace', 'nspacl', 'o.nspname::text', `o.nspname IN ('pg_catalog', 'information_schema', 'pg_toast')`),
    beyondInitial('pg_language', 'lanacl', 'o.lanname::text', 'true'),
    beyondInitial('pg_foreign_data_wrapper', 'fdwacl', 'o.fdwname::text', 'true'),
  ].join('\nUNION ALL\n');
}

function objectQueries(version: number): readonly string[] {
  const invoker =
    version >= 150000
      ? `NOT coalesce(c.reloptions && ARRAY['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false)`
      : 'true';
  return [
    `SELECT n.nspname::text, pg_catalog.pg_get_userbyid(n.nspowner)::text, n.nspacl::text[], d.description, ${ofExtension('pg_namespace', 'n')}
     FROM pg_catalog.pg_namespace n
       LEFT JOIN pg_catalog.pg_description d ON d.objoid = n.oid AND d.classoid = 'pg_catalog.pg_namespace'::regclass WHERE ${USER} ORDER BY 1`,
    `SELECT n.nspname::text, c.relkind::text, pg_catalog.pg_get_userbyid(c.relowner)::text, c.relacl::text[], CASE c.relkind WHEN 'v' THEN ${invoker} WHEN 'm' THEN true ELSE false END, c.relispartition, ${names('c.relname::text')}
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ${USER} AND NOT ${ofExtension('pg_class', 'c')} GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6`,
    `SELECT n.nspname::text, c.relname::text, a.attname::text, pg_catalog.pg_get_userbyid(c.relowner)::text, a.attacl::text[]
     FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE a.attacl IS NOT NULL AND a.attacl <> '{}' AND NOT a.attisdropped AND ${USER} AND NOT ${ofExtension('pg_class', 'c')} ORDER BY 1, 2, 3`,
    functions(),
    `SELECT n.nspname::text, pg_catalog.pg_get_userbyid(t.typowner)::text, t.typacl::text[], ${names('t.oid::regtype::text')}
     FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
     WHERE (t.typtype IN ('d', 'e', 'r') OR t.typtype = 'c' AND c.relkind = 'c') AND ${USER} AND NOT ${ofExtension('pg_type', 't')} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    `SELECT pg_catalog.pg_get_userbyid(d.defaclrole)::text, coalesce(n.nspname::text, ''), d.defaclobjtype::text, d.defaclacl::text[]
     FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace ORDER BY 1, 2, 3`,
  ];
}

function functions(): string {
  return `SELECT n.nspname::text, pg_catalog.pg_get_userbyid(p.proowner)::text, p.proacl::text[], p.prosecdef,
       coalesce((SELECT pg_catalog.bool_or(s LIKE 'search_path=%') FROM pg_catalog.unnest(p.proconfig) s), false), p.proleakproof, l.lanpltrusted,
       l.lanname NOT IN ('c', 'internal') AND p.prosrc ~* '${SUSPICIOUS}',
       p.provolatile = 'v' AND p.prokind = 'f' AND EXISTS (SELECT 1 FROM pg_catalog.pg_proc b WHERE b.pronamespace = 'pg_catalog'::regnamespace AND b.proname = p.proname AND b.pronargs = p.pronargs),
       EXISTS (SELECT 1 FROM pg_catalog.pg_depend v WHERE v.classid = 'pg_catalog.pg_rewrite'::regclass AND v.refclassid = 'pg_catalog.pg_proc'::regclass AND v.refobjid = p.oid),
       EXISTS (SELECT 1 FROM pg_catalog.pg_trigger g WHERE g.tgfoid = p.oid AND NOT g.tgisinternal),
       l.lanname NOT IN ('c', 'internal') AND p.prosrc ~* '${RESETS}', ${names('p.oid::regprocedure::text')}
     FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
     WHERE ${USER} AND NOT ${ofExtension('pg_proc', 'p')} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 ORDER BY 1, 2, 3, 4`;
}

function otherQueries(): readonly string[] {
  return [
    `SELECT e.extname::text, pg_catalog.pg_get_userbyid(e.extowner)::text FROM pg_catalog.pg_extension e ORDER BY 1`,
    `SELECT l.lanname::text, pg_catalog.pg_get_userbyid(l.lanowner)::text, l.lanpltrusted, ${ofExtension('pg_language', 'l')} FROM pg_catalog.pg_language l ORDER BY 1`,
    `SELECT pg_catalog.pg_get_userbyid(m.lomowner)::text, m.lomacl::text[], pg_catalog.count(*)::int4, pg_catalog.array_agg(m.oid::text) FILTER (WHERE m.lomacl IS NOT NULL) FROM pg_catalog.pg_largeobject_metadata m GROUP BY 1, 2 ORDER BY 1, 2`,
    `SELECT s.srvname::text, pg_catalog.pg_get_userbyid(s.srvowner)::text, s.srvacl::text[] FROM pg_catalog.pg_foreign_server s ORDER BY 1`,
    `SELECT m.srvname::text, CASE WHEN m.umuser = 0 THEN '' ELSE m.usename::text END FROM pg_catalog.pg_user_mappings m ORDER BY 1, 2`,
    `SELECT e.evtname::text, pg_catalog.pg_get_userbyid(e.evtowner)::text, pg_catalog.pg_get_userbyid(p.proowner)::text FROM pg_catalog.pg_event_trigger e
       JOIN pg_catalog.pg_proc p ON p.oid = e.evtfoid ORDER BY 1`,
    `SELECT p.pubname::text, pg_catalog.pg_get_userbyid(p.pubowner)::text, p.puballtables FROM pg_catalog.pg_publication p ORDER BY 1`,
    builtins(),
    `SELECT CASE WHEN p.proname = 'pg_logical_emit_message' THEN 'logical-messages' ELSE 'advisory-locks' END, p.oid::regprocedure::text, p.proacl::text[]
     FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND (p.proname = 'pg_logical_emit_message' OR p.proname ~ '^pg_(try_)?advisory') ORDER BY 1, 2`,
    `WITH v AS MATERIALIZED (SELECT c.oid, c.relowner FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'v' AND ${USER} AND NOT ${ofExtension('pg_class', 'c')})
     SELECT v.oid::regclass::text, pg_catalog.pg_get_userbyid(v.relowner)::text FROM v WHERE pg_catalog.pg_get_viewdef(v.oid) ~* 'set_config\\s*\\(\\s*''(role|session_authorization)''' ORDER BY 1`,
  ];
}

function rowQueries(column: string): readonly string[] {
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

/** One round trip. `column` is the workspace column of a database that is shared by rows. */
export async function readDatabase(connection: Connection, column: string | null): Promise<DatabaseCatalog> {
  const queries = [...objectQueries(connection.version), ...otherQueries(), ...(column === null ? [] : rowQueries(column))];
  const parts = await snapshot(connection, queries);
  const [schemas, relations, columns, functionRows, types, defaults, ...rest] = parts;
  const [
    extensions,
    languages,
    largeObjects,
    foreignServers,
    userMappings,
    eventTriggers,
    publications,
    builtinRows,
    families,
    traps,
    ...rows
  ] = rest;
  const [tables = [], policies = [], machinery = []] = rows;
  // The shapes stand beside the statements.
  return {
    schemas,
    relations,
    columns,
    functions: functionRows,
    types,
    defaults,
    extensions,
    languages,
    largeObjects,
    foreignServers,
    userMappings,
    eventTriggers,
    publications,
    builtins: builtinRows,
    families,
    traps,
    tables,
    policies,
    machinery,
  } as unknown as DatabaseCatalog;
}
