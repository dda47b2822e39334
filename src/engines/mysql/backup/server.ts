import type { Connection } from '../connect/connection.ts';
import { errorNumber } from '../connect/trouble.ts';
import type { Place } from './place.ts';

/** As the server writes its version. */
export async function releaseOf(session: Connection): Promise<string> {
  const [row] = await session.rows('SELECT VERSION() AS v');
  return String(row?.['v']);
}

export async function placeAt(session: Connection, database: string): Promise<Place> {
  const release = await releaseOf(session);
  const [major = 0, minor = 0, patch = 0] = release.split(/[.-]/u, 3).map(Number);
  const [row] = await session.rows(
    'SELECT default_character_set_name AS charset, default_collation_name AS collation FROM information_schema.schemata WHERE schema_name = DATABASE()',
  );
  return {
    database,
    product: /mariadb/iu.test(release) ? 'mariadb' : 'mysql',
    version: major * 10_000 + minor * 100 + (patch || 0),
    charset: String(row?.['charset']),
    collation: String(row?.['collation']),
  };
}

const NO_ACCESS = 1044;

/** Without the right to events the server says that of the list itself. */
export async function seesEvents(session: Connection): Promise<boolean> {
  try {
    await session.run("SHOW EVENTS LIKE ''");
    return true;
  } catch (error) {
    if (errorNumber(error) === NO_ACCESS) return false;
    throw error;
  }
}
