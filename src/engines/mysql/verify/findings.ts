import type { Made } from '../compile/made.ts';
import type { Fix, Loss } from '../../../model/index.ts';
import { accountKey, type CatalogAccount } from '../observe/catalog.ts';
import { LANE } from '../steps/draft-steps.ts';
import type { Effect } from '../losses/effective.ts';
import type { Grants } from '../spec.ts';
import type { Tenant } from './tenants.ts';
import type { World } from './world.ts';

/** Statements that close a finding. `confirm`: a name that must be repeated, where they end data. */
export function fixes(texts: readonly string[], confirm?: string): readonly Fix[] {
  return texts.map((text) => ({ lane: LANE, statement: { text }, ...(confirm === undefined ? {} : { confirm }) }));
}

/** Statements that take something, with who loses what by them besides the one whom the finding is about. */
export function taking(
  world: World,
  from: string | null,
  texts: readonly string[],
  effects: readonly Effect[],
  confirm?: string,
): readonly Fix[] {
  const losses = world.losses(effects).filter(({ of }) => of === null || of !== from);
  return fixes(texts, confirm).map((fix) => (losses.length === 0 ? fix : { ...fix, losses }));
}

/**
 * Statements that drop an object in the database of an app: everybody who used it loses it, the app too, which has to be named.
 * In a database that the project has neither made nor adopted nothing is dropped.
 */
export function dropping(world: World, tenant: Tenant, text: string, what: Made | string): readonly Fix[] {
  if (!world.isOurs(tenant.database)) return [];
  const losses =
    typeof what === 'string'
      ? [...tenant.accounts.keys()].map((who): Loss => ({ who, of: tenant.app, what: [what], sessions: null, keep: null }))
      : world.losses([{ is: 'object', made: what }]);
  return fixes([text], tenant.app).map((fix) => (losses.length === 0 ? fix : { ...fix, losses }));
}

export function revoked(account: CatalogAccount, grants: Grants): readonly Effect[] {
  return Object.entries(grants).map(([target, privileges]) => ({ is: 'revoke', key: accountKey(account), target, privileges }));
}

export function locked(account: CatalogAccount): readonly Effect[] {
  return [{ is: 'account', key: accountKey(account), grants: account.grants, locked: true }];
}
