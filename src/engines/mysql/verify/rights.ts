import { lookUp, putIn } from '../../../util/record.ts';
import { accountKey, type CatalogAccount } from '../observe/catalog.ts';
import { grantChanges, keyOf, listOf, textOf } from '../grants.ts';
import { wantedGrants } from '../kinds/account.ts';
import { grantee } from '../kinds/database.ts';
import type { Effect } from '../losses/effective.ts';
import type { Grants } from '../spec.ts';
import type { Tenant } from './tenants.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';

/** One account or role through which a tenant gets rights, and how. */
export interface Source {
  readonly account: CatalogAccount;
  /** What the tenant's own account has or may, by which it comes to this one; '' where this is it. */
  readonly through: string;
}

export const hasRole = (who: string, role: string): string => `${who} has the role ${role}`;
export const actsAs = (who: string, other: string): string => `${who} may act as ${other}`;

/** The tenant's accounts as the server has them, whoever made them, with every role that those can take on. */
export function sourcesOf(snapshot: CatalogSnapshot, tenant: Tenant): readonly Source[] {
  return withRoles(snapshot, snapshot.accountsOf(tenant));
}

/** Accounts, with every role that they can take on and everybody that they can act as. */
export function withRoles(snapshot: CatalogSnapshot, own: readonly CatalogAccount[]): readonly Source[] {
  const out: Source[] = own.map((account) => ({ account, through: '' }));
  const seen = new Set(own.map(accountKey));
  const waiting = own.flatMap((account) => [
    ...account.roles.map((name) => ({ name, through: hasRole(accountKey(account), name) })),
    ...account.proxies.map((name) => ({ name, through: actsAs(accountKey(account), name) })),
  ]);
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { name, through } = next;
    const found = findRole(snapshot, name);
    if (!found || seen.has(accountKey(found))) continue;
    seen.add(accountKey(found));
    out.push({ account: found, through });
    waiting.push(...[...found.roles, ...found.proxies].map((more) => ({ name: more, through })));
  }
  return out;
}

/** A role of MariaDB has no host. */
export function findRole(snapshot: CatalogSnapshot, name: string): CatalogAccount | undefined {
  return snapshot.byKey.get(name) ?? snapshot.byKey.get(`${name}@`);
}

/** What an account has beyond what the manifest gives the tenant. */
export function excessOf(snapshot: CatalogSnapshot, tenant: Tenant, { account, through }: Source): Grants {
  const key = accountKey(account);
  const spec = tenant.accounts.get(key) ?? [...tenant.accounts.values()].find((one) => one.user === account.user) ?? first(tenant);
  const wanted = spec ? wantedGrants(spec, snapshot.facts) : {};
  const out: Record<string, string> = {};
  for (const [target, privileges] of Object.entries(account.grants)) {
    const meant = new Set(listOf(lookUp(wanted, target)));
    const more = listOf(privileges).filter((one) => !meant.has(one));
    if (more.length > 0) putIn(out, target, textOf(more));
  }
  return through === '' ? out : withoutOwn(out, tenant);
}

function first(tenant: Tenant): ReturnType<Tenant['accounts']['get']> {
  return [...tenant.accounts.values()][0];
}

/** Through a role, rights in the own database open nothing new. */
function withoutOwn(grants: Grants, tenant: Tenant): Grants {
  const own = keyOf(['database', tenant.database]);
  const { [own]: _mine, ...rest } = grants;
  const kept = listOf(lookUp(grants, own)).filter((one) => one === 'GRANT OPTION' || one === 'EVENT');
  return kept.length === 0 ? rest : { ...rest, [own]: textOf(kept) };
}

/**
 * What the manifest gives an account of a tenant and the account has not by name. It may have it by a pattern, on everything or by a
 * role: before that is taken, it gets this, as by an apply.
 */
export function dueTo(
  snapshot: CatalogSnapshot,
  tenant: Tenant,
  account: CatalogAccount,
): { readonly texts: readonly string[]; readonly effects: readonly Effect[] } {
  const key = accountKey(account);
  const spec = tenant.accounts.get(key);
  if (!spec || spec.locked) return { texts: [], effects: [] };
  const wanted = wantedGrants(spec, snapshot.facts);
  const due: Record<string, string> = {};
  for (const [target, privileges] of Object.entries(wanted)) {
    const has = listOf(lookUp(account.grants, target));
    const missing = listOf(privileges).filter((one) => !has.includes(one));
    if (missing.length > 0) putIn(due, target, textOf(missing));
  }
  const { grants } = grantChanges({}, due, grantee(key, snapshot.facts.flavor), snapshot.facts);
  return { texts: grants, effects: Object.entries(due).map(([target, privileges]) => ({ is: 'grant', key, target, privileges })) };
}

/** What takes these rights away. */
export function revokesOf(snapshot: CatalogSnapshot, account: CatalogAccount, grants: Grants): readonly string[] {
  const isPublic = account.isRole && account.user === 'PUBLIC';
  const who = isPublic ? 'PUBLIC' : grantee(accountKey(account), snapshot.facts.flavor);
  return grantChanges(grants, {}, who, snapshot.facts).revokes;
}
