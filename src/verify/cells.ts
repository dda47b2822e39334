import type { Analysis, Attempt } from '../engine/index.ts';
import { type Cell, type Finding, type Sparse, type Verdict, worse } from '../model/index.ts';
import { append } from '../util/append.ts';

/** Apps up to which every pair has its cell, unless something else is said. */
const WHOLE = 50;

export interface CellInput {
  readonly instance: string;
  readonly apps: readonly string[];
  /** Before findings of both halves were put together. */
  readonly findings: readonly Finding[];
  readonly attempts: readonly Attempt[];
  readonly declared: Analysis['declared'];
  readonly places?: NonNullable<Analysis['places']>;
  /** The least that every cell says. */
  readonly floor: Verdict;
  /** Only pairs with these apps. */
  readonly only?: readonly string[] | undefined;
  readonly whole?: number;
}

export interface Cells {
  readonly cells: readonly Cell[];
  /** null: every pair has its cell. */
  readonly sparse: Sparse | null;
}

/**
 * The matrix: every app against every other, with the worst that was found. What any login can do to an app stands in
 * every row, what an app can do to the server in its whole row, and what it can do to a shared place in the cells of all
 * who live there. An app that could not be proved against itself (a login or a control that failed) proves nothing in its row.
 * Of many apps only the pairs of which there is something to say have a cell: pairs grow with the square of the apps.
 */
export function cellsOf(input: CellInput): Cells {
  const { instance, apps, declared, floor, only } = input;
  const whole = apps.length <= (input.whole ?? WHOLE);
  const worst = worstOf(input, whole);
  const count = new Map<string, number>();
  for (const { from, to, control } of input.attempts) {
    if (!control && to !== null) count.set(pair(from, to), (count.get(pair(from, to)) ?? 0) + 1);
  }
  const open = new Set(declared.map(({ from, to }) => pair(from, to)));
  const cell = (from: string | null, to: string | null, verdict: Verdict): Cell => {
    const at = pair(from, to);
    return { instance, from, to, verdict, attempts: count.get(at) ?? 0, declared: open.has(at) };
  };
  const isAsked = (from: string | null, to: string | null): boolean =>
    only === undefined || [from, to].some((one) => one !== null && only.includes(one));
  const said = (from: string | null, to: string | null): Verdict => worst.get(pair(from, to)) ?? 'BLOCKED';
  const homes = new Map<string, string[]>();
  for (const [place, lives] of input.places ?? []) for (const app of lives) append(homes, app, place);
  const row = (from: string): Verdict => {
    const self = [from, ...(homes.get(from) ?? [])].map((to) => said(from, to)).reduce(worse);
    return worse(said(from, null), self === 'UNPROVEN' ? 'UNPROVEN' : 'BLOCKED');
  };
  if (whole) {
    const pairs = apps.flatMap((from) => apps.filter((to) => to !== from && isAsked(from, to)).map((to) => [from, to] as const));
    const verdict = (from: string, to: string): Verdict => [said(from, to), said(null, to), row(from)].reduce(worse, floor);
    return { cells: pairs.map(([from, to]) => cell(from, to, verdict(from, to))), sparse: null };
  }
  const places = new Map(
    [...(input.places ?? [])].filter(([place]) => input.findings.some(({ from, to }) => from !== null && to === place)),
  );
  const known = new Set([...apps, ...places.keys()]);
  const named = [...input.findings, ...input.attempts.filter(({ control }) => !control), ...declared];
  const own = [...new Map(named.map(({ from, to }) => [pair(from, to), { from, to }])).values()]
    .filter(({ from, to }) => from !== null && to !== null && known.has(from) && known.has(to))
    .filter(({ from, to }) => places.has(to ?? '') || (from !== to && isAsked(from, to)))
    .map(({ from, to }) => cell(from, to, said(from, to)));
  const rows = apps.filter((from) => row(from) !== 'BLOCKED').map((from) => cell(from, null, row(from)));
  const columns = apps.filter((to) => said(null, to) !== 'BLOCKED').map((to) => cell(null, to, said(null, to)));
  return {
    cells: [...rows, ...columns, ...own],
    sparse: { instance, apps, places: Object.fromEntries(places), verdict: floor, only: only ?? null },
  };
}

/** The worst of each pair; null: of everybody, of the server. `whole`: what one app can do to a place stands in the pairs with all who live there. */
function worstOf({ findings, places = new Map() }: CellInput, whole: boolean): ReadonlyMap<string, Verdict> {
  const worst = new Map<string, Verdict>();
  for (const { from, to, verdict } of findings) {
    for (const reached of [to, ...(to === null || (from !== null && !whole) ? [] : (places.get(to) ?? []))]) {
      const at = pair(from, reached);
      worst.set(at, worse(verdict, worst.get(at) ?? 'BLOCKED'));
    }
  }
  return worst;
}

function pair(from: string | null, to: string | null): string {
  return JSON.stringify([from, to]);
}
