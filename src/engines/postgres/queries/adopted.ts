import { literal } from '../quote.ts';
import { CATALOG } from './database.ts';

/** login, how ('o' owner, 'a' access list, 'r' policy, 'p' prepared transaction), type in words, schema or '', identity, owner or '' for the first superuser, belongs to an extension */
export type NamedRow = readonly [string, 'o' | 'a' | 'r' | 'p', string, string, string, string, boolean];

const oids = (logins: readonly string[]): string =>
  `SELECT r.oid FROM pg_roles r WHERE r.rolname IN (${logins.map((name) => literal(name)).join(', ')})`;
const mine = (logins: readonly string[]): string => `s.refclassid = ${CATALOG.pg_authid} AND s.refobjid IN (${oids(logins)})`;
const prepared = (logins: readonly string[]): string =>
  `pg_prepared_xacts p WHERE p.owner IN (${logins.map((name) => literal(name)).join(', ')})`;

/** Databases in which one of these logins has something by its name. */
export function namedWhere(logins: readonly string[]): string {
  return `SELECT d.datname::text FROM pg_shdepend s JOIN pg_database d ON d.oid = s.dbid AND d.datallowconn WHERE ${mine(logins)}
    UNION SELECT p.database::text FROM ${prepared(logins)} ORDER BY 1`;
}

/** Rows of a role and a database in which it owns something or is named in an access list or a policy. */
export function databasesOf(roles: readonly string[]): string {
  return `SELECT DISTINCT pg_get_userbyid(s.refobjid)::text, d.datname::text FROM pg_shdepend s JOIN pg_database d ON d.oid = s.dbid WHERE ${mine(roles)} ORDER BY 1, 2`;
}

/** What is no database's: tablespaces and subscriptions. Rows as in `NamedRow`. */
export function namedNowhere(logins: readonly string[]): string {
  return `SELECT pg_get_userbyid(s.refobjid)::text, s.deptype::text, i.type, '', i.identity, '', false FROM pg_shdepend s, pg_identify_object(s.classid, s.objid, s.objsubid) i
    WHERE ${mine(logins)} AND s.dbid = 0 AND s.deptype = ANY ('{o,a}') AND s.classid IN ('pg_tablespace'::regclass, 'pg_subscription'::regclass) ORDER BY 1, 3, 5`;
}

/** What the server notes under the names of these logins in the database that is asked. */
export function namedHere(logins: readonly string[]): string {
  return `SELECT pg_get_userbyid(s.refobjid)::text, s.deptype::text, i.type, coalesce(i.schema, ''), i.identity,
      coalesce((SELECT pg_get_userbyid(o.refobjid)::text FROM pg_shdepend o WHERE o.dbid = s.dbid AND o.classid = s.classid AND o.objid = s.objid AND o.deptype = 'o' LIMIT 1), ''),
      EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = s.classid AND e.objid = s.objid AND e.deptype = 'e')
    FROM pg_shdepend s, pg_identify_object(s.classid, s.objid, s.objsubid) i
    WHERE ${mine(logins)} AND s.deptype = ANY ('{o,a,r}') AND s.dbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
    UNION ALL SELECT p.owner::text, 'p', 'prepared transaction', '', quote_literal(p.gid), p.owner::text, false FROM ${prepared(logins)} AND p.database = current_database()
    ORDER BY 1, 3, 5`;
}

/** What there may go by the name of whoever asks: type in words, schema, identity. Of a role that becomes another one, `session_user` stays. */
export const BY_CURRENT_USER = `SELECT x.type, x.schema::text, x.identity FROM (
    SELECT 'policy' AS type, n.nspname AS schema, format('%I on table %I.%I', y.polname, n.nspname, c.relname) AS identity, concat(pg_get_expr(y.polqual, y.polrelid), pg_get_expr(y.polwithcheck, y.polrelid)) AS text
      FROM pg_policy y JOIN pg_class c ON c.oid = y.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    UNION ALL SELECT 'default', n.nspname, format('of column %I of table %I.%I', a.attname, n.nspname, c.relname), pg_get_expr(d.adbin, d.adrelid)
      FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    UNION ALL SELECT 'constraint', n.nspname, format('%I of table %I.%I', k.conname, n.nspname, c.relname), pg_get_constraintdef(k.oid)
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE k.contype = 'c'
    UNION ALL SELECT 'view', n.nspname, format('%I.%I', n.nspname, c.relname), pg_get_viewdef(c.oid)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'v' AND c.oid >= 16384
    UNION ALL SELECT 'trigger', n.nspname, format('%I on table %I.%I', g.tgname, n.nspname, c.relname), p.prosrc || ' ' || pg_get_triggerdef(g.oid)
      FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT g.tgisinternal AND NOT p.prosecdef
    UNION ALL SELECT 'function', n.nspname, p.oid::regprocedure::text, p.prosrc
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.oid >= 16384 AND NOT p.prosecdef AND p.prorettype <> ALL ('{trigger,event_trigger}'::regtype[])
        AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = ${CATALOG.pg_proc} AND e.objid = p.oid AND e.deptype = 'e')
  ) x WHERE x.schema <> ALL ('{pg_catalog,information_schema}') AND x.text ~* '\\m(current_user|current_role|pg_has_role)\\M' ORDER BY 1, 3`;

export type ByNameRow = readonly [type: string, schema: string, identity: string];
