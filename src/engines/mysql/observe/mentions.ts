const NAME = '`(?:[^`]|``)+`|"(?:[^"]|"")+"|[\\p{L}\\p{N}_$]+';
/** Two names with a dot between them, and not behind a third one; strings and comments are left out before. */
const QUALIFIED = new RegExp(`(${NAME})\\s*\\.\\s*(${NAME})(?:\\s*\\.\\s*(?:${NAME}))?`, 'gu');
const SKIPPED = /'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"(?!\s*\.)|\/\*(?!!|M!).*?\*\/|(?:--\s|#)[^\n]*/gs;

/** Something that the text of an object names with a database before it, or a column with its table. */
export interface Mention {
  readonly database: string;
  readonly name: string;
}

/** Databases by what texts may call them: in whatever case where the server keeps their names in lower case. */
export function databasesCalled(names: readonly string[], lowerCaseNames: number): (name: string) => string | undefined {
  const key = (name: string): string => (lowerCaseNames > 0 ? name.toLowerCase() : name);
  const all = new Map(names.map((name) => [key(name), name]));
  return (name) => all.get(key(name));
}

/** Everything in a text that can be an object of one of these databases. */
export function mentionsIn(text: string, databases: ReturnType<typeof databasesCalled>): readonly Mention[] {
  const found = new Map<string, Mention>();
  for (const [, first = '', second = ''] of text.replaceAll(SKIPPED, ' ').matchAll(QUALIFIED)) {
    const database = databases(bare(first));
    const name = bare(second);
    if (database !== undefined) found.set(JSON.stringify([database, name]), { database, name });
  }
  return [...found.values()];
}

function bare(name: string): string {
  if (name.startsWith('`')) return name.slice(1, -1).replaceAll('``', '`');
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
