import { type Connection, listOf } from './connection.ts';

const FRONT = '#=';

/** In a statement: the passwords of another user. They are looked up when it is sent, so that not even their hashes stand in a plan. */
export function passwordsOf(user: string): string {
  return `${FRONT}${user}`;
}

/** The rules that such a word stands for; null: it is another word. */
export async function passwordRules(word: string, connection: Connection): Promise<readonly string[] | null> {
  if (!word.startsWith(FRONT)) return null;
  const user = listOf(await connection.send('ACL', 'GETUSER', word.slice(FRONT.length)));
  const hashes = user[user.indexOf('passwords') + 1];
  return listOf(hashes).map((hash) => `#${String(hash)}`);
}
