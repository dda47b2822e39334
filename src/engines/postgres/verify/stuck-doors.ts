import type { Stuck } from '../../../engine/index.ts';
import { accessOf } from './checks/databases.ts';
import { barOfPlace } from './fixable.ts';
import type { World } from './world.ts';

/** What an attack gets through because this admin cannot close it. */
export interface StuckDoors {
  database(name: string): Stuck | null;
  /** The schema `public` of a database, as a service leaves it. */
  publicSchema(database: string): Stuck | null;
  functions(family: string): Stuck | null;
}

/**
 * From the same catalogs as the analysis. It holds for what PUBLIC has: where a login of an app has a right of its own, the
 * analysis says so besides, and that is never accepted.
 */
export function stuckDoors(world: World): StuckDoors {
  return {
    database: (name) => {
      const place = world.place(name);
      if (!place) return null;
      return (accessOf(place)['']?.includes('c') ? world.limits.database(place) : null) ?? barOfPlace(world, place);
    },
    publicSchema: (database) => {
      const place = world.place(database);
      return place ? world.limits.publicSchema(place, world.version < 150000 ? '' : 'pg_database_owner') : null;
    },
    functions: (family) => world.limits.functions(family),
  };
}
