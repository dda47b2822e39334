import type { Made } from '../observe/made.ts';
import type { Fact } from '../../../engine/index.ts';
import type { Fix, Loss } from '../../../model/index.ts';
import { accountKey, type CatalogAccount } from '../observe/catalog.ts';
import { LANE } from '../steps/draft-steps.ts';
import type { Effect } from '../losses/effective.ts';
import { givenByName } from '../kinds/database.ts';
import { keptOf } from '../observe/specs.ts';
import type { Grants } from '../spec.ts';
import { lookUp } from '../../../util/record.ts';
import { withoutPattern } from '../steps/patterns.ts';
import { keptEffects } from '../steps/effects.ts';
import { dueTo, revokesOf } from './rights.ts';
import type { Tenant } from './tenants.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';

/** Statements that close a finding. `confirm`: a name that must be repeated, where they end data. */
export function fixes(texts: readonly string[], confirm?: string): readonly Fix[] {
  return texts.map((text) => ({ lane: LANE, statement: { text }, ...(confirm === undefined ? {} : { confirm }) }));
}

/** Statements that take something, with who loses what by them; of the one whom the finding is about only what ends for it with that. */
export function taking(
  snapshot: CatalogSnapshot,
  from: string | null,
  texts: readonly string[],
  effects: readonly Effect[],
  confirm?: string,
): readonly Fix[] {
  const losses = snapshot.losses(effects, from);
  return fixes(texts, confirm).map((fix) => (losses.length === 0 ? fix : { ...fix, losses }));
}

/** The same of an account of a tenant: what the manifest gives it, it gets by name before. */
export function takingOwn(
  snapshot: CatalogSnapshot,
  tenant: Tenant,
  account: CatalogAccount,
  texts: readonly string[],
  effects: readonly Effect[],
): readonly Fix[] {
  const due = dueTo(snapshot, tenant, account);
  return [...fixes(due.texts), ...taking(snapshot, tenant.app, texts, [...due.effects, ...effects])];
}

/** The same where everybody had it: whoever the manifest knows is given it by name first, as by an apply. */
export function keeping(
  snapshot: CatalogSnapshot,
  doors: readonly Grants[],
  texts: readonly string[],
  effects: readonly Effect[],
  confirm?: string,
) {
  const { catalog, facts, holders } = snapshot;
  const kept = keptOf(catalog, holders, doors);
  const gives = givenByName(kept, facts).map(({ text }) => text);
  return [...fixes(gives), ...taking(snapshot, null, texts, [...keptEffects(kept), ...effects], confirm)];
}

/** The same where an account had it that others have as a role; what it has by a pattern it keeps elsewhere. */
export function takingFrom(snapshot: CatalogSnapshot, account: CatalogAccount, grants: Grants): readonly Fix[] {
  const pattern = snapshot.patterns.find((one) => one.account === accountKey(account) && lookUp(grants, one.target) !== undefined);
  if (pattern) {
    const { gives, revokes, effects } = withoutPattern(pattern, snapshot.facts);
    const texts = (list: typeof gives): readonly string[] => list.map(({ text }) => text);
    return [...fixes(texts(gives)), ...taking(snapshot, null, texts(revokes), effects)];
  }
  const kept = snapshot.roles.keptOf(account, grants);
  const gives = givenByName(kept, snapshot.facts).map(({ text }) => text);
  const effects = [...keptEffects(kept), ...revoked(account, grants)];
  return [...fixes(gives), ...taking(snapshot, null, revokesOf(snapshot, account, grants), effects)];
}

/**
 * Statements that drop an object in the database of an app: everybody who used it loses it, the app too, which has to be named.
 * In a database that the project has neither made nor adopted nothing is dropped, and nowhere what runs as somebody who is there and
 * no app's login: it is theirs.
 */
export function dropping(snapshot: CatalogSnapshot, tenant: Tenant, text: string, what: Made | string): Pick<Fact, 'fix' | 'stuck'> {
  if (!snapshot.isOurs(tenant.database)) return {};
  if (typeof what !== 'string' && snapshot.isOthers(what.definer)) {
    const why = `It is ${what.definer}’s: whoever that is can drop it (DROP …) or make it again as a login of the app.`;
    return { stuck: { accepted: false, why } };
  }
  const losses =
    typeof what === 'string'
      ? [...tenant.accounts.keys()].map((who): Loss => ({ who, of: tenant.app, what: [what], sessions: null, keep: null }))
      : snapshot.losses([{ is: 'object', made: what }]);
  return { fix: fixes([text], tenant.app).map((fix) => (losses.length === 0 ? fix : { ...fix, losses })) };
}

export function revoked(account: CatalogAccount, grants: Grants): readonly Effect[] {
  return Object.entries(grants).map(([target, privileges]) => ({ is: 'revoke', key: accountKey(account), target, privileges }));
}

export function locked(account: CatalogAccount): readonly Effect[] {
  return [{ is: 'account', key: accountKey(account), grants: account.grants, locked: true }];
}
