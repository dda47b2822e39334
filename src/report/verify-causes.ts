import { type Finding, verdicts } from '../model/index.ts';
import { flow } from './columns.ts';
import { count, printable } from './printable.ts';
import type { Style } from './style.ts';
import { pairText } from './verify-words.ts';

/** A finding with a cause of its own, and those that end with it. `cause` null: what they follow from has no finding itself. */
export interface Cause {
  readonly cause: Finding | null;
  /** As the findings say it: `a → b`, a membership. */
  readonly under: string;
  readonly consequences: readonly Finding[];
}

/** Findings by what they follow from, the worst first. */
export function byCause(findings: readonly Finding[]): readonly Cause[] {
  const rank = ({ verdict }: Finding): number => verdicts.indexOf(verdict);
  const ordered = findings.toSorted((a, b) => rank(a) - rank(b));
  const roots = ordered.filter(({ under }) => under === undefined);
  const groups = Map.groupBy(
    ordered.filter(({ under }) => under !== undefined),
    ({ instance, from, under = '' }) => JSON.stringify([instance, from, under]),
  );
  const taken = new Map<Finding, Finding[]>();
  const alone: Cause[] = [];
  for (const consequences of groups.values()) {
    const [first] = consequences;
    if (first === undefined) continue;
    const { instance, from, under = '' } = first;
    const home = roots.find((one) => one.instance === instance && one.from === from && `${one.statement}\n${one.answer}`.includes(under));
    if (home === undefined) alone.push({ cause: null, under, consequences });
    else taken.set(home, [...(taken.get(home) ?? []), ...consequences]);
  }
  const causes = roots.map((cause): Cause => ({ cause, under: '', consequences: taken.get(cause) ?? [] }));
  const worst = ({ cause, consequences }: Cause): number => Math.min(...[...(cause ? [cause] : []), ...consequences].map(rank));
  return [...causes, ...alone].sort((a, b) => worst(a) - worst(b));
}

/** Each consequence shortly: its verdict, the pair, and the probes that say so. */
export function consequenceLines(consequences: readonly Finding[], style: Style): readonly string[] {
  if (consequences.length === 0) return [];
  const groups = Map.groupBy(consequences, ({ verdict, from, to }) => JSON.stringify([verdict, from, to]));
  const lines = [...groups.values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const probes = [...new Set([first, ...more].map(({ probe }) => printable(probe)))].join(', ');
    return flow(
      [{ text: first.verdict, paint: style.warn }, { text: pairText(first) }, { text: probes, paint: style.dim }],
      5,
      style.width,
    );
  });
  return [
    `   ${style.dim(`${count(consequences.length, 'more finding')} ${consequences.length === 1 ? 'follows' : 'follow'} from it:`)}`,
    ...lines,
  ];
}
