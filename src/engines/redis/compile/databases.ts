import type { Observed } from '../../../model/index.ts';
import type { Input } from './draft.ts';
import { fixedDatabase } from './places.ts';
import { isSeen } from '../spec.ts';

export interface Room {
  readonly input: Input;
  readonly resources: readonly Observed[];
  /** How many databases the server has. */
  readonly databases: number;
  /** Databases that hold keys. */
  readonly used: ReadonlySet<number>;
  /** Numbers that the secret store has of apps: of one whose user somebody has deleted no mark tells. */
  readonly noted: ReadonlyMap<string, number>;
}

/**
 * The database of each app at level `database`; null: none is free. What an app has it keeps: the number stands in its
 * mark, and in the secret store. A new one gets the lowest that nobody has, nobody had, and nobody has put a key into. Number 0, where everybody
 * begins and cotenant keeps its lock, is given only to who asks for it.
 */
export function assignDatabases({ input, resources, databases, used, noted }: Room): ReadonlyMap<string, number | null> {
  const placed = input.placements.filter(({ placement }) => placement.isolation === 'database');
  const result = new Map<string, number | null>();
  const had = numbersHad(resources);
  // An app that leaves with this plan leaves its keys behind.
  const leaving = [...had.byApp].filter(([app]) => !placed.some((one) => one.app === app)).map(([, number]) => number);
  const taken = new Set<number>([...placed.flatMap((one) => fixedDatabase(one) ?? []), ...had.others, ...leaving]);
  const numberOf = (app: string): number | null => had.byApp.get(app) ?? noted.get(app) ?? null;
  const without: string[] = [];
  for (const one of placed) {
    const fixed = fixedDatabase(one);
    const number = fixed ?? numberOf(one.app);
    if (number === null || (fixed === null && taken.has(number))) {
      // Its keys lie in that one: with another it would be without them.
      if (number !== null && !had.byApp.has(one.app)) result.set(one.app, null);
      else without.push(one.app);
    } else {
      result.set(one.app, number);
      taken.add(number);
    }
  }
  for (const app of without) {
    const number =
      Array.from({ length: databases - 1 }, (_, index) => index + 1).find(
        (one) => !taken.has(one) && !had.ruled.has(one) && !used.has(one),
      ) ?? null;
    result.set(app, number);
    if (number !== null) taken.add(number);
  }
  return result;
}

interface Had {
  readonly byApp: ReadonlyMap<string, number>;
  /** Of retired apps and of other projects. */
  readonly others: readonly number[];
  /** Those that rules of users without a mark name: kept free for them, and taken from nobody who has them. */
  readonly ruled: ReadonlySet<number>;
}

/** Databases that marks and rules speak of. */
function numbersHad(resources: readonly Observed[]): Had {
  const byApp = new Map<string, number>();
  const others: number[] = [];
  const ruled: number[] = [];
  for (const one of resources) {
    if (isSeen(one, 'retired') && one.spec.access === 'database') others.push(one.spec.database);
    if (!isSeen(one, 'user')) continue;
    // A user of somebody else that the server holds in databases has them, whether keys lie there or not.
    if (one.spec.mark === null) ruled.push(...one.spec.grants.flatMap(({ databases }) => numbersIn(databases)));
    const { access = 'prefix', database } = one.spec.mark ?? {};
    if (!access.startsWith('database') || database === undefined) continue;
    if (one.app === null) others.push(database);
    else byApp.set(one.app, database);
  }
  return { byApp, others, ruled: new Set(ruled) };
}

function numbersIn(databases: string): readonly number[] {
  return databases === 'all' || databases === '' ? [] : databases.split(',').map(Number);
}
