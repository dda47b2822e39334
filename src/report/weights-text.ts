import type { SizesReport, SlowReport } from '../model/index.ts';
import { bytes } from '../util/bytes.ts';
import { flow, prose } from './columns.ts';
import { document } from './documents/document.ts';
import { writeSizes, writeSlow } from './documents/weights.ts';
import { count, printable } from './printable.ts';
import { plain, type Style } from './style.ts';
import { type Column, table } from './table.ts';

/** Tables that people see of all; JSON has more. */
const TABLES = 20;

/** Seconds as short as they can be told: `35 ms`, `1.2 s`, `340 s`. */
function time(seconds: number): string {
  if (seconds < 1) return `${seconds < 0.01 ? Math.round(seconds * 100_000) / 100 : Math.round(seconds * 1000)} ms`;
  return `${seconds < 100 ? Math.round(seconds * 10) / 10 : Math.round(seconds)} s`;
}

/** Each statement with what it has cost, the costliest first. Ends with a line end. */
export function slowText({ statements, untold }: SlowReport, style: Style = plain): string {
  const blocks = statements.map((one) => {
    const rows = one.rows === null ? [] : [{ text: count(one.rows, 'row'), paint: style.dim }];
    const head = flow(
      [
        { text: one.app === null ? '(nobody in particular)' : printable(one.app), paint: style.bold },
        { text: `on ${printable(one.instance)}`, paint: style.dim },
        { text: `${time(one.seconds)} in ${count(one.calls, 'call')}` },
        { text: `${time(one.seconds / Math.max(1, one.calls))} each, at most ${time(one.longest)}` },
        ...rows,
      ],
      0,
      style.width,
    );
    return `${head}\n${prose(printable(one.text), 3, style)}`;
  });
  const all = [...(blocks.length === 0 ? ['No statements.'] : blocks), ...untoldLines(untold, style)];
  return `${all.join('\n\n')}\n`;
}

const appColumns: readonly Column[] = [{ title: 'APP' }, { title: 'INSTANCE' }, { title: 'SIZE', align: 'right' }];
const tableColumns: readonly Column[] = [
  { title: 'APP' },
  { title: 'INSTANCE', spare: 1 },
  { title: 'TABLE' },
  { title: 'SIZE', align: 'right' },
  { title: 'INDEXES', align: 'right', spare: 2 },
  { title: 'ROWS, ABOUT', align: 'right', spare: 3 },
];

/** A row for each app, then its biggest tables. Ends with a line end. */
export function sizesText({ apps, tables, untold }: SizesReport, style: Style = plain): string {
  const known = apps.reduce((sum, one) => sum + (one.bytes ?? 0), 0);
  const rows = apps.map(({ app, instance, bytes: size, exact }) => [
    { text: printable(app), paint: style.bold },
    { text: printable(instance) },
    { text: size === null ? '-' : `${exact ? '' : '~'}${bytes(size)}` },
  ]);
  const shown = (tables ?? []).slice(0, TABLES);
  const inside = shown.map((one) => [
    { text: one.app === null ? '(shared)' : printable(one.app), paint: style.bold },
    { text: printable(one.instance) },
    { text: printable(one.table) },
    { text: bytes(one.bytes) },
    { text: one.indexBytes === null ? '-' : bytes(one.indexBytes) },
    { text: one.rows === null ? '-' : String(Math.round(one.rows)) },
  ]);
  const more = (tables ?? []).length - shown.length;
  const blocks = [
    rows.length === 0 ? 'No apps.' : table(appColumns, rows, style),
    ...(inside.length === 0 ? [] : [table(tableColumns, inside, style)]),
    ...(more > 0 ? [`and ${count(more, 'smaller table')}, shown by --json`] : []),
    ...untoldLines(untold, style),
    `${bytes(known)} in all.`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

function untoldLines(untold: SlowReport['untold'], style: Style): readonly string[] {
  return untold.length === 0
    ? []
    : [untold.map(({ instance, what }) => style.dim(prose(printable(`${instance} does not tell ${what}`), 0, style))).join('\n')];
}

export function slowJson(report: SlowReport, exitCode: number): string {
  return document(writeSlow({ ...report, exitCode }));
}

export function sizesJson(report: SizesReport, exitCode: number): string {
  return document(writeSizes({ ...report, exitCode }));
}
