/** An identifier, always in backticks. */
export function ident(name: string): string {
  if (name.includes('\0')) throw new Error('an identifier cannot hold a NUL byte');
  return `\`${name.replaceAll('`', '``')}\``;
}

export function qualified(database: string, name: string): string {
  return `${ident(database)}.${ident(name)}`;
}

/** A string literal. Holds for sessions without NO_BACKSLASH_ESCAPES, as ours are. */
export function literal(text: string): string {
  if (text.includes('\0')) throw new Error('a literal cannot hold a NUL byte');
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** A column of the server's views, compared as the server compares names of users and databases: by every character. */
export function exactly(column: string): string {
  return `CONVERT(${column} USING utf8mb4) COLLATE utf8mb4_bin`;
}

/** `'user'@'host'`. */
export function accountName({ user, host }: { readonly user: string; readonly host: string }): string {
  return `${literal(user)}@${literal(host)}`;
}

/** The name of a database as GRANT takes it: `_` and `%` are wildcards there unless they are escaped, or the server takes them literally. */
export function grantPattern(database: string, literalNames: boolean): string {
  return literalNames ? database : database.replaceAll(/[\\_%]/g, '\\$&');
}

/** What a pattern of the server's list of grants stands for: one name, or null where it has wildcards. */
export function nameOfPattern(pattern: string, literalNames: boolean): string | null {
  if (literalNames) return pattern;
  let name = '';
  for (let at = 0; at < pattern.length; at++) {
    const sign = pattern[at] ?? '';
    const next = pattern[at + 1];
    if (sign === '\\' && next !== undefined) {
      name += next;
      at++;
    } else if (sign === '_' || sign === '%') return null;
    else name += sign;
  }
  return name;
}

/** True where the pattern reaches the database. The server compares without regard to case only where its file system does. */
export function patternReaches(pattern: string, database: string, literalNames: boolean): boolean {
  if (literalNames) return pattern === database;
  let text = '';
  for (let at = 0; at < pattern.length; at++) {
    const sign = pattern[at] ?? '';
    const next = pattern[at + 1];
    if (sign === '\\' && next !== undefined) {
      text += escaped(next);
      at++;
    } else text += sign === '%' ? '[^]*' : sign === '_' ? '[^]' : escaped(sign);
  }
  return new RegExp(`^${text}$`, 'u').test(database);
}

function escaped(sign: string): string {
  return sign.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** Puts texts where a statement names its parameters as `:name`. What stands in quotes is left alone. */
export function fillParameters(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(/`(?:[^`]|``)*`|'(?:[^'\\]|''|\\.)*'|:([A-Za-z_]\w*)/gs, (all, name: string | undefined) =>
    name === undefined ? all : (values.get(name) ?? all),
  );
}
