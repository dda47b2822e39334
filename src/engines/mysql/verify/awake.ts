import { accountKey, type CatalogAccount, IMPOSSIBLE } from '../observe/catalog.ts';
import { isNamed } from '../judge/people.ts';
import { rolesOfAll } from '../observe/roles.ts';
import { isAdmins } from '../operators.ts';
import { withRoles } from './rights.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';

/** An account that lets somebody in. A role of MySQL is an account that is locked. */
export function isOpen(account: CatalogAccount): boolean {
  return !account.isRole && !account.locked && account.hash !== IMPOSSIBLE.mysql && account.hash !== IMPOSSIBLE.mariadb;
}

const awakeBy = new WeakMap<CatalogSnapshot, (account: CatalogAccount) => boolean>();

/**
 * Who can come in today, and what they can be: accounts, roles and roles of these. What anybody else has, nobody has yet: an
 * account is unlocked, a role gets a member, and then somebody does. The operator, and whom the manifest names, have all that
 * they need without it.
 */
export function awakeIn(snapshot: CatalogSnapshot): (account: CatalogAccount) => boolean {
  const known = awakeBy.get(snapshot);
  if (known) return known;
  const { catalog, input } = snapshot;
  const users = new Set(catalog.accounts.filter(isOpen).map(({ user }) => user));
  // The server looks at rows by user and address, whichever account of that user let the client in.
  const own = catalog.accounts.filter(
    (one) => !one.isRole && users.has(one.user) && !isAdmins(catalog.server.admin, one) && !isNamed(input, one),
  );
  const everybody = rolesOfAll(catalog).map(({ account }) => account);
  const awake = new Set(withRoles(snapshot, [...own, ...everybody]).map(({ account }) => accountKey(account)));
  const isAwake = (account: CatalogAccount): boolean => awake.has(accountKey(account));
  awakeBy.set(snapshot, isAwake);
  return isAwake;
}

/** On every system that the packages of a distribution set up: the user that the server itself runs as, by its socket. */
const SERVERS_OWN = { user: 'mysql', host: 'localhost' };

/** Accounts that no finding speaks of: the operator, the server's own, whom the manifest names. */
export function isAside({ catalog, input, roles }: CatalogSnapshot, account: CatalogAccount): boolean {
  const { user, host } = account;
  const isServers = user === SERVERS_OWN.user && host === SERVERS_OWN.host && !isOpen(account);
  return isServers || isAdmins(catalog.server.admin, account) || isNamed(input, account) || roles.isKept(account);
}
