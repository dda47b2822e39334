/** Characters of a statement that are shown. */
const MOST = 400;

export interface SqlDialect {
  /** What stands in double quotes is a text and no name, and what stands behind `#` is a comment and no operator. */
  readonly doubleQuotesText: boolean;
}

/**
 * A statement without what people wrote into it: texts and numbers become `?`, comments go. Where nobody can say where a text
 * ends, as behind a backslash, the rest is left out: nothing of it may be a password that somebody sees.
 */
export function stripped(sql: string, { doubleQuotesText }: SqlDialect): string {
  const out: string[] = [];
  let at = 0;
  while (at < sql.length) {
    const found = next(sql, at, doubleQuotesText);
    if (found === null) return shown([...out, ' …']);
    out.push(found.text);
    at = found.end;
  }
  return shown(out);
}

interface Part {
  readonly text: string;
  readonly end: number;
}

/** The part that begins here; null: its end is not known. */
function next(sql: string, at: number, doubleQuotesText: boolean): Part | null {
  const rest = sql.slice(at);
  if (rest.startsWith('--') || (doubleQuotesText && rest.startsWith('#'))) return { text: ' ', end: until(sql, '\n', at) };
  if (rest.startsWith('/*')) return comment(sql, at);
  const char = sql[at] ?? '';
  if (char === "'" || (char === '"' && doubleQuotesText)) return quoted(sql, at, char, '?');
  if (char === '"' || char === '`') return quoted(sql, at, char, null);
  const tag = /^\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/.exec(rest)?.[0];
  if (tag !== undefined) {
    const end = sql.indexOf(tag, at + tag.length);
    return end < 0 ? null : { text: '?', end: end + tag.length };
  }
  const word = /^[A-Za-z_$@:\u0080-\uffff][\w$\u0080-\uffff]*/.exec(rest)?.[0];
  if (word !== undefined) return { text: word, end: at + word.length };
  const number = /^(?:\d|\.\d)[\w.]*/.exec(rest)?.[0];
  if (number !== undefined) return { text: '?', end: at + number.length };
  return { text: char, end: at + 1 };
}

/** `as` null: a name, which stays. */
function quoted(sql: string, at: number, quote: string, as: string | null): Part | null {
  for (let end = at + 1; end < sql.length; end++) {
    // Whether it is an escape depends on settings of the session that sent it.
    if (sql[end] === '\\' && as !== null) return null;
    if (sql[end] !== quote) continue;
    if (sql[end + 1] !== quote) return { text: as ?? sql.slice(at, end + 1), end: end + 1 };
    end += 1;
  }
  return null;
}

/** Comments can stand in each other. */
function comment(sql: string, at: number): Part | null {
  let depth = 0;
  for (let end = at; end < sql.length - 1; end++) {
    const pair = sql.slice(end, end + 2);
    if (pair !== '/*' && pair !== '*/') continue;
    depth += pair === '/*' ? 1 : -1;
    end += 1;
    if (depth === 0) return { text: ' ', end: end + 1 };
  }
  return null;
}

function until(sql: string, what: string, at: number): number {
  const end = sql.indexOf(what, at);
  return end < 0 ? sql.length : end;
}

function shown(parts: readonly string[]): string {
  const text = parts.join('').replace(/\s+/g, ' ').trim();
  return text.length > MOST ? `${text.slice(0, MOST - 2)} …` : text;
}
