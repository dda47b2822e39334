import type { Stuck } from '../../../engine/index.ts';
import { databaseOf, targetOf } from '../grants.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';

type Left = Pick<CatalogSnapshot, 'input'>;

/** `perimeter: warn`: no apply ends what everybody has, and no fix does. null: both do. Accepted is what leads to no app. */
export function leftOpen({ input }: Left, leadsToNone: boolean): Stuck | null {
  if (input.config.perimeter !== 'warn') return null;
  const ends = leadsToNone ? '' : ' It leads to the data of apps: `perimeter: close` ends it.';
  return { accepted: leadsToNone, why: `\`perimeter: warn\` leaves it open.${ends}` };
}

/** True for a grant on what old servers open to all, and on nothing else that is there. */
export function isOnTest(snapshot: CatalogSnapshot, key: string): boolean {
  const target = targetOf(key);
  const name = target[0] === 'pattern' ? target[1] : (databaseOf(target) ?? '');
  const reached = target[0] === 'pattern' ? snapshot.matching(name) : [name];
  return name.startsWith('test') && reached.every((one) => snapshot.victimOf(one) === null);
}
