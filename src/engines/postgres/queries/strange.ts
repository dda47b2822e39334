import { literal } from '../quote.ts';
import { CATALOG, FIRST } from './database.ts';

/** number, owner */
export type OwnerRow = readonly [number, string];
/**
 * number, schema, name, kind, owner, table of a serial's sequence or 0, row level security, owners of the functions of its
 * triggers, has rules, tables that hang together with it, what a view reads, a login of the app reads and writes it, a view
 * shows or changes other rows with the rights of an owner of what it reads
 */
export type StrangeRelationRow = readonly [
  number,
  string,
  string,
  string,
  string,
  number,
  boolean,
  readonly string[],
  boolean,
  readonly number[],
  readonly number[],
  boolean,
  boolean,
];
/** number, signature, owner, runs with its owner's rights, in a language that the server trusts */
export type StrangeFunctionRow = readonly [number, string, string, boolean, boolean];
/** number, name ready for a statement, owner */
export type StrangeTypeRow = readonly [number, string, string];
type Sort = 'relation' | 'function' | 'type';
/** what is rested on: its sort, its number; what rests on it: its sort or '', its number, its owner or '', in words */
export type RestingRow = readonly [Sort, number, Sort | '', number, string, string];

/** An owner of what a view reads may do everything with it, and sees all rows unless row level security is forced on it. */
const OTHER_ROWS = `EXISTS (SELECT 1 FROM pg_rewrite w, regexp_matches(w.ev_action::text, ':relid (\\d+)', 'g') m JOIN pg_class t ON t.oid = m[1]::oid JOIN pg_roles o ON true
         WHERE w.ev_class = c.oid AND t.oid <> c.oid AND o.oid = c.relowner AND c.relkind = ANY ('{v,m}') AND NOT coalesce(c.reloptions && '{security_invoker=true,security_invoker=on,security_invoker=1,security_invoker=yes}'::text[], false)
           AND (t.relrowsecurity AND (t.relforcerowsecurity OR NOT (o.rolsuper OR o.rolbypassrls OR pg_has_role(o.oid, t.relowner, 'USAGE')))
             OR NOT has_any_column_privilege(o.oid, t.oid, 'SELECT')
             OR EXISTS (SELECT 1 FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner AND c.relkind = 'v'
               AND CASE a.privilege_type WHEN 'INSERT' THEN NOT has_any_column_privilege(o.oid, t.oid, 'INSERT') WHEN 'UPDATE' THEN NOT has_any_column_privilege(o.oid, t.oid, 'UPDATE')
                 WHEN 'DELETE' THEN NOT has_table_privilege(o.oid, t.oid, 'DELETE') ELSE false END)))`;

const array = (names: readonly string[]): string => `ARRAY[${names.map(literal).join(', ')}]::name[]`;

/**
 * Objects of these roles, and what else of the database depends on them. Asked only where something in an app's area belongs
 * to somebody else. `logins`: of the apps.
 */
export function strangeQuery(strangers: readonly string[], logins: readonly string[]): string {
  const theirs = (owner: string): string => `${owner} IN (SELECT r.oid FROM pg_roles r WHERE r.rolname = ANY (${array(strangers)}))`;
  const may = (right: string): string => `has_table_privilege(l.oid, c.oid, '${right}')`;
  const numbers = (query: string): string => `(SELECT coalesce(json_agg(DISTINCT x), '[]'::json) FROM (${query}) y(x))`;
  return [
    `SELECT c.oid::int8::float8, pg_get_userbyid(c.relowner)::text FROM pg_class c WHERE c.oid >= ${FIRST}`,
    `SELECT c.oid::int8::float8, n.nspname::text, c.relname::text, c.relkind::text, pg_get_userbyid(c.relowner)::text,
       coalesce((SELECT d.refobjid::int8::float8 FROM pg_depend d WHERE d.classid = ${CATALOG.pg_class} AND d.objid = c.oid AND d.refclassid = ${CATALOG.pg_class} AND d.deptype = ANY ('{a,i}') AND c.relkind = 'S' LIMIT 1), 0),
       c.relrowsecurity,
       (SELECT coalesce(json_agg(DISTINCT pg_get_userbyid(p.proowner)), '[]'::json) FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND p.oid >= ${FIRST}
          AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = ${CATALOG.pg_proc} AND e.objid = p.oid AND e.deptype = 'e')),
       EXISTS (SELECT 1 FROM pg_rewrite w WHERE w.ev_class = c.oid AND w.rulename <> '_RETURN'),
       ${numbers(`SELECT i.inhparent::int8 FROM pg_inherits i WHERE i.inhrelid = c.oid UNION SELECT i.inhrelid::int8 FROM pg_inherits i WHERE i.inhparent = c.oid
          UNION SELECT k.confrelid::int8 FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f' UNION SELECT k.conrelid::int8 FROM pg_constraint k WHERE k.confrelid = c.oid AND k.contype = 'f'`)},
       ${numbers(`SELECT m[1]::int8 FROM pg_rewrite w, regexp_matches(w.ev_action::text, ':relid (\\d+)', 'g') m WHERE w.ev_class = c.oid AND m[1] <> '0' AND m[1]::oid <> c.oid`)},
       EXISTS (SELECT 1 FROM pg_roles l WHERE l.rolname = ANY (${array(logins)})
         AND CASE c.relkind WHEN 'S' THEN has_sequence_privilege(l.oid, c.oid, 'USAGE') WHEN 'v' THEN ${may('SELECT')} WHEN 'm' THEN ${may('SELECT')}
             ELSE ${may('SELECT')} AND ${may('INSERT')} AND ${may('UPDATE')} AND ${may('DELETE')} END),
       ${OTHER_ROWS}
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid >= ${FIRST} AND c.relkind = ANY ('{r,p,v,m,f,S}') AND ${theirs('c.relowner')}`,
    `SELECT p.oid::int8::float8, p.oid::regprocedure::text, pg_get_userbyid(p.proowner)::text, p.prosecdef, p.prokind = 'a' OR l.lanpltrusted
     FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE p.oid >= ${FIRST} AND ${theirs('p.proowner')}`,
    `SELECT t.oid::int8::float8, t.oid::regtype::text, pg_get_userbyid(t.typowner)::text FROM pg_type t WHERE t.oid >= ${FIRST} AND ${theirs('t.typowner')}`,
    resting(theirs),
  ].join(';\n');
}

/** What rests on an object and is no part of it. Tables are reached through their row types too. */
function resting(theirs: (owner: string) => string): string {
  const relation = `coalesce(w.ev_class, g.tgrelid, nullif(k.conrelid, 0), f.adrelid, y.polrelid, i.indrelid, s.stxrelid, CASE WHEN d.classid = ${CATALOG.pg_class} THEN d.objid END)`;
  return `WITH mine AS (
       SELECT 'relation' AS kind, c.oid AS base, ${CATALOG.pg_class}::oid AS classid, c.oid FROM pg_class c WHERE c.oid >= ${FIRST} AND ${theirs('c.relowner')}
       UNION ALL SELECT CASE WHEN t.typrelid <> 0 AND t.typtype = 'c' AND r.relkind <> 'c' THEN 'relation' ELSE 'type' END,
         CASE WHEN t.typrelid <> 0 AND r.relkind <> 'c' THEN t.typrelid ELSE t.oid END, ${CATALOG.pg_type}::oid, t.oid
         FROM pg_type t LEFT JOIN pg_class r ON r.oid = t.typrelid WHERE t.oid >= ${FIRST} AND ${theirs('t.typowner')}
       UNION ALL SELECT 'function', p.oid, ${CATALOG.pg_proc}::oid, p.oid FROM pg_proc p WHERE p.oid >= ${FIRST} AND ${theirs('p.proowner')})
     SELECT DISTINCT m.kind, m.base::int8::float8, CASE WHEN ${relation} IS NOT NULL THEN 'relation' WHEN q.oid IS NOT NULL THEN 'function' WHEN u.oid IS NOT NULL THEN 'type' ELSE '' END, coalesce(${relation}, q.oid, u.oid, 0)::int8::float8,
       coalesce(pg_get_userbyid(coalesce(c.relowner, q.proowner, u.typowner, e.evtowner, o.oprowner, ac.opcowner, af.opfowner)), '')::text, pg_describe_object(d.classid, d.objid, 0)
     FROM mine m JOIN pg_depend d ON d.refclassid = m.classid AND d.refobjid = m.oid AND d.deptype = ANY ('{n,a}') AND d.classid <> ALL ('{6106,6237}'::oid[])
       LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
       LEFT JOIN pg_trigger g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid
       LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
       LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
       LEFT JOIN pg_policy y ON d.classid = 'pg_policy'::regclass AND y.oid = d.objid
       LEFT JOIN pg_index i ON d.classid = ${CATALOG.pg_class} AND i.indexrelid = d.objid
       LEFT JOIN pg_statistic_ext s ON d.classid = 'pg_statistic_ext'::regclass AND s.oid = d.objid
       LEFT JOIN pg_event_trigger e ON d.classid = 'pg_event_trigger'::regclass AND e.oid = d.objid
       LEFT JOIN pg_operator o ON d.classid = 'pg_operator'::regclass AND o.oid = d.objid
       LEFT JOIN pg_opclass ac ON d.classid = 'pg_opclass'::regclass AND ac.oid = d.objid
       LEFT JOIN pg_opfamily af ON d.classid = 'pg_opfamily'::regclass AND af.oid = d.objid
       LEFT JOIN pg_proc q ON d.classid = ${CATALOG.pg_proc} AND q.oid = d.objid
       LEFT JOIN pg_type u ON u.oid = CASE WHEN d.classid = ${CATALOG.pg_type} THEN d.objid ELSE k.contypid END
       LEFT JOIN pg_class c ON c.oid = ${relation}
     WHERE ${relation} IS DISTINCT FROM m.base OR m.kind <> 'relation'`;
}
