import type { KeyInfo } from '../model/index.ts';
import { moment } from './backups-text.ts';
import { count, printable } from './printable.ts';
import { plain, type Style } from './style.ts';
import { type Cell, type Column, table } from './table.ts';

const columns: readonly Column[] = [
  { title: 'NAME' },
  { title: 'SCOPE' },
  { title: 'MADE', spare: 1 },
  { title: 'EXPIRES' },
  { title: 'USED' },
  { title: 'ID', spare: 2 },
];

/** A line for each key. Ends with a line end. */
export function keysText(keys: readonly KeyInfo[], now: Date, style: Style = plain): string {
  if (keys.length === 0) return 'No keys.\n';
  const rows = keys.map((key) => cells(key, now, style));
  return `${table(columns, rows, style)}\n\n${style.bold(`${count(keys.length, 'key')}.`)}\n`;
}

function cells({ name, scope, made, expires, used, id }: KeyInfo, now: Date, style: Style): readonly Cell[] {
  const isOver = expires !== null && Date.parse(expires) <= now.getTime();
  const ends = expires === null ? 'never' : moment(expires);
  return [
    { text: printable(name), paint: style.bold },
    { text: printable(scope) },
    { text: moment(made) },
    { text: isOver ? `${ends} (over)` : ends, ...(isOver ? { paint: style.warn } : {}) },
    { text: used === null ? 'never' : moment(used) },
    { text: id },
  ];
}
