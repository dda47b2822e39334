import { lookUp } from '../../util/record.ts';
import { GLOBAL, listOf } from './grants.ts';
import type { Grants } from './spec.ts';

const OWN = new Set(['mysql.sys', 'mysql.session', 'mysql.infoschema', 'mariadb.sys']);

/** The server's own users, which let nobody in. Others may be called alike. */
export const isServersUser = (user: string): boolean => OWN.has(user);

/** An account of the user that cotenant logs in as, from wherever. */
export function isOfAdmin(admin: string, { user }: { readonly user: string }): boolean {
  return user === admin.slice(0, admin.lastIndexOf('@'));
}

/** The same, or one of the server's own. */
export function isAdmins(
  admin: string,
  { user, isRole, locked }: { readonly user: string; readonly isRole: boolean; readonly locked: boolean },
): boolean {
  return !isRole && (isOfAdmin(admin, { user }) || (locked && isServersUser(user)));
}

/** An operator: whoever may make accounts or end sessions of others can do everything anyway. */
export function isOperator(account: { readonly user: string; readonly grants: Grants }): boolean {
  const global = listOf(lookUp(account.grants, GLOBAL));
  return ['SUPER', 'CREATE USER', 'SYSTEM_USER'].some((one) => global.includes(one)) || isServersUser(account.user);
}
