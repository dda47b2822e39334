import { type Cell, type Sparse, type Verdict, verdicts } from './finding.ts';

export function worse(a: Verdict, b: Verdict): Verdict {
  return verdicts.indexOf(a) <= verdicts.indexOf(b) ? a : b;
}

export function isClosed({ verdict }: Pick<Cell, 'verdict'>): boolean {
  return verdict === 'BLOCKED' || verdict === 'RESIDUAL';
}

export interface PairCounts {
  readonly pairs: number;
  /** Tried and refused. */
  readonly tried: number;
  /** Closed by analysis only. */
  readonly analysed: number;
  readonly declared: number;
  readonly bad: number;
}

/** The pairs of one instance, whether each has its cell or only those of which there is something to say. */
export class Matrix {
  readonly apps: readonly string[];
  readonly cells: readonly Cell[];
  readonly #sparse: Sparse | null;
  readonly #at: ReadonlyMap<string, Cell>;
  /** Where each app lives. */
  readonly #homes = new Map<string, string[]>();

  constructor(cells: readonly Cell[], sparse: Sparse | null) {
    this.cells = cells;
    this.#sparse = sparse;
    this.#at = new Map(cells.map((cell) => [key(cell.from, cell.to), cell]));
    for (const [place, apps] of Object.entries(sparse?.places ?? {})) {
      for (const app of apps) this.#homes.set(app, [...(this.#homes.get(app) ?? []), place]);
    }
    this.apps = sparse?.apps ?? [...new Set(cells.flatMap(({ from, to }) => [from, to]).filter((app) => app !== null))];
  }

  /** undefined: no such pair. */
  of(from: string, to: string): Pick<Cell, 'verdict' | 'attempts' | 'declared'> | undefined {
    const own = this.#at.get(key(from, to));
    if (this.#sparse === null) return own;
    if (from === to || !this.#asked(from, to)) return undefined;
    const places = (this.#homes.get(to) ?? []).map((place) => this.#at.get(key(from, place)));
    const all = [own, this.#at.get(key(from, null)), this.#at.get(key(null, to)), ...places];
    const verdict = all.reduce((worst, cell) => worse(worst, cell?.verdict ?? 'BLOCKED'), this.#sparse.verdict);
    return { verdict, attempts: own?.attempts ?? 0, declared: own?.declared ?? false };
  }

  /** Without a look at each pair: the rows and columns that are open as a whole count by their length. */
  counts(): PairCounts {
    if (this.#sparse === null) return counted(this.cells);
    const { apps, verdict } = this.#sparse;
    const places = new Map(Object.entries(this.#sparse.places));
    const known = new Set(apps);
    const columns = this.cells.filter(({ from, to, ...cell }) => from === null && to !== null && !isClosed(cell)).map(({ to }) => to);
    const named = Map.groupBy(
      this.cells.filter(({ from, to }) => from !== null && to !== null),
      ({ from }) => from,
    );
    const sums = { pairs: 0, tried: 0, analysed: 0, declared: 0, bad: 0 };
    for (const from of apps) {
      const pairs = this.#width(from);
      const own = (named.get(from) ?? []).map(({ to }) => this.of(from, to ?? '')).filter((cell) => cell !== undefined);
      const row = this.#at.get(key(from, null));
      const whole = !isClosed({ verdict }) || (row !== undefined && !isClosed(row));
      const open = new Set(columns.filter((to) => to !== null && to !== from && this.#asked(from, to)));
      for (const { to, ...cell } of whole ? [] : (named.get(from) ?? [])) {
        const reached = [to, ...(places.get(to ?? '') ?? [])].filter((one) => one !== null && known.has(one) && one !== from);
        if (!isClosed(cell)) for (const one of reached) if (this.#asked(from, one ?? '')) open.add(one);
      }
      const bad = whole ? pairs : open.size;
      const closed = own.filter((cell) => isClosed(cell));
      const declared = closed.filter((cell) => cell.declared).length;
      const tried = closed.filter((cell) => !cell.declared && cell.attempts > 0).length;
      sums.pairs += pairs;
      sums.bad += bad;
      sums.declared += declared;
      sums.tried += tried;
      sums.analysed += pairs - bad - declared - tried;
    }
    return sums;
  }

  #asked(from: string, to: string): boolean {
    const only = this.#sparse?.only ?? null;
    return only === null || only.includes(from) || only.includes(to);
  }

  #width(from: string): number {
    const { apps, only } = this.#sparse ?? { apps: [], only: null };
    if (only === null || only.includes(from)) return apps.length - 1;
    return only.filter((one) => apps.includes(one)).length;
  }
}

function counted(cells: readonly Cell[]): PairCounts {
  const closed = cells.filter((cell) => isClosed(cell));
  const declared = closed.filter((cell) => cell.declared).length;
  const tried = closed.filter((cell) => !cell.declared && cell.attempts > 0).length;
  return { pairs: cells.length, tried, analysed: closed.length - declared - tried, declared, bad: cells.length - closed.length };
}

function key(from: string | null, to: string | null): string {
  return JSON.stringify([from, to]);
}
