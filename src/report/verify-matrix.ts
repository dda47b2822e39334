import { type Finding, isClosed, type Matrix, type Verdict, verdicts, worse } from '../model/index.ts';
import { widthOf } from '../util/width.ts';
import { flow, packed, prose } from './columns.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { type Cell as TableCell, type Column, table } from './table.ts';
import { pairsText, verdictMeaning } from './verify-words.ts';

/** Apps up to which the matrix is shown whole, and rows and columns that are shown of a larger one. */
const fullMatrix = 12;
/** Columns of the screen that names may take; numbers stand for them beyond it. */
const nameWidth = 100;
/** Columns of the screen that a number takes, with what parts it from the next. */
const numberWidth = 4;

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
  const grid = new Grid(matrix, findings, style.width);
  const name = printable(instance);
  const title = style.bold(`${name} (row: attacker, column: target)`);
  const pairs = matrix.apps.length === 0 ? '' : prose(`${pairsText(matrix)}.`, 0, style);
  if (grid.rows.length === 0) return [style.bold(name), pairs].filter((part) => part !== '').join('\n');
  const left = grid.leftOut();
  return [title, ...gridLines(grid, style), ...(left === '' ? [] : [style.dim(prose(left, 0, style))]), pairs]
    .filter((line) => line !== '')
    .join('\n');
}

function gridLines(grid: Grid, style: Style): readonly string[] {
  const { rows, columns } = grid;
  const names = columns.map((column) => labelOf(column, server));
  const room = Math.min(nameWidth, style.width - widest(rows.map((row) => labelOf(row, others))));
  const byName = names.reduce((sum, name) => sum + widthOf(name) + 2, 0) <= room;
  const heads: readonly Column[] = [{ title: '' }, ...names.map((name, i) => ({ title: byName ? name : String(i + 1) }))];
  const used = new Set<Mark>();
  const lines = rows.map((from): readonly TableCell[] => [
    { text: labelOf(from, others), paint: style.bold },
    ...columns.map((to) => {
      const mark = grid.mark(from, to);
      used.add(mark);
      return { text: symbols[mark], paint: paintOf(mark, style) };
    }),
  ]);
  const legend = meanings.filter(([mark]) => used.has(mark)).map(([mark, meaning]) => `${symbols[mark]} ${meaning}`);
  return [
    table(heads, lines, { width: Infinity, dim: style.dim }).replace(/ +$/gm, ''),
    ...(byName ? [] : [style.dim(flow([{ text: `columns: ${names.map((name, i) => `${i + 1} ${name}`).join(', ')}` }], 0, style.width))]),
    style.dim(packed(legend, style)),
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

/** What stands for everybody who is no app, and for everything that is none. */
const [others, server] = ['(others)', '(server)'];

function labelOf(line: Line, other: string): string {
  return line === null ? other : printable(line);
}

function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, widthOf(text)), 0);
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

  constructor(matrix: Matrix, findings: readonly Finding[], width: number) {
    const { apps } = matrix;
    this.#matrix = matrix;
    const known = new Set(apps);
    for (const { from, to, verdict } of findings) {
      const row = from !== null && known.has(from) ? from : null;
      const column = to !== null && known.has(to) ? to : null;
      if (row !== null && column !== null) continue;
      const at = key(row, column);
      const before = this.#aside.get(at)?.verdict ?? 'BLOCKED';
      this.#aside.set(at, { row, column, verdict: worse(verdict, before) });
    }
    const aside = [...this.#aside.values()];
    const bad = matrix.cells.filter((cell) => !isClosed(cell));
    const isWhole = apps.length <= fullMatrix;
    const reaching = worstOf([
      ...bad.map(({ from, verdict }) => [from, verdict] as const),
      ...aside.map(({ row, verdict }) => [row, verdict] as const),
    ]);
    const reached = worstOf([
      ...bad.map(({ to, verdict }) => [to, verdict] as const),
      ...aside.map(({ column, verdict }) => [column, verdict] as const),
    ]);
    const rows = chosen(apps, reaching, isWhole, fullMatrix);
    const room = Math.floor((width - widest([...rows.map((row) => labelOf(row, others)), others]) - numberWidth) / numberWidth);
    const columns = chosen(apps, reached, isWhole, Math.min(fullMatrix, Math.max(1, room)));
    this.rows = [...rows, ...(aside.some(({ row }) => row === null) ? [null] : [])];
    this.columns = [...columns, ...(aside.some(({ column }) => column === null) ? [null] : [])];
    const all = (worst: ReadonlyMap<Line, Verdict>): number => (isWhole ? apps.length : apps.filter((app) => worst.has(app)).length);
    this.#hidden = { rows: all(reaching) - rows.length, columns: all(reached) - columns.length };
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
    const what = clean === '' ? 'are omitted, none of them worse' : 'with findings are omitted too, none of them worse';
    return [clean, more.length === 0 ? '' : `${more.join(' and ')} ${what}.`].filter((part) => part !== '').join(' ');
  }
}

/** The worst of each app. */
function worstOf(said: readonly (readonly [Line, Verdict])[]): ReadonlyMap<Line, Verdict> {
  const worst = new Map<Line, Verdict>();
  for (const [line, verdict] of said) worst.set(line, worse(verdict, worst.get(line) ?? 'BLOCKED'));
  return worst;
}

/** As many as there is room for: in their order where all of them fit, else the worst first. */
function chosen(apps: readonly string[], worst: ReadonlyMap<Line, Verdict>, whole: boolean, room: number): readonly string[] {
  const asked = whole ? apps : apps.filter((app) => worst.has(app));
  if (whole && asked.length <= room) return asked;
  const rank = (app: string): number => verdicts.indexOf(worst.get(app) ?? 'BLOCKED');
  return asked.toSorted((a, b) => rank(a) - rank(b)).slice(0, room);
}

function key(from: Line, to: Line): string {
  return JSON.stringify([from, to]);
}
