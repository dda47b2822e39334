import { type Finding, isClosed, type Matrix, type Verdict, verdicts } from '../model/index.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { type Cell as TableCell, type Column, table } from './table.ts';
import { pairsText, verdictMeaning } from './verify-words.ts';

/** Apps up to which the matrix is shown whole, and rows and columns that are shown of a larger one. */
const fullMatrix = 12;
/** Columns of the screen that names may take; numbers stand for them beyond it. */
const nameWidth = 100;

type Mark = 'none' | 'closed' | 'tried' | 'declared' | 'self' | Exclude<Verdict, 'BLOCKED' | 'RESIDUAL'>;

const symbols: Record<Mark, string> = {
  none: '',
  self: '-',
  closed: '·',
  tried: '✔',
  declared: 'o',
  BREACH: 'B',
  UNPROVEN: 'U',
  LATENT: 'T',
  LEAK: 'L',
  STARVE: 'S',
};

const meanings: readonly (readonly [Mark, string])[] = [
  ['tried', 'attempted and refused'],
  ['closed', 'closed, by analysis only'],
  ['declared', 'open, as declared'],
  ['BREACH', `BREACH: ${verdictMeaning.BREACH}`],
  ['UNPROVEN', `UNPROVEN: ${verdictMeaning.UNPROVEN}`],
  ['LATENT', `LATENT: ${verdictMeaning.LATENT}`],
  ['LEAK', `LEAK: ${verdictMeaning.LEAK}`],
  ['STARVE', `STARVE: ${verdictMeaning.STARVE}`],
];

/** One instance: a row attacks, a column is attacked. Of many apps only those with findings are shown. '' where there is no pair and no finding. */
export function matrixText(instance: string, matrix: Matrix, findings: readonly Finding[], style: Style): string {
  if (matrix.apps.length === 0 && findings.length === 0) return '';
  const grid = new Grid(matrix, findings);
  const title = style.bold(`${printable(instance)} (row: attacker, column: target)`);
  const pairs = matrix.apps.length === 0 ? '' : `${pairsText(matrix)}.`;
  if (grid.rows.length === 0) return [title, pairs].filter((part) => part !== '').join('\n');
  const left = grid.leftOut();
  return [title, ...gridLines(grid, style), ...(left === '' ? [] : [style.dim(left)]), pairs].filter((line) => line !== '').join('\n');
}

function gridLines(grid: Grid, style: Style): readonly string[] {
  const { rows, columns } = grid;
  const names = columns.map((column) => labelOf(column, '(server)'));
  const byName = names.reduce((sum, name) => sum + name.length + 2, 0) <= nameWidth;
  const heads: readonly Column[] = [{ title: '' }, ...names.map((name, i) => ({ title: byName ? name : String(i + 1) }))];
  const used = new Set<Mark>();
  const lines = rows.map((from): readonly TableCell[] => [
    { text: labelOf(from, '(others)'), paint: style.bold },
    ...columns.map((to) => {
      const mark = grid.mark(from, to);
      used.add(mark);
      return { text: symbols[mark], paint: paintOf(mark, style) };
    }),
  ]);
  const legend = meanings.filter(([mark]) => used.has(mark)).map(([mark, meaning]) => `${symbols[mark]} ${meaning}`);
  return [
    table(heads, lines, style.dim).replace(/ +$/gm, ''),
    ...(byName ? [] : [style.dim(`columns: ${names.map((name, i) => `${i + 1} ${name}`).join(', ')}`)]),
    style.dim(legend.join('   ')),
  ];
}

function paintOf(mark: Mark, style: Style): (text: string) => string {
  if (mark === 'BREACH' || mark === 'UNPROVEN') return style.bad;
  if (mark === 'LATENT' || mark === 'LEAK' || mark === 'STARVE') return style.warn;
  if (mark === 'declared') return style.info;
  return mark === 'tried' ? style.good : style.dim;
}

/** An app; null: as a row every other login, as a column the server and everything that is no app. */
type Line = string | null;

function labelOf(line: Line, other: string): string {
  return line === null ? other : printable(line);
}

interface Aside {
  readonly row: Line;
  readonly column: Line;
  readonly verdict: Verdict;
}

class Grid {
  readonly rows: readonly Line[];
  readonly columns: readonly Line[];
  readonly #matrix: Matrix;
  /** Findings that are about no pair of apps. */
  readonly #aside = new Map<string, Aside>();
  readonly #hidden: { readonly rows: number; readonly columns: number };

  constructor(matrix: Matrix, findings: readonly Finding[]) {
    const { apps } = matrix;
    this.#matrix = matrix;
    const known = new Set(apps);
    for (const { from, to, verdict } of findings) {
      const row = from !== null && known.has(from) ? from : null;
      const column = to !== null && known.has(to) ? to : null;
      if (row !== null && column !== null) continue;
      const at = key(row, column);
      const before = this.#aside.get(at)?.verdict ?? 'BLOCKED';
      const worst = verdicts.indexOf(verdict) < verdicts.indexOf(before) ? verdict : before;
      this.#aside.set(at, { row, column, verdict: worst });
    }
    const whole = apps.length <= fullMatrix;
    const bad = matrix.cells.filter((cell) => !isClosed(cell));
    const [reaching, reached] = [new Set(bad.map(({ from }) => from)), new Set(bad.map(({ to }) => to))];
    const rows = whole ? apps : apps.filter((app) => reaching.has(app) || this.#aside.has(key(app, null)));
    const columns = whole ? apps : apps.filter((app) => reached.has(app) || this.#aside.has(key(null, app)));
    const aside = [...this.#aside.values()];
    this.rows = [...rows.slice(0, fullMatrix), ...(aside.some(({ row }) => row === null) ? [null] : [])];
    this.columns = [...columns.slice(0, fullMatrix), ...(aside.some(({ column }) => column === null) ? [null] : [])];
    this.#hidden = { rows: Math.max(0, rows.length - fullMatrix), columns: Math.max(0, columns.length - fullMatrix) };
  }

  mark(from: Line, to: Line): Mark {
    if (from !== null && from === to) return 'self';
    const cell = from === null || to === null ? undefined : this.#matrix.of(from, to);
    const verdict = cell?.verdict ?? this.#aside.get(key(from, to))?.verdict ?? 'BLOCKED';
    if (verdict !== 'BLOCKED' && verdict !== 'RESIDUAL') return verdict;
    if (cell === undefined) return 'none';
    if (cell.declared) return 'declared';
    return cell.attempts > 0 ? 'tried' : 'closed';
  }

  /** What a matrix that is not whole does not show. */
  leftOut(): string {
    const { rows, columns } = this.#hidden;
    const more = [rows > 0 ? `${rows} more rows` : '', columns > 0 ? `${columns} more columns` : ''].filter((part) => part !== '');
    const clean =
      this.#matrix.apps.length <= fullMatrix ? '' : `Apps without findings are omitted (${this.#matrix.apps.length} apps in total).`;
    return [clean, more.length === 0 ? '' : `${more.join(' and ')} with findings are omitted too.`].filter((part) => part !== '').join(' ');
  }
}

function key(from: Line, to: Line): string {
  return JSON.stringify([from, to]);
}
