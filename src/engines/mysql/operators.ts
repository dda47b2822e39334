import { lookUp } from '../../util/record.ts';
import { GLOBAL, listOf } from './grants.ts';
import type { Grants } from './spec.ts';

/** An operator: whoever may make accounts or end sessions of others can do everything anyway. */
export function isOperator(account: { readonly user: string; readonly grants: Grants }): boolean {
  const global = listOf(lookUp(account.grants, GLOBAL));
  return ['SUPER', 'CREATE USER', 'SYSTEM_USER'].some((one) => global.includes(one)) || /^(mysql|mariadb)\./.test(account.user);
}
