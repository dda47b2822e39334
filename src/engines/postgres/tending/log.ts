import type { ServerLog } from '../../../engine/index.ts';
import type { Connection } from '../connect/connection.ts';
import { isTrouble } from '../connect/trouble.ts';
import { number, text } from '../doctor/rows.ts';
import type { Whose } from '../doctor/whose.ts';
import { literal } from '../quote.ts';

/** Bytes of the end of the file that are read. */
const END = 2 ** 20;

const WHERE = `SELECT current_setting('log_line_prefix'), current_setting('logging_collector') = 'on', current_setting('data_directory', true),
  pg_current_logfile('stderr'), ARRAY(SELECT rolname::text FROM pg_roles)`;

/** The last lines of the file that the server itself writes; of an app those of its logins, where the prefix says who and nobody can pretend. */
export async function log(connection: Connection, whose: Whose, app: string | null, lines: number): Promise<ServerLog> {
  const [[row] = []] = await connection.rows(WHERE);
  const [prefix, collects, folder, file, roles] = row ?? [];
  if (collects !== true || typeof file !== 'string')
    return {
      where: null,
      lines: null,
      why: 'the server writes to its standard error, or to the log of its system: see there (journalctl, docker logs)',
    };
  const where = file.startsWith('/') ? file : `${text(folder)}/${file}`;
  const isOf = app === null ? null : lineFilter(text(prefix), new Set(whose.loginsOf(app)), Array.isArray(roles) ? roles.map(String) : []);
  if (app !== null && isOf === null)
    return {
      where,
      lines: null,
      why: 'log_line_prefix does not say by %u whose a line is, or has something before it that an app can choose',
    };
  try {
    const [[size] = []] = await connection.rows(`SELECT size::float8 FROM pg_stat_file(${literal(file)})`);
    const from = Math.max(0, number(size?.[0]) - END);
    const [[read] = []] = await connection.rows(`SELECT pg_read_binary_file(${literal(file)}, ${from}, ${END})`);
    const all = (Buffer.isBuffer(read?.[0]) ? read[0].toString('utf8') : '').split('\n').slice(from > 0 ? 1 : 0);
    const kept = all.filter((line) => line !== '');
    return { where, lines: (isOf === null ? kept : chosen(kept, isOf)).slice(-lines) };
  } catch (error) {
    if (!isTrouble(error)) throw error;
    return { where, lines: null, why: error instanceof Error ? error.message : String(error) };
  }
}

/** What goes on in the next line begins with a tab. */
function chosen(lines: readonly string[], isOf: (line: string) => boolean): readonly string[] {
  let before = false;
  return lines.filter((line) => (before = line.startsWith('\t') ? before : isOf(line)));
}

/** Escapes that an app has no say in. What else stands before `%u` could hold the name of another. */
const PLAIN = new Map([
  ['%', '%'],
  ['m', String.raw`\d\S* \S+ \S+`],
  ['t', String.raw`\d\S* \S+ \S+`],
  ['n', String.raw`\d+\.\d+`],
  ['p', String.raw`\d+`],
  ['l', String.raw`\d+`],
  ['c', String.raw`[0-9a-f]+\.[0-9a-f]+`],
  ['r', String.raw`[0-9a-fA-F.:\[\]a-z]*(?:\(\d+\))?`],
  ['h', String.raw`[0-9a-fA-F.:\[\]a-z]*`],
  ['q', ''],
]);

/** null: it does not tell. */
function lineFilter(prefix: string, logins: ReadonlySet<string>, roles: readonly string[]): ((line: string) => boolean) | null {
  let before = '';
  for (let at = 0; at < prefix.length; at++) {
    const char = prefix[at] ?? '';
    if (char !== '%') {
      before += char.replace(/[\\^$.*+?()[\]{}|]/, String.raw`\$&`);
      continue;
    }
    at += 1;
    const escape = prefix[at] ?? '';
    if (escape === 'u') {
      const head = new RegExp(`^${before}`);
      const [next = ''] = prefix.slice(at + 1);
      if (next === '' || next === '%') return null;
      // A name can hold what stands behind it: the longest that fits is meant.
      const longest = roles.toSorted((a, b) => b.length - a.length);
      return (line) => {
        const rest = head.test(line) ? line.replace(head, '') : null;
        const who = rest === null ? undefined : longest.find((role) => rest.startsWith(role + next));
        return who !== undefined && logins.has(who);
      };
    }
    const plain = PLAIN.get(escape);
    if (plain === undefined) return null;
    before += plain;
  }
  return null;
}
