import type { MigrationReport, MigrationRow } from '../model/index.ts';
import { prose } from './columns.ts';
import { document } from './documents/document.ts';
import { writeMigrationStatus } from './documents/migrations.ts';
import { count, printable } from './printable.ts';
import { plain, type Style } from './style.ts';
import { type Cell, type Column, table } from './table.ts';

const columns: readonly Column[] = [
  { title: 'APP' },
  { title: 'INSTANCE', spare: 2 },
  { title: 'TOOL', spare: 3 },
  { title: 'CURRENT' },
  { title: 'HEAD' },
  { title: 'PENDING', align: 'right' },
  { title: 'LAST RUN', spare: 4 },
  { title: 'STATE' },
];

export const noMigrations = 'No app has migrations.';

/** A row for each app with migrations, then what contradicts itself, then a closing line. Ends with a line end. */
export function migrationsText({ rows, unreached }: MigrationReport, style: Style = plain): string {
  if (rows.length === 0) return `${noMigrations}\n`;
  const drift = rows.flatMap((row) => row.drift.map((what) => prose(printable(`${row.app}: ${what}`), 2, style, Infinity)));
  const pending = rows.reduce((sum, row) => sum + row.pending.length, 0);
  const missing = unreached.length === 0 ? '' : ` Not reached: ${unreached.map(printable).join(', ')}.`;
  const closing = `${count(rows.length, 'app')}, ${pending} pending, ${rows.filter(({ state }) => state === 'drifted').length} drifted.${missing}`;
  const cells = rows.map((row) => cellsOf(row, style));
  const blocks = [
    table(columns, cells, style),
    drift.length === 0 ? '' : [style.bold('Drift:'), ...drift].join('\n'),
    style.bold(prose(closing, 0, style)),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

export function migrationsJson(report: MigrationReport): string {
  return document(writeMigrationStatus({ format: 1, ...report }));
}

function cellsOf(row: MigrationRow, style: Style): readonly Cell[] {
  const unknown = row.state === 'unknown';
  const paint = { current: style.good, behind: style.warn, drifted: style.bad, running: style.info, unknown: style.bad }[row.state];
  return [
    { text: printable(row.app), paint: style.bold },
    { text: printable(`${row.engine}/${row.instance}`) },
    { text: row.tool },
    { text: unknown ? '?' : names(row.current) },
    { text: row.head.length === 0 && unknown ? '?' : names(row.head) },
    { text: unknown ? '?' : String(row.pending.length), ...(row.pending.length > 0 ? { paint: style.warn } : {}) },
    { text: row.last === null ? '' : `${row.last.at.slice(0, 16).replace('T', ' ')} ${row.last.ending}` },
    { text: row.state, paint },
  ];
}

function names(all: readonly string[]): string {
  return all.length === 0 ? 'none' : printable(all.join(', '));
}
