import { lookUp } from '../../../util/record.ts';
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
  readonly others: readonly OtherRow[];
  readonly largeObjects: readonly LargeObjectRow[];
  readonly eventTriggers: readonly EventTriggerRow[];
  readonly shared: readonly SharedTableRow[];
}

/** name, owner, owner is superuser, acl, comment, made by an extension */
export type SchemaRow = readonly [string, string, boolean, readonly string[] | null, string | null, boolean];
/** schema, kind, owner, acl, linked, runs with its owner's rights, has the workspace column, names */
export type RelationRow = readonly [string, string, string, readonly string[] | null, boolean, boolean, boolean, readonly string[]];
/** schema, kind, security definer, owner, acl, signatures ready for a statement */
export type FunctionRow = readonly [string, string, boolean, string, readonly string[] | null, readonly string[]];
/** schema, kind, owner, names ready for a statement */
export type TypeRow = readonly [string, string, string, readonly string[]];
/** schema, table, column, acl, table's owner */
export type ColumnRow = readonly [string, string, string, readonly string[], string];
/** type in words, owner, identities ready for a statement */
export type OtherRow = readonly [string, string, readonly string[]];
/** owner, acl, numbers; of those on which something was granted */
export type LargeObjectRow = readonly [string, readonly string[], readonly string[]];
/** name, owner, when it runs, its function ready for a statement, owner of that */
export type EventTriggerRow = readonly [string, string, string, string, string];
/** schema, table, its columns */
export type SharedTableRow = readonly [string, string, readonly SharedColumn[]];
/** name, type, false where the type is not one of the server's own, collation of the server's own that is not the type's or '' */
export type SharedColumn = readonly [string, string, boolean, string];
/** creator, schema or '', object type letter, acl */
export type DefaultRow = readonly [string, string, string, readonly string[]];

/** Server functions that PUBLIC can be kept from: the condition on their names, which an index serves. */
const FAMILIES: Readonly<Record<string, string>> = {
  'logical-messages': `p.pronamespace = 11 AND p.proname = 'pg_logical_emit_message'`,
  'advisory-locks': `p.pronamespace = 11 AND (p.proname BETWEEN 'pg_advisory' AND 'pg_advisory~' OR p.proname BETWEEN 'pg_try_advisory' AND 'pg_try_advisory~')`,
};

export const ALL_FAMILIES: readonly string[] = Object.keys(FAMILIES);

/** Rows: family, function, access list. */
export function familyQuery(family: string): string {
  return `SELECT '${family}', p.oid::regprocedure, p.proacl FROM pg_catalog.pg_proc p WHERE ${lookUp(FAMILIES, family)}`;
}

/** Oids below this one are the server's own (FirstNormalObjectId). */
export const FIRST = 16384;
/** Oids of catalogs, which never change. */
export const CATALOG = {
  pg_default_acl: 826,
  pg_type: 1247,
  pg_proc: 1255,
  pg_class: 1259,
  pg_authid: 1260,
  pg_database: 1262,
  pg_foreign_data_wrapper: 2328,
  pg_language: 2612,
  pg_namespace: 2615,
  pg_extension: 3079,
} as const;

export interface DatabaseWish {
  /** The workspace column that is looked for; null: none. */
  readonly column: string | null;
  /** Families of server functions to look at. */
  readonly families: readonly string[];
  /** Whether to look for what logins own besides tables, functions and types, as large objects: in a database that is adopted. */
  readonly others: boolean;
  /** Tables, as `[schema, table]`, of which every column is told. */
  readonly shared: readonly (readonly [string, string])[];
}

/**
 * Large objects, collations, conversions, operators with their classes and families, extended statistics, text search
 * dictionaries and configurations, publications. What only a superuser can own is left out.
 */
const OTHERS = [2613, 3456, 2607, 2617, 2616, 2753, 3381, 3600, 3602, 6104];

/**
 * The statements of the second tier. On a new connection the server spends its time on what the statements say and hardly
 * any on what they read: every operator, cast, join and catalog is looked up for the first time. So each statement reads
 * rows of one catalog as they are; `read-database.ts` puts them together, and leaves out what belongs to extensions.
 */
export function databaseQuery({ column, families, others, shared }: DatabaseWish): string {
  const hasColumn =
    column === null
      ? ''
      : `, c.relkind IN ('r', 'p') AND NOT c.relispartition AND EXISTS (SELECT 1 FROM pg_attribute w WHERE w.attrelid = c.oid AND w.attname = ${literal(column)} AND NOT w.attisdropped)`;
  return [
    `SELECT n.oid, n.nspname, pg_get_userbyid(n.nspowner), n.nspacl,
       (SELECT d.description FROM pg_description d WHERE d.objoid = n.oid AND d.classoid = ${CATALOG.pg_namespace}) FROM pg_namespace n`,
    `SELECT c.oid, c.relnamespace, c.relkind, pg_get_userbyid(c.relowner), c.relacl, c.relname, c.reloptions${hasColumn}
     FROM pg_class c WHERE c.oid >= ${FIRST} AND c.relkind = ANY ('{r,p,v,m,f,S,c}')`,
    `SELECT p.oid, p.pronamespace, p.prokind, p.prosecdef, pg_get_userbyid(p.proowner), p.proacl, p.oid::regprocedure FROM pg_proc p WHERE p.oid >= ${FIRST}`,
    `SELECT t.oid, t.typnamespace, t.typtype, pg_get_userbyid(t.typowner), t.oid::regtype FROM pg_type t WHERE t.oid >= ${FIRST} AND t.typtype = ANY ('{d,e,r}')`,
    `SELECT a.attrelid, a.attname, a.attacl FROM pg_attribute a WHERE a.attrelid >= ${FIRST} AND a.attacl IS NOT NULL`,
    // Members of extensions, sequences that depend on a column, and what a type brings along.
    `SELECT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_depend d WHERE d.refclassid = ANY ('{${CATALOG.pg_extension},${CATALOG.pg_class},${CATALOG.pg_type}}') AND d.refobjid >= ${FIRST} AND d.deptype = ANY ('{e,a,i}')
       AND (d.refclassid <> ${CATALOG.pg_type} OR d.classid = ANY ('{${CATALOG.pg_proc},${CATALOG.pg_class}}') AND d.deptype = 'i')`,
    `SELECT pg_get_userbyid(d.defaclrole), d.defaclnamespace, d.defaclobjtype, d.defaclacl FROM pg_default_acl d`,
    `SELECT e.extname, e.extnamespace FROM pg_extension e`,
    others
      ? `SELECT i.type, pg_get_userbyid(d.refobjid)::text, array_agg(i.identity) FROM pg_shdepend d, pg_identify_object(d.classid, d.objid, 0) i
         WHERE d.dbid = (SELECT b.oid FROM pg_database b WHERE b.datname = current_database()) AND d.deptype = 'o' AND d.classid = ANY (ARRAY[${OTHERS.join(', ')}]::oid[])
           AND d.refobjid IN (SELECT r.oid FROM pg_roles r WHERE r.rolcanlogin)
           AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e') GROUP BY i.type, d.refobjid`
      : 'SELECT NULL LIMIT 0',
    `SELECT pg_get_userbyid(m.lomowner), m.lomacl::text[], array_agg(m.oid::text ORDER BY m.oid) FROM pg_largeobject_metadata m WHERE m.lomacl IS NOT NULL GROUP BY 1, 2`,
    EVENT_TRIGGERS,
    shared.length === 0 ? 'SELECT NULL LIMIT 0' : sharedTables(shared),
    ...ALL_FAMILIES.map((family) => (families.includes(family) ? familyQuery(family) : 'SELECT NULL LIMIT 0')),
    'SELECT l.lanname FROM pg_language l WHERE l.lanpltrusted',
  ].join(';\n');
}

/** Rows: name, owner, when it runs, its function, owner of that. */
export const EVENT_TRIGGERS = `SELECT e.evtname, pg_get_userbyid(e.evtowner), e.evtenabled, e.evtfoid::regprocedure,
     (SELECT pg_get_userbyid(p.proowner) FROM pg_proc p WHERE p.oid = e.evtfoid) FROM pg_event_trigger e`;

function sharedTables(shared: DatabaseWish['shared']): string {
  const wanted = shared.map(([schema, table]) => `(${literal(schema)}, ${literal(table)})`).join(', ');
  const plain = `t.typnamespace = 11 AND t.typtype NOT IN ('c', 'p')`;
  return `SELECT n.nspname::text, c.relname::text,
       (SELECT coalesce(json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), ${plain},
          coalesce((SELECT l.collname FROM pg_collation l WHERE l.oid = a.attcollation AND l.oid <> t.typcollation AND l.collnamespace = 11), '')) ORDER BY a.attnum), '[]'::json)
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE (n.nspname, c.relname) IN (VALUES ${wanted}) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`;
}
