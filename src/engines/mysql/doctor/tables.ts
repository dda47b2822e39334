import { common, type Examining } from '../../../engine/index.ts';
import type { Severity } from '../../../model/index.ts';
import type { Row } from '../connect/connection.ts';
import { text } from '../observe/read-rows.ts';
import { ident, qualified } from '../quote.ts';
import { own } from './checks.ts';
import type { Whose } from './whose.ts';

/** Things that one finding names. */
const SHOWN = 10;
const NEARLY_ALL = 0.95;

interface Kind {
  readonly check: string;
  readonly severity: Severity;
  readonly words: readonly [one: string, many: string];
  readonly detail: (row: Row) => string;
  readonly say: string;
  readonly sql: (row: Row) => readonly string[];
}

const table = (row: Row): string => qualified(text(row['db']), text(row['name']));
/** All but the first, which is kept. */
const spare = (row: Row): readonly string[] =>
  text(row['indexes'])
    .split('\n')
    .slice(1)
    .filter((name) => name !== 'PRIMARY');
const dropped = (row: Row, index: string): string => `ALTER TABLE ${table(row)} DROP INDEX ${ident(index)};`;

export const KINDS = {
  damaged: {
    check: own.crashed,
    severity: 'error',
    words: ['a damaged table', 'damaged tables'],
    detail: table,
    say: 'see what the server says of it; it reads the whole table and keeps writers out',
    sql: (row) => [`CHECK TABLE ${table(row)};`],
  },
  unsafe: {
    check: own.unsafe,
    severity: 'warning',
    words: ['a table that does not outlast a crash', 'tables that do not outlast a crash'],
    detail: (row) => `${table(row)} (${text(row['engine_'])})`,
    say: 'in a migration of the app, which writes the table anew',
    sql: (row) => [`ALTER TABLE ${table(row)} ENGINE=InnoDB;`],
  },
  duplicate: {
    check: own.duplicate,
    severity: 'info',
    words: ['a table with indexes that are there twice', 'tables with indexes that are there twice'],
    detail: (row) => `${table(row)} (${text(row['indexes']).split('\n').join(', ')})`,
    say: 'in a migration of the app',
    sql: (row) => spare(row).map((index) => dropped(row, index)),
  },
  unused: {
    check: own.unused,
    severity: 'info',
    words: ['an index that nobody has used', 'indexes that nobody has used'],
    detail: (row) => `${ident(text(row['idx']))} of ${table(row)}`,
    say: 'if no rare report needs it, in a migration of the app',
    sql: (row) => [dropped(row, text(row['idx']))],
  },
} as const satisfies Readonly<Record<string, Kind>>;

/** One finding for each app. */
export function examineTables(on: Examining, rows: readonly Row[], whose: Whose, { check, severity, words, detail, say, sql }: Kind): void {
  for (const [app, mine] of Map.groupBy(rows, (row) => whose.databases.get(text(row['db'])) ?? text(row['db']))) {
    const shown = mine.slice(0, SHOWN);
    const more = mine.length - shown.length;
    const count = mine.length === 1 ? words[0] : `${mine.length} ${words[1]}`;
    on.found(check, severity, {
      apps: [app],
      what: `${app} has ${count}: ${shown.map(detail).join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
      evidence: { count: mine.length, ...Object.fromEntries(shown.map((row, at) => [`object ${at + 1}`, detail(row)])) },
      remedy: shown.flatMap((row) => sql(row).map((statement) => ({ say, where: `database ${text(row['db'])}`, text: statement }))),
    });
  }
}

export function examineCounters(on: Examining, rows: readonly Row[], whose: Whose): void {
  for (const row of rows) {
    const app = whose.databases.get(text(row['db'])) ?? text(row['db']);
    const [last, most] = [Number(row['next_']) - 1, Number(row['most'])];
    on.found(common.counter, last >= NEARLY_ALL * most ? 'error' : 'warning', {
      apps: [app],
      what: `AUTO_INCREMENT of ${table(row)}.${ident(text(row['col']))} (${text(row['type_'])}) of ${app} has come to ${last} of ${most} (${Math.floor((100 * last) / most)} %)`,
      evidence: { table: table(row), last, end: most, type: text(row['type_']) },
      remedy: [
        { say: 'in a migration of the app, which writes the table anew: make the column a BIGINT UNSIGNED' },
        {
          say: 'see where it stands',
          where: `database ${text(row['db'])}`,
          text: `SELECT MAX(${ident(text(row['col']))}) FROM ${table(row)};`,
        },
      ],
    });
  }
}
