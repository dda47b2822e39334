import { accountKey, type Catalog, type CatalogAccount, type CatalogDatabase } from './catalog.ts';
import { databaseOf, listOf, targetOf } from './grants.ts';
import { LEDGER, nameTrouble, SERVER_DATABASES } from './names.ts';
import { isOperator } from './operators.ts';
import { patternReaches } from './quote.ts';

/** One database as the app that it could become. */
export interface Candidate {
  readonly database: CatalogDatabase;
  /** Accounts of its login, one for each host. */
  readonly accounts: readonly CatalogAccount[];
  /** Its login, where that went to another app. */
  readonly shared: string | null;
  /** Others that have rights on it. */
  readonly others: readonly string[];
}

export interface Found {
  readonly apps: readonly Candidate[];
  readonly left: readonly { readonly what: string; readonly why: string }[];
}

/** What only somebody who lives in a database is given. */
const LIVING: readonly string[] = ['INSERT', 'UPDATE', 'DELETE', 'CREATE', 'ALTER', 'DROP'];

/** Each database with the login that writes in it. A login of several databases goes to the first of them. */
export function findApps(catalog: Catalog): Found {
  const left: { what: string; why: string }[] = [];
  const apps = candidatesOf(catalog);
  for (const { name } of catalog.databases) {
    if (SERVER_DATABASES.includes(name) || apps.some((one) => one.database.name === name)) continue;
    left.push({ what: `database ${name}`, why: name === LEDGER ? "it is cotenant's own" : (nameTrouble('database', name)?.why ?? '') });
  }
  return { apps, left };
}

export function candidatesOf(catalog: Catalog): readonly Candidate[] {
  const taken = new Set<string>();
  return catalog.databases
    .filter(({ name }) => !SERVER_DATABASES.includes(name) && nameTrouble('database', name) === null)
    .map((database): Candidate => {
      const there = catalog.accounts.filter(
        (one) => one.user !== '' && !isOperator(one) && strengthOf(catalog, one, database.name) !== null,
      );
      const users = Map.groupBy(
        there.filter((one) => !one.isRole && (strengthOf(catalog, one, database.name) ?? 0) > 0),
        (one) => one.user,
      );
      const ranked = [...users].sort(
        (a, b) => best(catalog, b[1], database.name) - best(catalog, a[1], database.name) || compare(a[0], b[0]),
      );
      const free = ranked.find(([user]) => !taken.has(user) && nameTrouble('account', user) === null);
      if (free) taken.add(free[0]);
      const accounts = free?.[1] ?? [];
      const shared = free ? null : (ranked.find(([user]) => taken.has(user))?.[0] ?? null);
      return { database, accounts, shared, others: there.filter((one) => !accounts.includes(one)).map(accountKey) };
    });
}

function best(catalog: Catalog, accounts: readonly CatalogAccount[], database: string): number {
  return Math.max(...accounts.map((one) => strengthOf(catalog, one, database) ?? 0));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** How much an account may do in a database: null, nothing; 0, it may look; a grant on the name counts more than a pattern. */
function strengthOf(catalog: Catalog, account: CatalogAccount, database: string): number | null {
  let strength: number | null = null;
  for (const [key, privileges] of Object.entries(account.grants)) {
    const target = targetOf(key);
    const named = databaseOf(target) === database || (target[0] === 'pattern' && target[1] === database);
    const reaches = named || (target[0] === 'pattern' && patternReaches(target[1], database, catalog.server.literalNames));
    if (!reaches) continue;
    const living =
      target[0] === 'database' || target[0] === 'pattern' ? listOf(privileges).filter((one) => LIVING.includes(one)).length : 0;
    strength = Math.max(strength ?? 0, living * (named ? 2 : 1));
  }
  return strength;
}
