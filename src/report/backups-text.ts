import type { BackupRow, SavedApp, SavedPart } from '../model/index.ts';
import { bytes } from '../util/bytes.ts';
import { writeBackup, writeBackups, writePruned } from './documents/backups.ts';
import { prose } from './columns.ts';
import { document } from './documents/document.ts';
import { count, printable } from './printable.ts';
import { plain, type Style } from './style.ts';
import { type Cell, type Column, table } from './table.ts';

/** What a rule takes away, and what it keeps. */
interface PrunedRows {
  readonly gone: readonly BackupRow[];
  readonly kept: readonly BackupRow[];
  readonly removed: boolean;
}

const columns: readonly Column[] = [
  { title: 'APP' },
  { title: 'WHEN' },
  { title: 'SIZE', align: 'right', spare: 1 },
  { title: 'NEW', align: 'right', spare: 2 },
  { title: 'PROVED' },
  { title: 'BACKUP' },
];

/** A row for each backup, the newest first, then how many were brought back in a drill. Ends with a line end. */
export function backupsText(rows: readonly BackupRow[], style: Style = plain): string {
  if (rows.length === 0) return 'There are no backups yet.\n';
  const unproved = rows.filter(({ proved }) => proved === null).length;
  const closing = `${count(rows.length, 'backup')}, ${unproved === 0 ? 'all proved by a drill' : `${unproved} never brought back`}.`;
  return `${table(
    columns,
    rows.map((row) => cellsOf(row, style)),
    style,
  )}\n\n${style.bold(prose(closing, 0, style))}\n`;
}

/** What goes, or has gone, and how many stay. Ends with a line end. */
export function prunedText({ gone, kept, removed }: PrunedRows, style: Style = plain): string {
  if (gone.length === 0) return `${prose(`Nothing is old enough to go: ${count(kept.length, 'backup')} kept.`, 0, style)}\n`;
  const closing = `${count(gone.length, 'backup')} ${removed ? 'removed' : 'would be removed'}, ${kept.length} kept.`;
  const rows = gone.map((row) => cellsOf(row, style));
  return `${table(columns, rows, style)}\n\n${style.bold(prose(closing, 0, style))}\n`;
}

export function prunedJson(rows: PrunedRows): string {
  return document(writePruned({ format: 1, ...rows }));
}

export function backupsJson(rows: readonly BackupRow[]): string {
  return document(writeBackups({ format: 1, backups: rows }));
}

function cellsOf({ app, at, bytes: size, added, proved, run }: BackupRow, style: Style): readonly Cell[] {
  return [
    { text: printable(app), paint: style.bold },
    { text: moment(at) },
    { text: size === null ? '?' : bytes(size) },
    { text: added === null ? '?' : bytes(added) },
    proved === null ? { text: 'never', paint: style.warn } : { text: moment(proved), paint: style.good },
    { text: printable(run) },
  ];
}

export function moment(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}

/** What one backup holds: each part with its moment, and its objects by their kind. Ends with a line end. */
export function backupText(saved: SavedApp, style: Style = plain): string {
  const seconds = ((Date.parse(saved.endedAt) - Date.parse(saved.startedAt)) / 1000).toFixed(1);
  const grade = saved.grade === 'independent' ? 'one part' : `parts one after the other, ${saved.skew} ms apart`;
  const name = style.bold(`${printable(saved.app)}  ${printable(saved.run)}`);
  const head = `${name}\n${prose(printable(`${saved.startedAt}, ${seconds} s, ${grade}`), 0, style)}`;
  return `${[head, ...saved.parts.map((part) => partText(part, style))].join('\n\n')}\n`;
}

function partText(part: SavedPart, style: Style): string {
  const kinds = Map.groupBy(part.objects, ({ kind }) => kind);
  const rows = part.objects.reduce((sum, one) => sum + (one.rows ?? 0), 0);
  const lines = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, some]) => `  ${printable(kind)}: ${some.length}`);
  return [
    style.bold(printable(`${part.engine}/${part.instance}`)),
    prose(printable(`server ${part.server}, by ${part.tool}, at ${part.at}${part.point === null ? '' : `, ${part.point}`}`), 2, style),
    ...lines,
    `  rows: ${rows.toLocaleString('en')}`,
    ...part.left.map((what) => style.warn(prose(printable(`not saved: ${what}`), 2, style))),
  ].join('\n');
}

export function backupJson(saved: SavedApp): string {
  return document(writeBackup(saved));
}
