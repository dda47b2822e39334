import type { Stuck } from '../../../engine/index.ts';
import { barOfPlace } from './fixable.ts';
import { accessOf, type CatalogSnapshot } from './catalog-snapshot.ts';

/** What an attack gets through because this admin cannot close it. */
export interface StuckAccess {
  database(name: string): Stuck | null;
  /** The schema `public` of a database, as a service leaves it. */
  publicSchema(database: string): Stuck | null;
  functions(family: string): Stuck | null;
}

/**
 * From the same catalogs as the analysis. It holds for what PUBLIC has: where a login of an app has a right of its own, the
 * analysis says so besides, and that is never accepted.
 */
export function stuckAccess(snapshot: CatalogSnapshot): StuckAccess {
  return {
    database: (name) => {
      const place = snapshot.place(name);
      if (!place) return null;
      return (accessOf(place)['']?.includes('c') ? snapshot.limits.database(place) : null) ?? barOfPlace(snapshot, place);
    },
    publicSchema: (database) => {
      const place = snapshot.place(database);
      return place ? snapshot.limits.publicSchema(place, snapshot.version < 150000 ? '' : 'pg_database_owner') : null;
    },
    functions: (family) => snapshot.limits.functions(family),
  };
}
