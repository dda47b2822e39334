import type { Analysis, Attempt } from '../engine/index.ts';
import type { Cell, Finding, Verdict } from '../model/index.ts';
import { worse } from './judge.ts';

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
}

/**
 * The matrix: every app against every other, with the worst that was found. What any login can do to an app stands in
 * every row, what an app can do to the server in its whole row, and what it can do to a shared place in the cells of all
 * who live there. An app that could not be proved against itself (a login or a control that failed) proves nothing in its row.
 */
export function cellsOf({ instance, apps, findings, attempts, declared, places = new Map(), floor }: CellInput): readonly Cell[] {
  const worst = new Map<string, Verdict>();
  for (const { from, to, verdict } of findings) {
    for (const reached of [to, ...(to === null ? [] : (places.get(to) ?? []))]) {
      const at = pair(from, reached);
      worst.set(at, worse(verdict, worst.get(at) ?? 'BLOCKED'));
    }
  }
  const count = new Map<string, number>();
  for (const { from, to, control } of attempts) {
    if (!control && to !== null) count.set(pair(from, to), (count.get(pair(from, to)) ?? 0) + 1);
  }
  const open = new Set(declared.map(({ from, to }) => pair(from, to)));
  const cell = (from: string, to: string): Cell => {
    const own: Verdict = worst.get(pair(from, from)) === 'UNPROVEN' ? 'UNPROVEN' : 'BLOCKED';
    const verdict = [pair(from, to), pair(null, to), pair(from, null)]
      .map((at) => worst.get(at) ?? 'BLOCKED')
      .reduce(worse, worse(floor, own));
    return { instance, from, to, verdict, attempts: count.get(pair(from, to)) ?? 0, declared: open.has(pair(from, to)) };
  };
  return apps.flatMap((from) => apps.filter((to) => to !== from).map((to) => cell(from, to)));
}

function pair(from: string | null, to: string | null): string {
  return JSON.stringify([from, to]);
}
