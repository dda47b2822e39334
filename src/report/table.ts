import { padded, widthOf } from '../util/width.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

export interface Cell {
  readonly text: string;
  /** Colours the padded text; widths are counted without it. */
  readonly paint?: (text: string) => string;
}

/** Columns as wide as their widest cell, two spaces apart, no trailing blanks without colour. */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], head: (text: string) => string): string {
  // Not by the arguments of one call: there can be more rows than a call takes.
  const widths = columns.map(({ title }, i) => rows.reduce((width, row) => Math.max(width, widthOf(row[i]?.text ?? '')), widthOf(title)));
  const line = (cells: readonly Cell[]): string =>
    columns
      .map((column, i) => {
        const { text, paint } = cells[i] ?? { text: '' };
        const width = i === columns.length - 1 && column.align !== 'right' ? 0 : (widths[i] ?? 0);
        const shown = padded(text, width, column.align);
        return paint === undefined ? shown : paint(shown);
      })
      .join('  ');
  return [line(columns.map((column) => ({ text: column.title, paint: head }))), ...rows.map(line)].join('\n');
}
