/** An identifier, always in quotes. PostgreSQL cannot hold a NUL. */
export function ident(name: string): string {
  if (name.includes('\0')) throw new Error('an identifier cannot hold a NUL byte');
  return `"${name.replaceAll('"', '""')}"`;
}

export function qualified(schema: string, name: string): string {
  return `${ident(schema)}.${ident(name)}`;
}

/** A string literal that reads the same whatever standard_conforming_strings says. */
export function literal(text: string): string {
  if (text.includes('\0')) throw new Error('a literal cannot hold a NUL byte');
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/** A name[] of so many names, as one literal: the server reads that faster than a list of them. */
export function nameArray(names: readonly string[]): string {
  const items = names.map((name) => `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
  return `${literal(`{${items.join(',')}}`)}::pg_catalog.name[]`;
}

/** Comma-separated identifiers; `PUBLIC` stays the keyword when it is given as the empty string, as in an ACL. */
export function roles(names: readonly string[]): string {
  return names.map((name) => (name === '' ? 'PUBLIC' : ident(name))).join(', ');
}

/** Puts texts where a statement names its parameters as `:name`. What stands in quotes is left alone. */
export function fillParameters(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'|:([A-Za-z_]+)/g, (all, name: string | undefined) =>
    name === undefined ? all : (values.get(name) ?? all),
  );
}
