import { append } from '../../../util/append.ts';
/**
 * How the folder of a database can be called. What is no letter of ASCII, digit or `_` stands there as `@` and four hex
 * digits; letters of some alphabets have shorter codes, `@` and two characters, whose table only the server has.
 */
function folderPattern(database: string): RegExp {
  const parts = [...database].map((sign) => {
    if (/^[A-Za-z0-9_]$/.test(sign)) return sign;
    const code = (sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0');
    return /^[\u00c0-\u058f\u1e00-\u1fff\u2160-\u217f\u24b6-\u24e9\uff21-\uff5a]$/.test(sign) ? `@(?:${code}|..)` : `@${code}`;
  });
  return new RegExp(`^${parts.join('')}$`);
}

/** The databases whose folders these are, each with the sum of its bytes; null where two of them can be meant. */
export function bytesByDatabase(folders: ReadonlyMap<string, number>, databases: readonly string[]): ReadonlyMap<string, number | null> {
  const out = new Map<string, number | null>();
  const odd: string[] = [];
  for (const name of databases) {
    if (/^[A-Za-z0-9_]+$/.test(name)) out.set(name, folders.get(name) ?? 0);
    else odd.push(name);
  }
  const owners = new Map<string, string[]>();
  for (const name of odd) {
    const pattern = folderPattern(name);
    for (const folder of folders.keys()) if (pattern.test(folder)) append(owners, folder, name);
    out.set(name, 0);
  }
  for (const [folder, names] of owners) {
    for (const name of names) out.set(name, names.length > 1 ? null : (folders.get(folder) ?? 0));
  }
  return out;
}
