import type { Change } from '../../../engine/index.ts';
import { accountKey } from '../observe/catalog.ts';
import type { Effect } from '../losses/effective.ts';
import type { Facts } from '../observe/facts.ts';
import { wantedGrants } from '../kinds/account.ts';
import { grantsOfWords } from '../judge/people.ts';
import { type AccountSpec, type DatabaseSpec, type Grants, isKind, type PerimeterSpec } from '../spec.ts';

/** What the granting half of a change does to the server's tables of grants. */
export function givenBy({ desired, observed }: Change, facts: Facts): readonly Effect[] {
  if (!desired || !observed) return [];
  if (isKind(desired, 'account')) return granted(accountKey(desired.spec), wantedGrants(desired.spec, facts));
  if (isKind(observed, 'operator') && isKind(desired, 'operator')) {
    const wanted = grantsOfWords(desired.spec.may, facts);
    return Object.keys(observed.spec.accounts).flatMap((key) => granted(key, wanted));
  }
  if (isKind(observed, 'perimeter') || isKind(observed, 'database')) return keptEffects(observed.spec.kept);
  return [];
}

/** Logins that the manifest names get by name what they would lose. */
export function keptEffects(kept: PerimeterSpec['kept']): readonly Effect[] {
  return Object.entries(kept).flatMap(([key, grants]) => granted(key, grants));
}

function granted(key: string, grants: Grants): readonly Effect[] {
  return Object.entries(grants).map(([target, privileges]) => ({ is: 'grant', key, target, privileges }));
}

/** What the half of a change that takes does to them. */
export function takenBy({ desired, observed }: Change, facts: Facts): readonly Effect[] {
  if (!desired || !observed) return [];
  if (isKind(desired, 'account') && isKind(observed, 'account')) {
    const { locked } = desired.spec;
    return accountEffects(observed.spec, wantedGrants(desired.spec, facts), locked);
  }
  if (isKind(observed, 'database')) {
    return outsiderEffects(observed.spec.outsiders);
  }
  if (!isKind(observed, 'perimeter') || !isKind(desired, 'perimeter')) return [];
  const { anonymous, everybody, rows, roles } = observed.spec;
  return [
    ...anonymous.map((host): Effect => ({ is: 'gone', key: accountKey({ user: '', host }) })),
    ...Object.entries(everybody).map(([target, privileges]): Effect => ({ is: 'revoke', key: 'PUBLIC@', target, privileges })),
    ...(Object.keys(rows).length > 0 ? [{ is: 'rows', grants: rows } as const] : []),
    ...outsiderEffects(roles),
  ];
}

export function outsiderEffects(outsiders: DatabaseSpec['outsiders']): readonly Effect[] {
  return Object.entries(outsiders).flatMap(([key, grants]) =>
    Object.entries(grants).map(([target, privileges]): Effect => ({ is: 'revoke', key, target, privileges })),
  );
}

/** An account gets down to these grants; nobody acts as it any more, nor it as anybody. */
export function accountEffects(spec: AccountSpec, grants: Grants, locked: boolean): readonly Effect[] {
  const key = accountKey(spec);
  return [
    { is: 'account', key, grants, locked, roles: [], proxies: [] },
    ...spec.members.map((member): Effect => ({ is: 'leave', key: member.replace(/^(role|proxy) /, ''), of: key })),
  ];
}
