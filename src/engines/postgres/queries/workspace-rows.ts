import { ident, literal, qualified } from '../quote.ts';
import { FIRST } from './database.ts';

/** oid, schema, table, kind, workspace column, type of it that is nobody's own, owner, bytes, this admin sees and may delete every row */
export type WorkspaceTableRow = readonly [string, string, string, 'r' | 'p', string, boolean, string, number, boolean];
/** what is in the way in words, its owner, table; of a foreign key what asks for rows by it */
export type ReachRow = readonly [what: string, owner: string, on: string, reference: Reference | null];

/** A foreign key that can lead from a row of a workspace to one of another. */
export interface Reference {
  readonly child: readonly [schema: string, table: string];
  readonly parent: readonly [schema: string, table: string];
  /** Column of the parent, schema and name of the operator, column of the child, and what the operator takes the two for, as a cast. */
  readonly pairs: readonly (readonly [
    parent: string,
    schema: string,
    operator: string,
    child: string,
    parentAs: string,
    childAs: string,
  ])[];
  /** False where the comparison would run code of others, or this admin does not see every row. */
  readonly askable: boolean;
}

/** Of a table that the guard holds, or would hold with the next apply. */
export interface WorkspaceTable {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly column: string;
  readonly partitioned: boolean;
}

/** Lines of the map for these logins, and who else has the same workspace. */
export function linesQuery(logins: readonly string[]): string {
  const mine = `ARRAY[${logins.map(literal).join(', ')}]::text[]`;
  return `SELECT w.login, w.workspace, w.login = ANY (${mine}) FROM cotenant.workspaces w
    WHERE w.workspace IN (SELECT m.workspace FROM cotenant.workspaces m WHERE m.login = ANY (${mine})) ORDER BY 1`;
}

/** The guard's own policy says which column it is: also where the manifest no longer names the database. */
const GUARDED = `SELECT w.attname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    JOIN pg_depend d ON d.classid = 'pg_policy'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid > 0
    JOIN pg_attribute w ON w.attrelid = c.oid AND w.attnum = d.refobjsubid
    WHERE p.polname = 'cotenant_guard' AND NOT p.polpermissive
      AND EXISTS (SELECT 1 FROM pg_depend f WHERE f.classid = 'pg_policy'::regclass AND f.objid = p.oid AND f.refclassid = 'pg_proc'::regclass AND f.refobjid = to_regprocedure('cotenant.workspace()'))`;

/**
 * All its rows can be seen: by a superuser, or as the owner of the table, which an admin without superuser acts as, where the
 * policies are the guard's own and let that owner through.
 */
const seesAll = (
  table: string,
): string => `((SELECT rolsuper FROM pg_roles WHERE rolname = current_user) OR (SELECT pg_has_role(x.relowner, 'MEMBER') AND (NOT x.relrowsecurity OR (
    NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = x.oid AND (p.polname NOT IN ('cotenant_guard', 'cotenant_owner', 'cotenant_rows') OR (p.polname = 'cotenant_guard' AND EXISTS (SELECT 1 FROM unnest(p.polroles) r WHERE r = 0 OR pg_has_role(x.relowner, r, 'USAGE')))))
    AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = x.oid AND p.polname = 'cotenant_owner' AND pg_get_expr(p.polqual, p.polrelid) = 'true' AND x.relowner = ANY (p.polroles)))) FROM pg_class x WHERE x.oid = ${table}))`;

/**
 * Tables of the database that have the column by which rows are told apart, whatever schema they lie in, partitions under their
 * root. `also`: where the manifest says so.
 */
export function workspaceTablesQuery(also: string | null): string {
  const wanted = also === null ? '' : ` UNION SELECT ${literal(also)}::name`;
  return `SELECT c.oid::text, n.nspname::text, c.relname::text, c.relkind::text, w.attname::text,
      coalesce((SELECT t.oid < 16384 OR t.typtype = 'e' OR (t.typtype = 'd' AND t.typbasetype BETWEEN 1 AND 16383) FROM pg_type t WHERE t.oid = w.atttypid), false),
      pg_get_userbyid(c.relowner)::text, greatest(pg_relation_size(c.oid), (SELECT sum(pg_relation_size(t.relid)) FROM pg_partition_tree(c.oid) t))::float8,
      ${seesAll('c.oid')}
    FROM (SELECT DISTINCT x.name FROM (${GUARDED}${wanted}) x (name)) g JOIN pg_attribute w ON w.attname = g.name AND NOT w.attisdropped
      JOIN pg_class c ON c.oid = w.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid >= ${FIRST} AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND NOT c.relispartition AND n.nspname NOT IN ('cotenant', 'information_schema') AND n.nspname !~ '^pg_' ORDER BY 2, 3`;
}

const body = (tables: readonly WorkspaceTable[]): string =>
  `WITH root (oid, attname) AS (SELECT * FROM (VALUES ${tables.map(({ oid, column }) => `(${oid}::oid, ${literal(column)}::name)`).join(', ')}) v),
body (oid, root) AS (SELECT r.oid, r.oid FROM root r UNION SELECT t.relid::oid, r.oid FROM root r, pg_partition_tree(r.oid::regclass) t)`;

/** '' for a type that stands for many. */
const castTo = (type: string): string =>
  `coalesce((SELECT '::' || quote_ident(tn.nspname) || '.' || quote_ident(t.typname) FROM pg_type t JOIN pg_namespace tn ON tn.oid = t.typnamespace WHERE t.oid = ${type} AND t.typtype <> 'p'), '')`;

/** Two values of this column are equal where their texts are the same, and only there. */
const comparesTexts = (
  column: string,
): string => `coalesce((SELECT l.collisdeterministic FROM pg_collation l WHERE l.oid = ${column}.attcollation), true)
        AND (SELECT CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END FROM pg_type t WHERE t.oid = ${column}.atttypid) IN ('text'::regtype, 'varchar'::regtype, 'name'::regtype, 'uuid'::regtype, 'int2'::regtype, 'int4'::regtype, 'int8'::regtype)`;

/**
 * What makes a deletion of rows more than that: triggers and rules run code, partitions may be of others, and a foreign key
 * that leaves the workspace out leads to rows of others.
 */
export function reachQuery(tables: readonly WorkspaceTable[]): string {
  const owner = (table: string): string => `(SELECT pg_get_userbyid(x.relowner)::text FROM pg_class x WHERE x.oid = ${table})`;
  return `${body(tables)}
SELECT 'trigger ' || quote_ident(t.tgname) || ', which runs ' || t.tgfoid::regprocedure, (SELECT pg_get_userbyid(f.proowner)::text FROM pg_proc f WHERE f.oid = t.tgfoid), t.tgrelid::regclass::text, NULL::json
  FROM body b JOIN pg_trigger t ON t.tgrelid = b.oid WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgtype & 8 <> 0 AND t.tgparentid = 0
UNION ALL
SELECT 'rule ' || quote_ident(w.rulename), ${owner('w.ev_class')}, w.ev_class::regclass::text, NULL
  FROM body b JOIN pg_rewrite w ON w.ev_class = b.oid WHERE w.ev_type = '4' AND w.ev_enabled IN ('O', 'A')
UNION ALL
SELECT CASE c.relkind WHEN 'f' THEN 'foreign table ' ELSE 'partition ' END || c.oid::regclass, pg_get_userbyid(c.relowner)::text, b.root::regclass::text, NULL
  FROM body b JOIN pg_class c ON c.oid = b.oid JOIN pg_class r ON r.oid = b.root WHERE c.relkind = 'f' OR c.relowner <> r.relowner
UNION ALL
SELECT 'foreign key ' || quote_ident(k.conname) || ' of ' || k.conrelid::regclass, ${owner('k.conrelid')}, k.confrelid::regclass::text,
  json_build_object('child', (SELECT json_build_array(n.nspname, x.relname) FROM pg_class x JOIN pg_namespace n ON n.oid = x.relnamespace WHERE x.oid = k.conrelid),
    'parent', (SELECT json_build_array(n.nspname, x.relname) FROM pg_class x JOIN pg_namespace n ON n.oid = x.relnamespace WHERE x.oid = k.confrelid),
    'pairs', (SELECT json_agg(json_build_array((SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = k.confkey[s]), n.nspname, o.oprname, (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[s]), ${castTo('o.oprleft')}, ${castTo('o.oprright')}) ORDER BY s)
      FROM generate_subscripts(k.conkey, 1) s JOIN pg_operator o ON o.oid = k.conpfeqop[s] JOIN pg_namespace n ON n.oid = o.oprnamespace),
    'askable', (SELECT bool_and(o.oid < 16384 OR r.rolsuper) FROM generate_subscripts(k.conkey, 1) s JOIN pg_operator o ON o.oid = k.conpfeqop[s] JOIN pg_roles r ON r.oid = o.oprowner)
      AND ${seesAll('k.conrelid')} AND (SELECT rolsuper OR ${owner('k.conrelid')} = ${owner('k.confrelid')} FROM pg_roles WHERE rolname = current_user))
  FROM pg_constraint k JOIN (SELECT DISTINCT b.oid FROM body b) p ON p.oid = k.confrelid
  WHERE k.contype = 'f' AND k.conparentid = 0
    -- Inside of one workspace: both ends name it, and the other end goes as well.
    AND NOT EXISTS (SELECT 1 FROM generate_subscripts(k.conkey, 1) s JOIN body c ON c.oid = k.conrelid JOIN root cr ON cr.oid = c.root JOIN body q ON q.oid = k.confrelid JOIN root pr ON pr.oid = q.root
      JOIN pg_attribute ca ON ca.attrelid = k.conrelid AND ca.attname = cr.attname JOIN pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attname = pr.attname
      WHERE k.conkey[s] = ca.attnum AND k.confkey[s] = pa.attnum AND ${comparesTexts('ca')} AND ${comparesTexts('pa')})
ORDER BY 1, 2, 3`;
}

/** publication, its owner, tables of these in it, true where the server refuses a delete for want of a replica identity, who is known to receive it */
export type PublishedRow = readonly [publication: string, owner: string, tables: string, refused: boolean, receivers: readonly string[]];

/**
 * Publications that send a delete in these tables on, or one in the map of the workspaces. Who receives: owners of subscriptions
 * of this server, and logins that stream from this database now.
 */
export function publishedQuery(tables: readonly WorkspaceTable[]): string {
  const lines = `SELECT c.oid, c.oid FROM pg_class c WHERE c.oid = to_regclass('cotenant.workspaces')`;
  const all = tables.length === 0 ? `WITH body (oid, root) AS (${lines})` : `${body(tables)}, lines (oid, root) AS (${lines})`;
  const within = tables.length === 0 ? 'body' : '(SELECT * FROM body UNION SELECT * FROM lines)';
  return `${all}
SELECT p.pubname::text, pg_get_userbyid(p.pubowner)::text, string_agg(DISTINCT c.oid::regclass::text, ', '),
  bool_or(EXISTS (SELECT 1 FROM ${within} b JOIN pg_class l ON l.oid = b.oid AND l.relkind = 'r' WHERE (b.oid = c.oid OR b.root = c.oid)
    AND (l.relreplident = 'n' OR (l.relreplident = 'd' AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = l.oid AND i.indisprimary AND i.indisvalid))
      OR (l.relreplident = 'i' AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = l.oid AND i.indisreplident AND i.indisvalid))))),
  (SELECT coalesce(json_agg(DISTINCT w.name), '[]'::json) FROM (
    SELECT pg_get_userbyid(s.subowner)::text FROM pg_subscription s WHERE p.pubname::text = ANY (s.subpublications)
    UNION ALL SELECT a.usename::text FROM pg_replication_slots s JOIN pg_stat_activity a ON a.pid = s.active_pid WHERE s.database = current_database() AND s.slot_type = 'logical' AND a.usename IS NOT NULL) w (name))
FROM pg_publication p JOIN pg_publication_tables t ON t.pubname = p.pubname JOIN pg_namespace n ON n.nspname = t.schemaname JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
WHERE p.pubdelete AND EXISTS (SELECT 1 FROM ${within} b WHERE b.oid = c.oid) GROUP BY p.oid, p.pubname, p.pubowner ORDER BY 1`;
}

/** Who reads these tables through views: login or group, view. A view sees what its owner sees. */
export function viewersQuery(tables: readonly WorkspaceTable[]): string {
  return `WITH RECURSIVE seen (oid) AS (SELECT unnest(ARRAY[${tables.map(({ oid }) => oid).join(', ')}]::oid[])
  UNION SELECT w.ev_class FROM seen s JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = s.oid AND d.classid = 'pg_rewrite'::regclass JOIN pg_rewrite w ON w.oid = d.objid AND w.ev_type = '1')
SELECT DISTINCT coalesce(r.rolname::text, ''), c.oid::regclass::text FROM seen s JOIN pg_class c ON c.oid = s.oid AND c.relkind = 'v', aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE a.privilege_type = 'SELECT' ORDER BY 1, 2`;
}

const values = (workspaces: readonly string[]): string => `ARRAY[${workspaces.map(literal).join(', ')}]::pg_catalog.text[]`;

/** Exactly these workspaces, whatever the column's collation holds to be equal. The first half finds an index. */
export function inWorkspaces(column: string, workspaces: readonly string[], alias = ''): string {
  const it = `${alias === '' ? '' : `${alias}.`}${ident(column)}::pg_catalog.text`;
  return `${it} OPERATOR(pg_catalog.=) ANY (${values(workspaces)}) AND ${it} COLLATE "pg_catalog"."C" OPERATOR(pg_catalog.=) ANY (${values(workspaces)})`;
}

/** A child that only inherits is a table of its own. */
export function rowsOf({ schema, name, partitioned }: Pick<WorkspaceTable, 'schema' | 'name' | 'partitioned'>): string {
  return `${partitioned ? '' : 'ONLY '}${qualified(schema, name)}`;
}

export function rowsQueryOf(table: WorkspaceTable, workspaces: readonly string[], what: string): string {
  return `SELECT ${what} FROM ${rowsOf(table)} WHERE ${inWorkspaces(table.column, workspaces)}`;
}

/** Those of these workspaces that have a row in the table. */
export function heldAmongQuery(table: WorkspaceTable, workspaces: readonly string[]): string {
  const same = `x.${ident(table.column)}::pg_catalog.text OPERATOR(pg_catalog.=) w.name`;
  return `SELECT w.name FROM unnest(${values(workspaces)}) w (name) WHERE EXISTS (SELECT 1 FROM ${rowsOf(table)} x WHERE ${same})`;
}

/** Whether a row of others depends on one of these workspaces by this key. */
export function strangeRowsQuery(
  { child, parent, pairs }: Reference,
  tables: readonly WorkspaceTable[],
  workspaces: readonly string[],
): string {
  const find = ([schema, name]: readonly [string, string]): WorkspaceTable | undefined =>
    tables.find((one) => one.schema === schema && one.name === name);
  const [from, to] = [find(child), find(parent)];
  const joined = pairs
    .map(([p, schema, operator, c, as, also]) => `p.${ident(p)}${as} OPERATOR(${ident(schema)}.${operator}) c.${ident(c)}${also}`)
    .join(' AND ');
  // A partition has the column of its root; where that is not known here, all count.
  const mine = to === undefined ? 'true' : inWorkspaces(to.column, workspaces, 'p');
  const others = from === undefined ? 'true' : `(${inWorkspaces(from.column, workspaces, 'c')}) IS NOT TRUE`;
  return `EXISTS (SELECT 1 FROM ${qualified(...child)} c, ${qualified(...parent)} p WHERE ${mine} AND ${others} AND ${joined})`;
}
