import { createReadStream } from 'node:fs';

/**
 * The statements of a dump, as text in which each character stands for one byte: a dump holds bytes of any character set. What
 * clients alone read (DELIMITER, comments) is left out. A row never breaks a line, so only definitions are looked at closely.
 */
export async function* statementsOf(file: string): AsyncGenerator<string> {
  let delimiter = ';';
  let lines: string[] = [];
  for await (const line of linesOf(file)) {
    const next = /^DELIMITER (;{1,2})$/u.exec(line)?.[1];
    if (next !== undefined && (lines.length === 0 || delimiter !== ';')) {
      // Quotes of another SQL mode may have hidden the end.
      if (lines.length > 0) yield ended(lines, delimiter);
      lines = [];
      delimiter = next;
      continue;
    }
    if (lines.length === 0 && (line.trim() === '' || isNote(line))) continue;
    lines.push(line);
    if (!line.endsWith(delimiter) || !isWhole(lines)) continue;
    yield ended(lines, delimiter);
    lines = [];
  }
  if (lines.length > 0) yield lines.join('\n');
}

/** A comment on a line of its own: that of MariaDB's client, which turns commands for the client off, too. */
function isNote(line: string): boolean {
  return line.startsWith('--') || line.startsWith('/*M!999999');
}

function ended(lines: readonly string[], delimiter: string): string {
  const text = lines.join('\n');
  return (text.endsWith(delimiter) ? text.slice(0, -delimiter.length) : text).trimEnd();
}

const INSERT = 'INSERT INTO `';
const COLUMN = '`(?:[^`]|``)*`';
const ROWS = new RegExp(`^${INSERT}((?:[^\`]|\`\`)*)\` (?:\\((${COLUMN}(?:, ${COLUMN})*)\\) )?VALUES`, 'u');

/** Rows follow a head whose names may hold anything. Of many lines only the first ones are looked at. */
function isWhole(lines: readonly string[]): boolean {
  if (lines[0]?.startsWith(INSERT) === true) return isRows(lines.slice(0, HEAD).join('\n'));
  return !isOpen(lines.join('\n'));
}

/** More lines than names of a table and its columns can make. */
const HEAD = 5000;

export function isRows(statement: string): boolean {
  return ROWS.test(statement);
}

/** Rows of one table as a dump writes them; null: the statement is another one. */
export function insertIn(
  statement: string,
): { readonly table: string; readonly columns: readonly string[]; readonly values: string } | null {
  const [head, table, columns] = ROWS.exec(statement) ?? [];
  if (head === undefined || table === undefined) return null;
  const names = (columns ?? '').match(new RegExp(COLUMN, 'gu')) ?? [];
  return { table: nameOf(table), columns: names.map((name) => nameOf(name.slice(1, -1))), values: statement.slice(head.length) };
}

/** True where the text ends inside quotes or a comment. Version comments are code. */
function isOpen(text: string): boolean {
  const parts = /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`[^`]*`|\/\*(?!M?!)[\s\S]*?\*\/|(?:--[ \t]|#)[^\n]*(?:\n|$)/gu;
  return /['"`]|\/\*(?!M?!)/u.test(text.replaceAll(parts, ''));
}

async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(file, { encoding: 'latin1', highWaterMark: 1024 * 1024 })) {
    const pieces = String(chunk).split('\n');
    pieces[0] = rest + (pieces[0] ?? '');
    rest = pieces.pop() ?? '';
    yield* pieces;
  }
  if (rest !== '') yield rest;
}

const QUOTED = '`(?:[^`]|``)*`';
const NAME = '`((?:[^`]|``)*)`';
/** An account as a definer, in a regular expression. `ANSI_QUOTES` may have been on when it was made; a role has no host. */
export const DEFINER = `(?:${QUOTED}|"(?:[^"]|"")*")(?:@(?:${QUOTED}|"(?:[^"]|"")*"))?`;
const MAKER = `DEFINER=${DEFINER}`;
const VERSIONED = `/\\*!50\\d{3}`;

const MAKERS: readonly RegExp[] = [
  `(${VERSIONED} CREATE [^\\n]*\\*/\\n${VERSIONED} )${MAKER} `,
  `(${VERSIONED} CREATE\\*/ )${VERSIONED} ${MAKER}\\*/ `,
  `(CREATE (?:OR REPLACE )?)${MAKER} `,
].map((head) => new RegExp(`^${head}`, 'u'));

/** Who made it is no part of what comes back: whoever brings it back is its definer. */
export function withoutDefiner(statement: string): string {
  return MAKERS.reduce((text, head) => text.replace(head, '$1'), statement);
}

const SETTINGS =
  'NAMES |TIME_ZONE|SQL_MODE|SQL_NOTES|NOTE_VERBOSITY|FOREIGN_KEY_CHECKS|UNIQUE_CHECKS|AUTOCOMMIT|CHARACTER_SET_|COLLATION_CONNECTION';

/** Heads of all that a dump client writes, and nothing else. */
const KNOWN: readonly RegExp[] = [
  `(?:/\\*M?!\\d+ )?SET (?:@|${SETTINGS})`,
  `CREATE (?:TABLE|SEQUENCE) ${QUOTED}(?!\\.)`,
  `/\\*!40000 ALTER TABLE ${QUOTED} (?:DISABLE|ENABLE) KEYS \\*/$`,
  `${VERSIONED} (?:CREATE |CREATE\\*/ |DROP VIEW IF EXISTS \`)`,
  `CREATE (?:OR REPLACE )?(?:${MAKER} )?(?:AGGREGATE )?(?:FUNCTION|PROCEDURE|PACKAGE) `,
  `ALTER DATABASE ${QUOTED} CHARACTER SET \\w+ COLLATE \\w+$`,
  '(?:DO|SELECT) SETVAL\\(`',
  'COMMIT$',
].map((head) => new RegExp(`^${head}`, 'iu'));

export function isOfADump(statement: string): boolean {
  return isRows(statement) || KNOWN.some((head) => head.test(statement));
}

/** A view in the place of its stand-in, and how its text is to be read. */
export const VIEW = new RegExp(`^${VERSIONED} CREATE [^\\n]*\\*/\\n[^\\n]*\\n${VERSIONED} VIEW ${NAME}`, 'u');
export const VIEW_SETTING = /^\/\*!50001 SET (?:character_set_client|character_set_results|collation_connection) /u;

/** Events, with the settings around them. */
export const EVENTS_BEGIN = /^\/\*!50106 SET @save_time_zone ?= /u;
export const EVENTS_END = /^\/\*!50106 SET TIME_ZONE ?= @save_time_zone/u;

export interface Made {
  readonly kind: string;
  readonly name: string;
}

const MADE: readonly RegExp[] = [
  `(?:${VERSIONED} )?CREATE (TABLE|SEQUENCE|VIEW) ${NAME}`,
  `${VERSIONED} CREATE\\*/ (?:${VERSIONED} ${MAKER}\\*/ )?${VERSIONED} (EVENT) ${NAME}`,
  `CREATE (?:OR REPLACE )?(?:${MAKER} )?(?:AGGREGATE )?(FUNCTION|PROCEDURE|PACKAGE BODY|PACKAGE) [\`"]((?:[^\`"]|\`\`|"")*)[\`"]`,
].map((head) => new RegExp(`^${head}`, 'iu'));

/** What a statement makes that goes only by itself; null: nothing. */
export function madeBy(statement: string): Made | null {
  for (const head of MADE) {
    const [, kind, name] = head.exec(statement) ?? [];
    if (kind !== undefined && name !== undefined) return { kind: kind.toLowerCase(), name: nameOf(name) };
  }
  return null;
}

const DROPPED = new RegExp(`^${VERSIONED} DROP VIEW IF EXISTS ${NAME}\\*/$`, 'u');

/** The view of which a dump takes the stand-in away; null: the statement is another one. */
export function droppedBy(statement: string): string | null {
  const name = DROPPED.exec(statement)?.[1];
  return name === undefined ? null : nameOf(name);
}

const SEQUENCE = new RegExp(`^(?:DO|SELECT) SETVAL\\(${NAME}, (-?\\d+), 0\\)`, 'u');

/** What a dump says of the next number of a table or a sequence, which is in no snapshot. */
export function counterIn(statement: string): { readonly name: string; readonly next: string } | null {
  if (isRows(statement)) return null;
  const table = /\n\) ENGINE=\w+ AUTO_INCREMENT=(\d+)/u.exec(statement)?.[1];
  const made = madeBy(statement);
  if (made?.kind === 'table' && table !== undefined) return { name: made.name, next: table };
  const [, sequence, next] = SEQUENCE.exec(statement) ?? [];
  return sequence === undefined || next === undefined ? null : { name: nameOf(sequence), next };
}

function nameOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('``', '`');
}
