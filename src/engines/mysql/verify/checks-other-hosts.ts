import type { Findings, Stuck } from '../../../engine/index.ts';
import { shown, textOf } from '../grants.ts';
import type { Effect } from '../losses/effective.ts';
import { widenedIn } from '../losses/widened.ts';
import { isAside, isOpen } from './awake.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';
import { isTenants } from './checks-strangers.ts';

/**
 * Accounts that no manifest names, with an app's data by the row of the same user for more hosts: the server looks at the user and
 * the address, whichever account let somebody in. That other account may be one that the manifest knows.
 */
export function checkOtherHosts(snapshot: CatalogSnapshot, findings: Findings): void {
  const { rights } = snapshot;
  const names = victims(snapshot);
  for (const key of rights.borrowers) {
    const account = snapshot.byKey.get(key);
    // Those of an app’s user have a probe of their own.
    if (!account || account.user === '' || isAside(snapshot, account) || isTenants(snapshot, account)) continue;
    findings.judged += 1;
    const verdict = isOpen(account) ? {} : { verdict: 'LATENT' as const };
    for (const database of rights.lendableTo(key, names))
      for (const { target, by, privileges } of rights.countingIn(key, database)) {
        if (by === key) continue;
        findings.add('Y23', {
          from: key,
          to: snapshot.victimOf(database),
          statement: `${key} on ${shown(target)}, by the row of ${by}`,
          answer: textOf(privileges),
          ...verdict,
          stuck: {
            accepted: false,
            why: `It has no row of its own there that stands before that one: list ${key} under \`known\`, close it by hand (DROP USER, or ACCOUNT LOCK), or take those rights from ${by}.`,
          },
        });
      }
  }
}

/** A REVOKE by which somebody would get more of an app’s data than it takes: nothing is sent. null: it takes something. */
export function widening(snapshot: CatalogSnapshot, effects: readonly Effect[]): Stuck | null {
  const borrowers = new Set(snapshot.rights.borrowers);
  const touched = effects.flatMap((effect) => snapshot.rights.touched(effect));
  if (!touched.some((key) => borrowers.has(key))) return null;
  const after = snapshot.fresh();
  for (const effect of effects) after.apply(effect);
  const [wider] = widenedIn(snapshot.rights, after, victims(snapshot));
  if (!wider) return null;
  const { key, by, target, privileges } = wider;
  const gets = `${textOf(privileges)} on ${shown(target)}, by the row of ${by}`;
  const why = `A REVOKE would give more than it takes: ${key} would get ${gets}. List ${key} under \`known\`, close it by hand (DROP USER, or ACCOUNT LOCK), or take those rights from ${by}.`;
  return { accepted: false, why };
}

/** Databases of apps, those that were retired included. */
function victims({ catalog, victimOf }: Pick<CatalogSnapshot, 'catalog' | 'victimOf'>): readonly string[] {
  return catalog.databases.map(({ name }) => name).filter((name) => victimOf(name) !== null);
}
