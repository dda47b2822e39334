import { z } from 'zod';
import type { Command } from '../../../model/index.ts';
import { type Connection, listOf } from '../connect/connection.ts';
import { startsWith } from '../glob.ts';
import { RESERVED } from '../names.ts';
import type { KeyRange } from '../rights.ts';
import { infoFields } from '../observe/server.ts';
import { commandText } from '../words.ts';

/** Keys of one answer at most: the server does nothing else while it looks for them. */
const COUNT = '1000';

const argsSchema = z.strictObject({ prefix: z.string(), database: z.number().nullable() });

/** What deletes every key of a range. Its text is what a person would do, piece by piece. */
export function sweepCommand({ prefix, database }: KeyRange): Command {
  const where = database === null ? [] : ['DB', String(database)];
  const match = prefix === '' ? [] : ['MATCH', startsWith(prefix)];
  return { op: 'sweep', text: commandText('SCAN', '0', ...where, ...match, 'COUNT', COUNT, '|', 'UNLINK'), args: { prefix, database } };
}

/** Every key that such a command means, in pieces: in the database that it names, else in all of them. What is cotenant's own stays. */
export async function sweep(
  connection: Connection,
  { args }: Command,
  each: (database: number, keys: readonly Buffer[]) => Promise<void>,
): Promise<void> {
  const { prefix, database: only } = argsSchema.parse(args);
  const match = prefix === '' ? [] : ['MATCH', startsWith(prefix)];
  const databases = only === null ? await databasesWithKeys(connection) : [only];
  for (const database of databases) {
    for await (const keys of scan(connection, database, match)) {
      const others = keys.filter((key) => !isReserved(key));
      if (others.length > 0) await each(database, others);
    }
  }
}

export async function databasesWithKeys(connection: Connection): Promise<readonly number[]> {
  return [...(await databaseSizes(connection)).keys()];
}

/** How many keys each database has that has any; with those that have expired and are not thrown away yet. */
export async function databaseSizes(connection: Connection): Promise<ReadonlyMap<number, number>> {
  const fields = infoFields(String(await connection.send('INFO', 'keyspace')));
  return new Map(
    [...fields].flatMap(([name, value]) => {
      const number = /^db(\d+)$/.exec(name)?.[1];
      return number === undefined ? [] : [[Number(number), Number(/^keys=(\d+)/.exec(value)?.[1] ?? 0)]];
    }),
  );
}

export function isReserved(key: Buffer): boolean {
  return key.subarray(0, RESERVED.length + 1).equals(RESERVED_BYTES);
}

const RESERVED_BYTES = Buffer.from(`${RESERVED}:`);

/** Keys of one database, a piece at a time. The connection is in database 0 before and after each piece. */
export async function* scan(connection: Connection, database: number, match: readonly string[]): AsyncGenerator<readonly Buffer[]> {
  let cursor = '0';
  do {
    const [selected, reply] = await connection.pipeline(
      [
        ['SELECT', String(database)],
        ['SCAN', cursor, ...match, 'COUNT', COUNT],
        ['SELECT', '0'],
      ],
      'bytes',
    );
    // Where there is no such database, what was found lies in another one.
    for (const answer of [selected, reply]) if (answer instanceof Error) throw answer;
    const [next, keys] = listOf(reply);
    cursor = String(next);
    yield listOf(keys).flatMap((key) => (Buffer.isBuffer(key) ? [key] : []));
  } while (cursor !== '0');
}
