import { parseAclLine } from '../acl.ts';
import { type Connection, listOf } from '../connect/connection.ts';
import { markEncode } from '../../../engine/index.ts';
import { RESERVED } from '../names.ts';
import { sha256 } from '../../../util/canonical.ts';

/** In the mark of a statement: the users of others, as the server has them when it is sent. */
export const NOTED = 'now';

/** With more users of others than this nothing is noted: the ledger is one line of the access list. */
const MOST = 300;

/** The users that are no app's of any project, each with a digest of its line; '' where there are too many. */
export function othersOf(lines: readonly string[], operator: string): string {
  const others = lines.flatMap((line) => {
    const { name, mark } = parseAclLine(line);
    if (mark !== null || name === operator || name.startsWith(`${RESERVED}:`)) return [];
    return [`${encodeURIComponent(name)}=${sha256(line).slice(0, 12)}`];
  });
  return others.length > MOST ? '' : others.sort().join(',');
}

/** Names of those that are new, gone or other ones; null: it was not noted how they were. */
export function changedOthers(before: string | null, now: string): readonly string[] | null {
  if (before === null) return null;
  const [was, is] = [before, now].map((text) => new Map(text.split(',').flatMap(pair)));
  const names = new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])]);
  return [...names].flatMap((name) => {
    const [old, fresh] = [was?.get(name), is?.get(name)];
    if (old === fresh) return [];
    return [`"${decodeURIComponent(name)}" (${old === undefined ? 'new' : fresh === undefined ? 'gone' : 'changed'})`];
  });
}

/** The word with the users in place; null: it is another word. */
export async function notedWord(word: string, connection: Connection, operator: string): Promise<string | null> {
  const end = `:others=${NOTED})`;
  if (!word.endsWith(end)) return null;
  const others = othersOf(listOf(await connection.send('ACL', 'LIST')).map(String), operator);
  return `${word.slice(0, -end.length)}:others=${markEncode(others)})`;
}

function pair(text: string): readonly (readonly [string, string])[] {
  const at = text.lastIndexOf('=');
  return at === -1 ? [] : [[text.slice(0, at), text.slice(at + 1)]];
}
