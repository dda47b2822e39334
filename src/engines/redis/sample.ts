import type { Access } from './commands.ts';
import type { Connection } from './connection.ts';
import { databasesWithKeys, scan } from './sweep.ts';

export interface Place {
  readonly app: string;
  readonly access: Access;
  readonly prefix: string;
  readonly database: number | null;
}

/** Keys of one database that are looked at. No server keeps count of what keys with a prefix take. */
const LOOKED_AT = 5000;
/** Of those, keys of one app whose memory is asked for. */
const WEIGHED = 100;

/**
 * About how many bytes each app keeps: keys as they come from SCAN are counted by app, some of each are weighed with
 * MEMORY USAGE, and both are scaled up to the whole database. Exact where a database has fewer keys than are looked at.
 */
export async function sampleSizes(connection: Connection, places: readonly Place[]): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map(places.map(({ app }) => [app, 0]));
  for (const database of await databasesWithKeys(connection)) {
    const here = places.filter((place) => place.access !== 'database' || place.database === database);
    const { keys, total } = await sampleKeys(connection, database);
    const found = new Map<string, string[]>();
    for (const key of keys) {
      const owner = here.find(({ prefix }) => key.startsWith(prefix));
      if (!owner) continue;
      const mine = found.get(owner.app);
      if (mine) mine.push(key);
      else found.set(owner.app, [key]);
    }
    const scale = keys.length === 0 ? 0 : Math.max(1, total / keys.length);
    for (const [app, mine] of found) {
      const average = await averageSize(connection, database, mine.slice(0, WEIGHED));
      sizes.set(app, (sizes.get(app) ?? 0) + Math.round(average * mine.length * scale));
    }
  }
  return sizes;
}

async function sampleKeys(connection: Connection, database: number): Promise<{ readonly keys: readonly string[]; readonly total: number }> {
  const [, size] = await connection.pipeline([['SELECT', String(database)], ['DBSIZE'], ['SELECT', '0']]);
  const keys: string[] = [];
  for await (const some of scan(connection, database, [])) {
    for (const key of some) keys.push(key);
    if (keys.length >= LOOKED_AT) break;
  }
  return { keys, total: Number(size) };
}

async function averageSize(connection: Connection, database: number, keys: readonly string[]): Promise<number> {
  const answers = await connection.pipeline([
    ['SELECT', String(database)],
    ...keys.map((key) => ['MEMORY', 'USAGE', key, 'SAMPLES', '5']),
    ['SELECT', '0'],
  ]);
  const bytes = answers.slice(1, -1).filter((answer) => typeof answer === 'number');
  return bytes.length === 0 ? 0 : bytes.reduce((sum, one) => sum + one, 0) / bytes.length;
}
