import type { Part, Row } from './part.ts';

export interface Measured {
  readonly part: Part;
  readonly rows: readonly Row[];
}

export function verdict(row: Row): 'PASS' | 'MISS' | '' {
  return row.met === null ? '' : row.met ? 'PASS' : 'MISS';
}

/** For the terminal. */
export function tableText(measured: readonly Measured[]): string {
  const cells = measured.map(({ part, rows }) => ({ title: `${part.title} (${part.name})`, lines: rows.map(cellsOf) }));
  const all = cells.flatMap(({ lines }) => lines);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...all.map((line) => line[column]?.length ?? 0)));
  return cells
    .map(({ title, lines }) =>
      [title, ...lines.map((line) => `  ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())].join('\n'),
    )
    .join('\n\n');
}

/** For the page in docs/. */
export function tableMarkdown(rows: readonly Row[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(['what', 'result', 'target', '']), line(['---', '---', '---', '---']), ...rows.map((row) => line(cellsOf(row)))].join('\n');
}

function cellsOf(row: Row): string[] {
  return [row.what, row.value, row.target ?? '', verdict(row)];
}
