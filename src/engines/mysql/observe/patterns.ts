import { accountKey, type Catalog, type CatalogAccount } from './catalog.ts';
import { keyOf, listOf, targetOf, textOf } from '../grants.ts';
import { LEDGER, SERVER_DATABASES } from '../names.ts';
import { isAdmins } from '../operators.ts';
import { patternReaches } from '../quote.ts';
import { lookUp, putIn } from '../../../util/record.ts';
import { merge, type Roles } from './roles.ts';
import type { Owners } from './owners.ts';
import { rowsFor } from './row-order.ts';
import type { ByAccount, Grants } from '../spec.ts';

/** A grant of a stranger on all databases whose names fit a pattern, where one of them is an app's. */
export interface PatternGrant {
  readonly account: string;
  readonly target: string;
  readonly privileges: string;
  /** Databases of apps of this project that it reaches, those that an apply is to make included. */
  readonly reaches: readonly string[];
  /** What is granted by name before it goes: to the account what it has by it elsewhere, to known logins what they have by the account. */
  readonly kept: ByAccount;
}

/** Nothing can be granted there but this. */
const DIAGNOSIS = 'performance_schema';

export function patternsOf(
  catalog: Catalog,
  { owners, roles }: { readonly owners: Owners; readonly roles: Roles },
  project: string,
): readonly PatternGrant[] {
  const ours = databasesOf(catalog, owners, project);
  const { admin, literalNames } = catalog.server;
  return catalog.accounts.flatMap((account) => {
    const key = accountKey(account);
    const isAside = isAdmins(admin, account) || account.user === '' || (account.isRole && account.user === 'PUBLIC');
    if (isAside || owners.isOfProject(owners.account(key)) || owners.wanted.has(`account/${key}`)) return [];
    if (owners.isNamed(account) || roles.isKept(account)) return [];
    return Object.entries(account.grants).flatMap(([target, privileges]) => {
      const [kind, pattern = ''] = targetOf(target);
      const reaches = kind === 'pattern' ? ours.filter((name) => patternReaches(pattern, name, literalNames)) : [];
      if (reaches.length === 0) return [];
      const kept: Record<string, Grants> = {};
      merge(kept, { [key]: elsewhere(account, target, ours, { catalog, roles }) });
      merge(kept, roles.keptOf(account, { [target]: privileges }));
      return [{ account: key, target, privileges, reaches, kept }];
    });
  });
}

/** Of apps in the manifest, there or not, and of those that are gone from it. */
function databasesOf({ ledger }: Catalog, owners: Owners, project: string): readonly string[] {
  const noted = (ledger ?? []).filter((row) => row.kind === 'database' && row.project === project).map(({ name }) => name);
  return [...new Set([...owners.databases, ...noted])];
}

/** What an account has by this pattern in databases of nobody here. */
function elsewhere(
  account: CatalogAccount,
  target: string,
  ours: readonly string[],
  { catalog, roles }: { readonly catalog: Catalog; readonly roles: Roles },
): Grants {
  const { databases, server } = catalog;
  const rule = { flavor: server.flavor, literalNames: server.literalNames, withRoles: roles.isRole(account) };
  const out: Record<string, string> = {};
  for (const { name } of databases) {
    if (ours.includes(name) || name === LEDGER || name === 'information_schema') continue;
    // By name a role of everybody would lose it right away.
    if (SERVER_DATABASES.includes(name) && roles.isForAll(account)) continue;
    if (rowsFor(Object.keys(account.grants), name, rule)[0] !== target || roles.isShadowed(account, target, name)) continue;
    const list = listOf(lookUp(account.grants, target)).filter((one) => name !== DIAGNOSIS || one === 'SELECT');
    if (list.length > 0) putIn(out, keyOf(['database', name]), textOf(list));
  }
  return out;
}
