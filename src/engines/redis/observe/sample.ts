import type { AclUser } from '../acl.ts';
import type { Access } from '../commands.ts';
import type { Connection } from '../connect/connection.ts';
import type { Input } from '../compile/draft.ts';
import { startsWith } from '../glob.ts';
import { rangeOf } from './holders.ts';
import type { KeyRange } from '../rights.ts';
import { databasesWithKeys, isReserved, scan } from '../retire/sweep.ts';

export interface Place {
  readonly app: string;
  readonly access: Access;
  readonly prefix: string;
  readonly database: number | null;
}

/** Keys of one database that are looked at. No server keeps count of what keys with a prefix take. */
const LOOKED_AT = 5000;
/** Of those, keys of one app whose memory is asked for, and keys of all apps together. */
const WEIGHED = 100;
const WEIGHED_OF_ALL = 2000;

/**
 * About how many bytes each app keeps: keys as they come from SCAN are counted by app, some of each are weighed with
 * MEMORY USAGE, and both are scaled up to the whole database. Exact where a database has fewer keys than are looked at.
 */
export async function sampleSizes(connection: Connection, places: readonly Place[]): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map(places.map(({ app }) => [app, 0]));
  for (const database of await databasesWithKeys(connection)) {
    const here = places.filter((place) => place.access !== 'database' || place.database === database);
    const { keys, total } = await sampleKeys(connection, database);
    const found = new Map<string, Buffer[]>();
    const begins = here.map((place) => ({ app: place.app, bytes: Buffer.from(place.prefix) }));
    for (const key of keys) {
      const owner = begins.find(({ bytes }) => key.subarray(0, bytes.length).equals(bytes));
      if (!owner) continue;
      const mine = found.get(owner.app);
      if (mine) mine.push(key);
      else found.set(owner.app, [key]);
    }
    const most = Math.min(WEIGHED, Math.ceil(WEIGHED_OF_ALL / Math.max(1, found.size)));
    const scale = keys.length === 0 ? 0 : Math.max(1, total / keys.length);
    for (const [app, mine] of found) {
      const average = await averageSize(connection, database, mine.slice(0, most));
      sizes.set(app, (sizes.get(app) ?? 0) + Math.round(average * mine.length * scale));
    }
  }
  return sizes;
}

async function sampleKeys(connection: Connection, database: number): Promise<{ readonly keys: readonly Buffer[]; readonly total: number }> {
  const [, size] = await connection.pipeline([['SELECT', String(database)], ['DBSIZE'], ['SELECT', '0']]);
  const keys: Buffer[] = [];
  for await (const some of scan(connection, database, [])) {
    for (const key of some) keys.push(key);
    if (keys.length >= LOOKED_AT) break;
  }
  return { keys, total: Number(size) };
}

async function averageSize(connection: Connection, database: number, keys: readonly Buffer[]): Promise<number> {
  const answers = await connection.pipeline([
    ['SELECT', String(database)],
    ...keys.map((key) => ['MEMORY', 'USAGE', key, 'SAMPLES', '5']),
    ['SELECT', '0'],
  ]);
  const bytes = answers.slice(1, -1).filter((answer) => typeof answer === 'number');
  return bytes.length === 0 ? 0 : bytes.reduce((sum, one) => sum + one, 0) / bytes.length;
}

/** What deleting them would end: the keys of each retired app that `removal: delete` is about, counted one by one. */
export async function weighRetired(
  input: Input,
  users: readonly AclUser[],
  connection: Connection,
): Promise<ReadonlyMap<string, { readonly keys: number; readonly bytes: number }>> {
  const holds = new Map<string, { readonly keys: number; readonly bytes: number }>();
  if (input.removal !== 'delete') return holds;
  const named = new Set([...input.placements.map(({ app }) => app), ...input.readers.map(({ name }) => name)]);
  for (const { name, mark } of users) {
    const range = mark?.project === input.project && mark.retired !== undefined && !named.has(mark.app) ? rangeOf(mark) : null;
    if (range) holds.set(name, await weigh(range, connection));
  }
  return holds;
}

async function weigh({ prefix, database }: KeyRange, connection: Connection): Promise<{ readonly keys: number; readonly bytes: number }> {
  let keys = 0;
  let bytes = 0;
  const match = prefix === '' ? [] : ['MATCH', startsWith(prefix)];
  for (const number of database === null ? await databasesWithKeys(connection) : [database]) {
    const some: Buffer[] = [];
    let here = 0;
    for await (const found of scan(connection, number, match)) {
      const mine = found.filter((key) => !isReserved(key));
      here += mine.length;
      some.push(...mine.slice(0, WEIGHED - some.length));
    }
    keys += here;
    if (here > 0) bytes += Math.round((await averageSize(connection, number, some)) * here);
  }
  return { keys, bytes };
}
