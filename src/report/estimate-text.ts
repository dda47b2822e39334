import type { Cost, Estimate } from '../model/index.ts';
import { bytes } from '../util/bytes.ts';
import { document } from './documents/document.ts';
import { writeEstimate } from './documents/estimate.ts';
import { count, printable } from './printable.ts';
import { plain, type Style } from './style.ts';
import { type Cell, type Column, table } from './table.ts';

const right = { align: 'right' } as const;
const servers: readonly Column[] = [
  { title: 'INSTANCE' },
  { title: 'SERVER', spare: 2 },
  { title: 'APPS', ...right },
  { title: 'CONNECTIONS', ...right, spare: 1 },
  { title: 'SHARED', ...right },
  { title: 'ISOLATED', ...right },
];
const totals: readonly Column[] = [{ title: '' }, { title: 'SHARED', ...right }, { title: 'ISOLATED', ...right }];
const assumed: readonly Column[] = [{ title: 'ASSUMED' }, { title: 'VALUE' }, { title: 'OPTION' }];

/** A row for each instance, the sums, and what was assumed. Ends with a line end. */
export function estimateText({ apps, rows, shared, isolated, assumptions }: Estimate, style: Style = plain): string {
  const each = rows.map((row): readonly Cell[] => [
    { text: printable(row.instance), paint: style.bold },
    { text: row.engine },
    { text: String(row.apps) },
    { text: row.connections === null ? '-' : String(row.connections) },
    { text: `${row.shared.servers} × ${bytes(row.shared.memory / Math.max(1, row.shared.servers))}` },
    { text: `${row.isolated.servers} × ${bytes(row.isolated.memory / Math.max(1, row.isolated.servers))}` },
  ]);
  const both = (title: string, of: (cost: Cost) => string): readonly Cell[] => [
    { text: title, paint: style.bold },
    { text: of(shared), paint: style.good },
    { text: of(isolated) },
  ];
  const sums = [
    both('containers', (cost) => String(cost.containers)),
    both('memory', (cost) => bytes(cost.memory)),
    both('backups to watch', (cost) => String(cost.backups)),
    ...(shared.price === null ? [] : [both('price a month', (cost) => (cost.price ?? 0).toFixed(2))]),
  ];
  const given = assumptions.map(({ what, value, option }): readonly Cell[] => [
    { text: what },
    { text: printable(value) },
    { text: option },
  ]);
  return [table(servers, each, style), `${count(apps, 'app')}:`, table(totals, sums, style), table(assumed, given, style), '']
    .join('\n\n')
    .replace(/\n\n$/, '\n');
}

export function estimateJson(found: Estimate): string {
  return document(writeEstimate({ format: 1, ...found }));
}
