import type { Observation, SecretSource } from '../../../engine/index.ts';
import type { Observed } from '../../../model/index.ts';
import type { Input } from '../compile/draft.ts';
import { loginsOf } from '../compile/logins.ts';
import { fixedDatabase, prefixOfApp } from '../compile/places.ts';
import type { Connection } from '../connect/connection.ts';
import { startsWith } from '../glob.ts';
import { secretName } from '../names.ts';
import { databaseSizes, isReserved, scan } from '../retire/sweep.ts';
import type { KeyRange } from '../rights.ts';
import { isSeen } from '../spec.ts';

/** Keys that lie where an app is to have its own that has no user on the server yet. */
export interface KeysThere {
  readonly app: string;
  readonly range: KeyRange;
  readonly keys: number;
  /** `least`: there may be more, for not all could be looked at in time. */
  readonly how: 'exactly' | 'about' | 'least';
  /** This project has set a password for its user once: somebody lost the users, and the keys are the app's. */
  readonly hadUser: boolean;
}

/** Milliseconds that a plan with new apps spends at most on looking for keys. */
const PATIENCE = 20_000;
/** Keys of a whole database that are counted one by one. Of more the server's own number is told. */
const COUNTED = 5000;

interface Place {
  readonly app: string;
  readonly range: KeyRange;
}

interface Sources {
  readonly input: Input;
  readonly secrets: SecretSource;
  readonly connection: Connection;
  /** Databases of apps whose user somebody has deleted. */
  readonly had?: ReadonlyMap<string, number>;
  readonly patience?: number;
}

/** Looks only where an app is new. No server has an index of its keys, so the look has an end in time. */
export async function readKeysThere(
  resources: readonly Observed[],
  { input, secrets, connection, had = new Map(), patience = PATIENCE }: Sources,
): Promise<readonly KeysThere[]> {
  const there = new Set(resources.flatMap((one) => ((isSeen(one, 'user') && one.owned) || isSeen(one, 'retired') ? [one.app] : [])));
  const fresh = input.placements.filter(({ app }) => !there.has(app)).flatMap((placed) => placeIn(placed, had));
  if (fresh.length === 0) return [];
  const sizes = await databaseSizes(connection);
  if (sizes.size === 0) return [];
  const until = Date.now() + patience;
  const whole = fresh.filter(({ range }) => range.prefix === '');
  const found = await countPrefixes(
    fresh.filter(({ range }) => range.prefix !== '' && sizes.has(0)),
    connection,
    until,
  );
  for (const place of whole) found.push(await countWhole(place, connection, sizes));
  const users = new Map(input.placements.map((placed) => [placed.app, loginsOf(placed).map(({ user }) => user)]));
  return found
    .filter(({ keys, how }) => keys > 0 || how === 'least')
    .map((one) => ({
      ...one,
      hadUser: (users.get(one.app) ?? []).some((user) => secrets.peek({ secret: secretName(input.name, user) }) !== null),
    }));
}

/** Where it has its keys; []: it gets a number in whose database nothing lies. */
function placeIn(placed: Input['placements'][number], had: ReadonlyMap<string, number>): readonly Place[] {
  const { app, placement } = placed;
  if (placement.isolation === 'instance') return [{ app, range: { prefix: '', database: null } }];
  const database = fixedDatabase(placed) ?? had.get(app) ?? null;
  return database === null ? [] : [{ app, range: { prefix: prefixOfApp(placed), database } }];
}

type Counted = Omit<KeysThere, 'hadUser'>;

/** One walk through the database for all of them: none of their prefixes begins with another. */
async function countPrefixes(places: readonly Place[], connection: Connection, until: number): Promise<Counted[]> {
  const [only, ...others] = places;
  if (!only) return [];
  // Byte by byte, as the server compares.
  const latin = (text: string): string => Buffer.from(text).toString('latin1');
  const counts = new Map(places.map(({ range }) => [latin(range.prefix), 0]));
  const lengths = new Set([...counts.keys()].map(({ length }) => length));
  let how: KeysThere['how'] = 'exactly';
  for await (const keys of scan(connection, 0, others.length === 0 ? ['MATCH', startsWith(only.range.prefix)] : [])) {
    for (const key of keys) {
      for (const length of lengths) {
        const prefix = key.toString('latin1', 0, length);
        const count = counts.get(prefix);
        if (count !== undefined) counts.set(prefix, count + 1);
      }
    }
    if (Date.now() <= until) continue;
    how = 'least';
    break;
  }
  return places.map((place) => ({ ...place, keys: counts.get(latin(place.range.prefix)) ?? 0, how }));
}

/** What has expired counts for the server until it comes upon it; SCAN passes over it. */
async function countWhole({ app, range }: Place, connection: Connection, sizes: ReadonlyMap<number, number>): Promise<Counted> {
  const databases = [...sizes].filter(([database]) => range.database === null || range.database === database);
  let keys = 0;
  for (const [database] of databases) {
    for await (const some of scan(connection, database, [])) {
      keys += some.filter((key) => !isReserved(key)).length;
      if (keys >= COUNTED) return { app, range, keys: databases.reduce((sum, [, size]) => sum + size, 0), how: 'about' };
    }
  }
  return { app, range, keys, how: 'exactly' };
}

/** As it stands beside what decides a plan: keys come and go, and a saved plan is as good as new. */
export function keysThereIn({ facts }: Observation): readonly KeysThere[] {
  return facts instanceof Moment ? facts.keysThere : [];
}

export class Moment {
  readonly keysThere: readonly KeysThere[];
  constructor(keysThere: readonly KeysThere[]) {
    this.keysThere = keysThere;
  }
}
