import { isAdmins, isOfAdmin, isServersUser } from '../operators.ts';
import { lookUp, putIn } from '../../../util/record.ts';
import { accountKey, type Catalog, type CatalogAccount } from '../observe/catalog.ts';
import { databaseOf, GLOBAL, listOf, shown, targetOf } from '../grants.ts';
import { grantsOfWords, lacking, operatorRights } from '../judge/people.ts';
import { rolesOfAll } from '../observe/roles.ts';
import type { Grants } from '../spec.ts';

/** What a login has, for people. */
function described({ grants, roles, proxies }: CatalogAccount): string {
  const rights = Object.entries(grants).map(([key, list]) => {
    const most = listOf(list).length > 15;
    return `${most ? 'ALL' : list} on ${shown(key)}`;
  });
  const others = [...roles.map((one) => `the role ${one}`), ...proxies.map((one) => `PROXY on ${one}`)];
  return [...rights, ...others].join('; ') || 'no rights';
}

/** Rights of a login outside of the database that it lives in: an app has none of these. */
export function elsewhere({ grants, roles, proxies }: CatalogAccount, home: string): readonly string[] {
  const rights = Object.entries(grants).flatMap(([key, list]) => {
    const target = targetOf(key);
    const isHome = databaseOf(target) === home || (target[0] === 'pattern' && target[1] === home);
    return isHome ? [] : [`${list} on ${shown(key)}`];
  });
  return [...rights, ...roles.map((one) => `the role ${one}`), ...proxies.map((one) => `PROXY on ${one}`)];
}

export interface People {
  readonly operators: Readonly<Record<string, readonly string[]>>;
  readonly known: readonly { readonly user: string; readonly why: string }[];
}

/** Everybody who is no app's login: an operator where words say all that it has, a known stranger else. What each has stays. */
export function peopleOf(catalog: Catalog, used: ReadonlySet<string>): People {
  const operators: Record<string, readonly string[]> = {};
  const known: { user: string; why: string }[] = [];
  const forAll = new Set(rolesOfAll(catalog).map(({ account }) => account));
  for (const account of catalog.accounts) {
    const key = accountKey(account);
    if (account.user === '' || used.has(key) || key === catalog.server.admin || isServersUser(account.user)) continue;
    // The operator's, from wherever: nothing is taken from it.
    if (isAdmins(catalog.server.admin, account)) continue;
    // What everybody has is nobody's own.
    if (forAll.has(account)) continue;
    if (account.isRole || (account.locked && membersOf(account, catalog).length > 0)) {
      // What somebody of these has by a role stays with the role; one that waits for members needs a line of its own.
      const waits = account.user !== 'PUBLIC' && Object.keys(account.grants).length > 0 && !isHeld(account, catalog, new Set());
      if (waits) known.push({ user: account.isRole ? account.user : key, why: `found on the server as a role with ${described(account)}` });
      continue;
    }
    const words = wordsOf(account, catalog);
    if (words.length > 0) putIn(operators, key, words);
    else known.push({ user: key, why: `found on the server with ${described(account)}` });
  }
  return { operators, known };
}

/** Other accounts of the user that reads the server. */
export function ownElsewhere({ accounts, server }: Catalog): readonly string[] {
  return accounts
    .filter((one) => !one.isRole && isOfAdmin(server.admin, one) && accountKey(one) !== server.admin)
    .map((one) => `account ${accountKey(one)}: the operator's own, for another host; nothing is taken from it`);
}

function membersOf(role: CatalogAccount, { accounts }: Catalog): readonly CatalogAccount[] {
  const name = role.isRole ? role.user : accountKey(role);
  return accounts.filter((one) => one.roles.includes(name));
}

/** True where somebody can have it, by a role of roles too; the admin of this very run made it, on MariaDB, and is in its list. */
function isHeld(role: CatalogAccount, catalog: Catalog, seen: Set<string>): boolean {
  seen.add(accountKey(role));
  return membersOf(role, catalog).some((one) => {
    const key = accountKey(one);
    if (key === catalog.server.admin || seen.has(key)) return false;
    return one.isRole || membersOf(one, catalog).length > 0 ? isHeld(one, catalog, seen) : true;
  });
}

/** The fewest words that stand for exactly what it has. */
function wordsOf({ grants, roles, proxies }: CatalogAccount, { server }: Catalog): readonly string[] {
  const own: Grants = grants;
  if (roles.length > 0 || proxies.length > 0 || listOf(lookUp(own, GLOBAL)).length === 0) return [];
  const words = Object.keys(operatorRights).filter((word) => word !== 'connect');
  const choices = [
    ...words.map((one) => [one]),
    ...words.flatMap((one) => words.filter((other) => other > one).map((other) => [one, other])),
  ];
  const exact = (may: readonly string[]): boolean => {
    const wanted = grantsOfWords(may, server);
    return Object.keys(lacking(wanted, own)).length === 0 && Object.keys(lacking(own, wanted)).length === 0;
  };
  return choices.find(exact) ?? [];
}
