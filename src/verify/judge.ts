import type { Analysis, Attempt, ProbeInfo } from '../engine/index.ts';
import type { Cell, Finding, Verdict } from '../model/index.ts';

const ORDER: readonly Verdict[] = ['BREACH', 'UNPROVEN', 'LEAK', 'STARVE', 'RESIDUAL', 'BLOCKED'];

export function worse(a: Verdict, b: Verdict): Verdict {
  return ORDER.indexOf(a) <= ORDER.indexOf(b) ? a : b;
}

/** What an attempt comes to; null: as it should be. */
export function judgeAttempt(attempt: Attempt, probe: ProbeInfo | undefined, instance: string): Finding | null {
  const { from, to, statement, fix } = attempt;
  const base = { probe: attempt.probe, half: 'attack' as const, instance, from, to, statement, answer: attempt.answer, fix };
  if (attempt.control) {
    if (attempt.outcome === 'succeeded') return null;
    return { ...base, verdict: 'UNPROVEN', why: `the same statement against the app's own resource did not succeed (${attempt.code}), so its refusal elsewhere proves nothing` };
  }
  if (attempt.outcome === 'broken') return { ...base, verdict: 'UNPROVEN', why: `the server answered neither yes nor no (${attempt.code || 'no code'})` };
  if (attempt.declared) {
    return attempt.outcome === 'succeeded' ? null : { ...base, verdict: 'UNPROVEN', why: 'the manifest opens this on purpose, and it does not work' };
  }
  return attempt.outcome === 'denied' ? null : { ...base, verdict: probe?.verdict ?? 'BREACH', why: probe?.why ?? '' };
}

/** Both halves speak of the same pairs: where only one of them says open, that is a finding of its own. */
export function disagreements(analysis: Analysis, attempts: readonly Attempt[], probes: ReadonlyMap<string, ProbeInfo>, instance: string): readonly Finding[] {
  const open = new Set(analysis.findings.map((finding) => key(finding.probe, finding.from, finding.to)));
  const says = (attempt: Attempt): boolean => [attempt.from, null].some((from) => [attempt.to, null].some((to) => open.has(key(attempt.probe, from, to))));
  const out: Finding[] = [];
  const tried = new Map<string, Attempt[]>();
  for (const attempt of attempts) {
    if (attempt.control || attempt.declared || attempt.outcome === 'broken' || probes.get(attempt.probe)?.half !== 'both') continue;
    const at = key(attempt.probe, attempt.from, attempt.to);
    tried.set(at, [...(tried.get(at) ?? []), attempt]);
  }
  for (const group of tried.values()) {
    const [first] = group;
    if (!first) continue;
    const reached = group.some((attempt) => attempt.outcome === 'succeeded');
    if (reached === says(first)) continue;
    const why = reached ? 'the attack got through, and the catalogs say that it cannot' : 'the catalogs say that this is open, and the attack was refused';
    const { probe, from, to, statement, answer } = group.find((attempt) => (attempt.outcome === 'succeeded') === reached) ?? first;
    out.push({ probe, verdict: 'UNPROVEN', half: 'disagreement', instance, from, to, statement, answer, why, fix: [] });
  }
  return out;
}

function key(probe: string, from: string | null, to: string | null): string {
  return JSON.stringify([probe, from, to]);
}

/** Findings of both halves on the same thing become one. */
export function combine(analysis: readonly Finding[], attack: readonly Finding[]): readonly Finding[] {
  const all = new Map<string, Finding>();
  for (const finding of [...analysis, ...attack]) {
    const at = key(finding.probe, finding.from, finding.to) + finding.verdict + (finding.half === 'disagreement' ? '!' : '');
    const known = all.get(at);
    if (!known) all.set(at, finding);
    else if (known.half !== finding.half) all.set(at, { ...known, half: 'both', answer: finding.answer || known.answer, fix: known.fix.length > 0 ? known.fix : finding.fix });
  }
  return [...all.values()].sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict) || compare(a.probe, b.probe) || compare(a.from, b.from) || compare(a.to, b.to));
}

function compare(a: string | null, b: string | null): number {
  return (a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0;
}

/** The matrix: every app against every other, with the worst that was found. */
export function cellsOf(apps: readonly string[], findings: readonly Finding[], attempts: readonly Attempt[], declared: Analysis['declared']): readonly Cell[] {
  const worst = new Map<string, Verdict>();
  for (const { from, to, verdict } of findings) {
    const at = JSON.stringify([from, to]);
    worst.set(at, worse(verdict, worst.get(at) ?? 'BLOCKED'));
  }
  const count = new Map<string, number>();
  for (const { from, to, control } of attempts) if (!control && to !== null) count.set(JSON.stringify([from, to]), (count.get(JSON.stringify([from, to])) ?? 0) + 1);
  const open = new Set(declared.map(({ from, to }) => JSON.stringify([from, to])));
  return apps.flatMap((from) =>
    apps
      .filter((to) => to !== from)
      .map((to) => {
        const verdict = [JSON.stringify([from, to]), JSON.stringify([null, to])].map((at) => worst.get(at) ?? 'BLOCKED').reduce(worse);
        return { from, to, verdict, attempts: count.get(JSON.stringify([from, to])) ?? 0, declared: open.has(JSON.stringify([from, to])) };
      }),
  );
}
