import { hasSqlDetails, type Node, parse, scan } from 'libpg-query';
import { schemasInBody } from './references.ts';

/** One statement of a script. */
export interface Statement {
  readonly node: Node;
  /** From 1, where its first word stands. */
  readonly line: number;
  readonly text: string;
  /** Rules that a comment in front of it takes back: `-- squawk-ignore ban-drop-column`. */
  readonly ignored: readonly string[];
  /** Names in it that the server cuts. In the tree they are cut already. */
  readonly long: readonly string[];
  /** Schemas that the body of a function or DO block names. */
  readonly inBody: readonly string[];
}

export type Parsed = { readonly statements: readonly Statement[] } | { readonly error: string; readonly line: number };

/** Taken apart by the parser of the server itself (PostgreSQL 18), which counts in bytes. */
export async function parseScript(sql: string): Promise<Parsed> {
  try {
    const tree = await parse(sql);
    const bytes = Buffer.from(sql);
    const statements: Statement[] = [];
    let end = 0;
    for (const { stmt, stmt_location: from = 0, stmt_len: length } of tree.stmts ?? []) {
      if (!stmt) continue;
      const past = length === undefined ? bytes.length : from + length;
      // What stands between two statements counts to the second, whether the server does so or not.
      const whole = bytes.subarray(end, past).toString();
      const lead = leadOf(whole);
      const text = whole.slice(lead).trim();
      statements.push({
        node: stmt,
        line: lines(bytes.subarray(0, end).toString() + whole.slice(0, lead)),
        text,
        ignored: ignoredIn(whole.slice(0, lead)),
        long: await longIn(text),
        inBody: await schemasInBody(stmt),
      });
      end = past;
    }
    return { statements };
  } catch (error) {
    if (!hasSqlDetails(error)) throw error;
    return { error: error.message, line: lines(sql.slice(0, error.sqlDetails?.cursorPosition ?? 0)) };
  }
}

function lines(before: string): number {
  return before.split('\n').length;
}

/** How much blank space and how many comments stand in front of the first word, with the semicolon of the statement before. */
function leadOf(text: string): number {
  return /^(?:[\s;]+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/u.exec(text)?.[0].length ?? 0;
}

function ignoredIn(comments: string): readonly string[] {
  return [...comments.matchAll(/(?:squawk|cotenant)-ignore\s+([\w, -]+)/gu)].flatMap(([, names = '']) =>
    names.split(/[\s,]+/u).filter(Boolean),
  );
}

const LIMIT = 63;

async function longIn(text: string): Promise<readonly string[]> {
  if (Buffer.byteLength(text) <= LIMIT || !/[^\s'(),;]{60}|"[^"]{60}/u.test(text)) return [];
  const { tokens } = await scan(text);
  const bytes = Buffer.from(text);
  const names = tokens
    .filter(({ tokenName }) => tokenName === 'IDENT')
    .map(({ start, end }) => bytes.subarray(start, end).toString().replaceAll('"', ''));
  return [...new Set(names.filter((name) => Buffer.byteLength(name) > LIMIT))];
}
