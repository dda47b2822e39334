import { loginsOf } from './logins.ts';
import type { Input } from './draft.ts';

type Placed = Input['placements'][number];

/** What the keys and channels of an app begin with, separator included; '' where everything is its own. */
export function prefixOfApp({ app, placement }: Pick<Placed, 'app' | 'placement'>): string {
  return placement.isolation === 'prefix' ? channelPrefix({ app, placement }) : '';
}

/** Channels belong to no database: a prefix parts them at level `database` too. */
export function channelPrefix({ app, placement }: Pick<Placed, 'app' | 'placement'>): string {
  return `${placement.prefix ?? app}${placement.separator}`;
}

/** Where an app lives. The number of a database that nobody chose is known only to the server. */
export function location(placed: Placed): string {
  const { isolation, database } = placed.placement;
  if (isolation === 'prefix') return `prefix ${prefixOfApp(placed)}*`;
  return isolation === 'database' ? `database ${database ?? 'of its own'}` : 'the whole server';
}

/** The user of its usual login. */
export function userOf(placed: Pick<Placed, 'app' | 'placement'>): string {
  return loginsOf(placed)[0].user;
}

/** The database that an app of these levels lives in without being asked. */
export function fixedDatabase({ placement }: Pick<Placed, 'placement'>): number | null {
  return placement.isolation === 'database' ? (placement.database ?? null) : 0;
}
