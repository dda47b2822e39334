/** A name with or without quotes, and the dot behind it; strings and comments are left out before. */
const QUALIFIER = /`((?:[^`]|``)+)`\s*\.|"((?:[^"]|"")+)"\s*\.|([\p{L}\p{N}_$]+)\s*\./gu;
const SKIPPED = /'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"(?!\s*\.)|\/\*(?!!|M!).*?\*\/|(?:--\s|#)[^\n]*/gs;

/** The database of an object, and every other one of the list that its text names as the qualifier of something. */
export function databasesIn(text: string, own: string, databases: readonly string[]): readonly string[] {
  const known = new Map(databases.map((name) => [name.toLowerCase(), name]));
  const found = new Set([own]);
  for (const [, ticks, quotes, plain] of text.replaceAll(SKIPPED, ' ').matchAll(QUALIFIER)) {
    const written = ticks?.replaceAll('``', '`') ?? quotes?.replaceAll('""', '"') ?? plain ?? '';
    const name = known.get(written.toLowerCase());
    if (name !== undefined) found.add(name);
  }
  return [...found];
}
