import type { Fix } from '../../../model/index.ts';
import { accountKey, type CatalogAccount } from '../observe/catalog.ts';
import { LANE } from '../steps/draft-steps.ts';
import type { Effect } from '../losses/effective.ts';
import type { Grants } from '../spec.ts';
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

export function revoked(account: CatalogAccount, grants: Grants): readonly Effect[] {
  return Object.entries(grants).map(([target, privileges]) => ({ is: 'revoke', key: accountKey(account), target, privileges }));
}

export function locked(account: CatalogAccount): readonly Effect[] {
  return [{ is: 'account', key: accountKey(account), grants: account.grants, locked: true }];
}
