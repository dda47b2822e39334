import type { Connection } from '../connect/connection.ts';
import { CATALOG } from '../queries/database.ts';
import { nameArray } from '../quote.ts';
import type { Tenant } from './tenants.ts';

/** Whom the session of a login can be, besides the role that it acts as. */
export interface RoleSwitches {
  /** Roles that it can become and is not meant to, and any of its own that is a superuser. */
  readonly roles: readonly string[];
  /**
   * The login may do what the role that it acts as may not: by itself or through a group it has an attribute, an object, or
   * an entry in an access list, and that role does not own the object. Where it has none, it is refused what its role is
   * refused. Default privileges are no rights yet.
   */
  readonly stronger: boolean;
}

export type Actor = Pick<Tenant, 'login' | 'acts' | 'reaches'>;

/** Asks the catalogs for all tenants at once. By login. */
export async function readRoleSwitches(connection: Connection, tenants: readonly Actor[]): Promise<ReadonlyMap<string, RoleSwitches>> {
  const [reached = []] = await connection.rows(query(tenants));
  const byLogin = new Map(
    tenants.map((one) => [one.login, { expected: new Set([one.login, ...one.reaches]), roles: new Set<string>(), stronger: false }]),
  );
  for (const [login, role, superuser, stronger] of reached) {
    const found = byLogin.get(String(login));
    if (!found) continue;
    if (stronger === true) found.stronger = true;
    if (role !== login && (superuser === true || !found.expected.has(String(role)))) found.roles.add(String(role));
  }
  return new Map([...byLogin].map(([login, { roles, stronger }]) => [login, { roles: [...roles].sort(), stronger }]));
}

/** Of a login that is not known the most is thought. */
export function roleSwitchesOf(all: ReadonlyMap<string, RoleSwitches>, login: string): RoleSwitches {
  return all.get(login) ?? { roles: [], stronger: true };
}

/** Rows: login, a role that it reaches, whether that is a superuser, and whether it has what the acting role has not. A superuser reaches nothing more. */
function query(tenants: readonly Actor[]): string {
  const [logins, acting] = [tenants.map(({ login }) => login), tenants.map(({ acts }) => acts)].map(nameArray);
  return `WITH RECURSIVE me AS (
      SELECT l.oid AS login, a.oid AS acts FROM unnest(${logins}, ${acting}) AS t (login, acts)
      JOIN pg_roles l ON l.rolname = t.login JOIN pg_roles a ON a.rolname = t.acts WHERE NOT l.rolsuper),
    reached AS (
      SELECT login, acts, login AS oid FROM me
      UNION SELECT r.login, r.acts, m.roleid FROM reached r JOIN pg_auth_members m ON m.member = r.oid)
  SELECT pg_get_userbyid(r.login)::text, it.rolname::text, it.rolsuper, r.login <> r.acts AND NOT pg_has_role(r.acts, r.oid, 'USAGE') AND (
    it.rolsuper OR it.rolcreaterole OR it.rolcreatedb OR it.rolreplication OR it.rolbypassrls
    OR EXISTS (SELECT 1 FROM pg_auth_members m WHERE m.member = r.oid AND m.admin_option)
    OR EXISTS (
      SELECT 1 FROM pg_shdepend d
      WHERE d.refclassid = ${CATALOG.pg_authid} AND d.refobjid = r.oid AND d.classid <> ${CATALOG.pg_default_acl}
        AND CASE WHEN d.classid = ${CATALOG.pg_database} THEN ${DATABASE_RIGHTS} ELSE NOT EXISTS (
          SELECT 1 FROM pg_shdepend o WHERE o.dbid = d.dbid AND o.classid = d.classid AND o.objid = d.objid
            AND o.refclassid = ${CATALOG.pg_authid} AND o.deptype = 'o' AND o.refobjid = r.acts) END))
  FROM reached r JOIN pg_roles it ON it.oid = r.oid`;
}

/** A right on a database that the login has and its role has not. */
const DATABASE_RIGHTS = ['CREATE', 'TEMPORARY', 'CONNECT']
  .flatMap((right) => [right, `${right} WITH GRANT OPTION`])
  .map((right) => `(has_database_privilege(r.login, d.objid, '${right}') AND NOT has_database_privilege(r.acts, d.objid, '${right}'))`)
  .join(' OR ');
