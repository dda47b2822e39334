import { type Connection, listOf } from './connection.ts';
import { RESERVED } from './names.ts';
import { infoFields } from './server.ts';

/** Keys of one answer at most: the server does nothing else while it looks for them. */
const COUNT = '1000';

/**
 * Every key that a statement of the form `SCAN 0 [MATCH pattern] [DB number] COUNT n | UNLINK` means, in pieces: in the
 * database that it names, else in all of them. What is cotenant's own stays.
 */
export async function sweep(
  connection: Connection,
  words: readonly string[],
  each: (database: number, keys: readonly string[]) => Promise<void>,
): Promise<void> {
  const pattern = words[words.indexOf('MATCH') + 1];
  const match = words.includes('MATCH') && pattern !== undefined ? ['MATCH', pattern] : [];
  const databases = words.includes('DB') ? [Number(words[words.indexOf('DB') + 1])] : await databasesWithKeys(connection);
  for (const database of databases) {
    for await (const keys of scan(connection, database, match)) {
      const others = keys.filter((key) => !key.startsWith(`${RESERVED}:`));
      if (others.length > 0) await each(database, others);
    }
  }
}

export async function databasesWithKeys(connection: Connection): Promise<readonly number[]> {
  const fields = infoFields(String(await connection.send('INFO', 'keyspace')));
  return [...fields.keys()].flatMap((key) => /^db(\d+)$/.exec(key)?.[1] ?? []).map(Number);
}

/** Keys of one database, a piece at a time. The connection is in database 0 before and after each piece. */
export async function* scan(connection: Connection, database: number, match: readonly string[]): AsyncGenerator<readonly string[]> {
  let cursor = '0';
  do {
    const [, reply] = await connection.pipeline([
      ['SELECT', String(database)],
      ['SCAN', cursor, ...match, 'COUNT', COUNT],
      ['SELECT', '0'],
    ]);
    if (reply instanceof Error) throw reply;
    const [next, keys] = listOf(reply);
    cursor = String(next);
    yield listOf(keys).map(String);
  } while (cursor !== '0');
}
