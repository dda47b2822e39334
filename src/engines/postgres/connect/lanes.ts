/** The lane of what all databases share. */
export const SHARED = 'shared';

const INSIDE_LANE = 'db:';

/** The lane of what is done inside a database. */
export function laneOf(database: string): string {
  return INSIDE_LANE + database;
}

/** The database in which a lane works; null: the shared one. */
export function databaseOf(lane: string): string | null {
  return lane.startsWith(INSIDE_LANE) ? lane.slice(INSIDE_LANE.length) : null;
}
