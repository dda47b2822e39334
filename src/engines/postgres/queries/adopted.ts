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
