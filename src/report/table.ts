import { padded, widthOf } from '../util/width.ts';
import { flow } from './columns.ts';
import type { Style } from './style.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Left out where the screen is too narrow for all: the highest number first. Left out: it stays. */
  readonly spare?: number;
}

export interface Cell {
  readonly text: string;
  /** Colours the padded text; widths are counted without it. */
  readonly paint?: (text: string) => string;
}

type Screen = Pick<Style, 'width' | 'dim'>;

/**
 * Columns as wide as their widest cell, two spaces apart, no trailing blanks without colour. On a screen that is too narrow the
 * columns that can be spared are left out, which is said; where that is not enough, a row takes several lines, and nothing is
 * left out.
 */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], screen: Screen): string {
  // Not by the arguments of one call: there can be more rows than a call takes.
  const widths = columns.map(({ title }, i) => rows.reduce((width, row) => Math.max(width, widthOf(row[i]?.text ?? '')), widthOf(title)));
  const spared = spare(columns, widths, screen.width);
  if (spared === null) return lists(columns, rows, screen);
  const shown = columns.map((_, i) => i).filter((i) => !spared.has(i));
  const line = (cells: readonly Cell[]): string =>
    shown
      .map((i, at) => {
        const { text, paint } = cells[i] ?? { text: '' };
        const align = columns[i]?.align;
        const width = at === shown.length - 1 && align !== 'right' ? 0 : (widths[i] ?? 0);
        const whole = padded(text, width, align);
        return paint === undefined ? whole : paint(whole);
      })
      .join('  ');
  const names = [...spared].sort((a, b) => a - b).map((i) => columns[i]?.title ?? '');
  const note =
    names.length === 0
      ? []
      : [screen.dim(flow([{ text: `Left out, because the screen is too narrow: ${names.join(', ')}` }], 0, screen.width))];
  return [line(columns.map((column) => ({ text: column.title, paint: screen.dim }))), ...rows.map(line), ...note].join('\n');
}

/** Indexes of the columns that give way; null: what stays is too wide. */
function spare(columns: readonly Column[], widths: readonly number[], room: number): ReadonlySet<number> | null {
  const gone = new Set<number>();
  const width = (): number => widths.reduce((sum, one, i) => (gone.has(i) ? sum : sum + one + 2), -2);
  const order = columns.map(({ spare: rank = 0 }, i) => [rank, i] as const).filter(([rank]) => rank > 0);
  for (const [, i] of order.sort(([a], [b]) => b - a)) if (width() > room) gone.add(i);
  return width() > room ? null : gone;
}

/** Each row with the titles in it, under the first cell. */
function lists(columns: readonly Column[], rows: readonly (readonly Cell[])[], { width, dim }: Screen): string {
  return rows
    .map(([first, ...cells]) => {
      const head = first?.paint?.(first.text) ?? first?.text ?? '';
      const rest = cells.flatMap(({ text, paint }, i) => {
        const title = columns[i + 1]?.title.toLowerCase() ?? '';
        return text === ''
          ? []
          : [
              flow(
                [
                  { text: title, paint: dim },
                  { text, ...(paint ? { paint } : {}) },
                ],
                2,
                width,
              ),
            ];
      });
      return [head, ...rest].join('\n');
    })
    .join('\n');
}
