import { lookUp, putIn } from '../../../util/record.ts';
import { accountKey, type Catalog, type CatalogAccount } from './catalog.ts';
import { GLOBAL, listOf, textOf } from '../grants.ts';
import { lacking } from '../judge/people.ts';
import { isAdmins } from '../operators.ts';
import type { Owners } from './owners.ts';
import { rowsFor } from './row-order.ts';
import type { ByAccount, Grants } from '../spec.ts';

/** Grants by account. */

/** Who has what by roles. A right of a role is kept for the logins that the manifest names, as what they have themselves. */
export class Roles {
  readonly #catalog: Catalog;
  readonly #owners: Owners;
  /** Roles that everybody has, by a role of roles too. */
  readonly #forAll: ReadonlySet<string>;
  readonly #having: ReadonlyMap<string, readonly CatalogAccount[]>;

  constructor(catalog: Catalog, owners: Owners) {
    this.#catalog = catalog;
    this.#owners = owners;
    this.#forAll = new Set(rolesOfAll(catalog).map(({ account }) => accountKey(account)));
    const { flavor } = catalog.server;
    const pairs = catalog.accounts.flatMap((account) => account.roles.map((role) => ({ role: roleKey(role, flavor), account })));
    this.#having = new Map(
      [...Map.groupBy(pairs, ({ role }) => role)].map(([role, list]) => [role, list.map(({ account }) => account)] as const),
    );
  }

  /** True for what only lends its rights, and to nobody but logins that the manifest names: all of it stays. */
  isKept(account: CatalogAccount): boolean {
    if (!isOnlyRole(account) || this.#forAll.has(accountKey(account))) return false;
    const people = this.#peopleOf(account).filter((one) => !this.#isAside(one));
    return people.length > 0 && people.every((one) => this.#owners.isNamed(one));
  }

  /** What logins and roles that the manifest names have by this account, and not by name. */
  keptOf(account: CatalogAccount, grants: Grants): ByAccount {
    const kept: Record<string, Grants> = {};
    for (const one of this.#havingOf(account)) {
      // A role of everybody would hand it on to everybody.
      if (!this.#owners.isNamed(one) || this.#forAll.has(accountKey(one))) continue;
      const more = byName(one, lacking(grants, one.grants), this.#owners);
      if (Object.keys(more).length > 0) putIn(kept, accountKey(one), more);
    }
    return kept;
  }

  /** True for what everybody has as a role. */
  isForAll(account: CatalogAccount): boolean {
    return this.#forAll.has(accountKey(account));
  }

  /** True for what others have, or may have, as a role. */
  isRole(account: CatalogAccount): boolean {
    return isOnlyRole(account) || this.#forAll.has(accountKey(account)) || this.#having.has(accountKey(account));
  }

  /** True where what the role has by this row does not count for a member, whose own rows come first: by name it would. */
  isShadowed(role: CatalogAccount, target: string, database: string): boolean {
    const { flavor, literalNames } = this.#catalog.server;
    if (flavor !== 'mysql') return false;
    const rows = Object.keys(role.grants);
    const rule = { flavor, literalNames, withRoles: true };
    return this.#peopleOf(role).some((one) => rowsFor([...Object.keys(one.grants), ...rows], database, rule)[0] !== target);
  }

  /** Everybody who can have it as a role, by a role of roles too. */
  #peopleOf(account: CatalogAccount): readonly CatalogAccount[] {
    return this.#havingOf(account).filter((one) => !isOnlyRole(one));
  }

  /** The same, with roles. */
  #havingOf(account: CatalogAccount): readonly CatalogAccount[] {
    const seen = new Set<CatalogAccount>();
    const waiting = [account];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const key = accountKey(next);
      const having = this.#forAll.has(key) ? this.#catalog.accounts : (this.#having.get(key) ?? []);
      for (const one of having) {
        if (seen.has(one)) continue;
        seen.add(one);
        waiting.push(one);
      }
    }
    seen.delete(account);
    return [...seen].filter((one) => one.user !== '');
  }

  /** Who runs the server, and logins of apps: those lose every role by the same plan. */
  #isAside(account: CatalogAccount): boolean {
    const key = accountKey(account);
    if (isAdmins(this.#catalog.server.admin, account)) return !this.#owners.isNamed(account);
    return this.#owners.account(key).ours || this.#owners.wanted.has(`account/${key}`);
  }
}

/** The key of an account by the name that it has as a role: one of MariaDB has no host. */
function roleKey(name: string, flavor: 'mysql' | 'mariadb'): string {
  if (flavor === 'mariadb') return `${name}@`;
  return name.includes('@') ? name : `${name}@%`;
}

/** A role that everybody has, and how. */
export interface RoleOfAll {
  readonly account: CatalogAccount;
  /** For people: `PUBLIC, which has clerks`. */
  readonly called: string;
}

/** PUBLIC, mandatory roles, and every role that one of these has. */
export function rolesOfAll(catalog: Catalog): readonly RoleOfAll[] {
  const { flavor } = catalog.server;
  const byKey = new Map(catalog.accounts.map((one) => [accountKey(one), one]));
  const everybody = flavor === 'mariadb' ? [{ key: 'PUBLIC@', called: 'PUBLIC' }] : [];
  const mandatory = mandatoryIn(catalog).map((name) => ({ key: roleKey(name, flavor), called: `mandatory_roles ${name}` }));
  const out = new Map<string, RoleOfAll>();
  const waiting = [...everybody, ...mandatory];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { key, called } = next;
    const account = byKey.get(key);
    if (!account || out.has(key)) continue;
    out.set(key, { account, called });
    waiting.push(...account.roles.map((role) => ({ key: roleKey(role, flavor), called: `${called}, which has ${role}` })));
  }
  return [...out.values()];
}

/** Names of the roles that the server gives to everybody. */
export function mandatoryIn({ server }: Pick<Catalog, 'server'>): readonly string[] {
  const names = (server.variables.get('mandatory_roles') ?? '').split(',').map((name) => name.replaceAll(/[`'" ]/g, ''));
  return names.filter((name) => name !== '');
}

/** Puts what one account is to get to what it gets already. */
export function merge(into: Record<string, Grants>, more: ByAccount): void {
  for (const [account, grants] of Object.entries(more)) {
    const all: Record<string, string> = { ...lookUp(into, account) };
    for (const [target, privileges] of Object.entries(grants))
      putIn(all, target, textOf([...listOf(lookUp(all, target)), ...listOf(privileges)]));
    putIn(into, account, all);
  }
}

/** What of these grants an account can get by name: where an app's login would have it too, only what is about the whole server. */
export function byName(account: CatalogAccount, grants: Grants, owners: Owners): Grants {
  if (!owners.lends(account)) return grants;
  return Object.fromEntries(Object.entries(grants).filter(([target]) => target === GLOBAL));
}

/** Nobody logs in with it: what is locked and has a password is somebody who is locked out. */
function isOnlyRole({ isRole, locked, hash }: CatalogAccount): boolean {
  return isRole || (locked && hash === '');
}
