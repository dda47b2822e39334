export interface Token {
  readonly kind: 'word' | 'identifier' | 'string' | 'number' | 'parameter' | 'symbol' | 'comment' | 'broken';
  /** Of identifiers and strings: what stands in the quotes, unescaped. */
  readonly value: string;
}

const PATTERNS: readonly (readonly [Token['kind'] | 'blank', RegExp])[] = [
  ['blank', /\s+/y],
  ['comment', /--[^\n]*|\/\*[^]*?\*\//y],
  ['string', /[eE]'(?:[^'\\]|\\[^]|'')*'/y],
  ['string', /'(?:[^']|'')*'/y],
  ['string', /\$([A-Za-z_]*)\$[^]*?\$\1\$/y],
  ['identifier', /"(?:[^"]|"")+"/y],
  ['parameter', /:[a-z_]+/y],
  ['number', /\d+(?:\.\d+)?/y],
  ['word', /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['symbol', /::|[-+*/<>=~!@#%^&|`?()[\]{},;:.]/y],
];

/** The tokens of SQL as PostgreSQL reads it with standard_conforming_strings on. What it could not read is `broken`. */
export function sqlTokens(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    const [kind, text] = next(sql, at);
    at += text.length;
    if (kind !== 'blank') tokens.push({ kind, value: valueOf(kind, text) });
  }
  return tokens;
}

function next(sql: string, at: number): readonly [Token['kind'] | 'blank', string] {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0];
    if (text !== undefined) return [kind, text];
  }
  return ['broken', sql.slice(at)];
}

function valueOf(kind: Token['kind'], text: string): string {
  if (kind === 'identifier') return text.slice(1, -1).replaceAll('""', '"');
  if (kind !== 'string' || text.startsWith('$')) return text;
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
  return text
    .slice(2, -1)
    .replaceAll(/''|\\([^])/g, (all, escaped: string | undefined) => (escaped === undefined ? "'" : escaped === '\\' ? '\\' : all));
}
