import { lookUp } from '../../util/record.ts';
import type { CatalogAccount } from './catalog.ts';
import { GLOBAL, listOf } from './grants.ts';

/** An operator: whoever may make accounts or end sessions of others can do everything anyway. */
export function isOperator(account: CatalogAccount): boolean {
  const global = listOf(lookUp(account.grants, GLOBAL));
  return ['SUPER', 'CREATE USER', 'SYSTEM_USER'].some((one) => global.includes(one)) || /^(mysql|mariadb)\./.test(account.user);
}
