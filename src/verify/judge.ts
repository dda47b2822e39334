import { type Attempt, byHand, type ProbeInfo } from '../engine/index.ts';
import { type Finding, verdicts } from '../model/index.ts';

/** What an attempt comes to; null: as it should be. */
export function judgeAttempt(attempt: Attempt, probe: ProbeInfo | undefined, instance: string): Finding | null {
  const { from, to, statement, fix, outcome, code } = attempt;
  const base = { probe: attempt.probe, half: 'attack' as const, instance, from, to, statement, answer: attempt.answer, fix };
  const unproven = (why: string): Finding => ({ ...base, verdict: 'UNPROVEN', why });
  const said = code === '' ? 'no code' : code;
  if (attempt.control) {
    if (outcome === 'succeeded') return null;
    if (attempt.stuck?.accepted === true) return { ...base, verdict: 'RESIDUAL', why: attempt.stuck.why, fix: [] };
    return unproven(`the same statement did not succeed on the app's own resource either (${said}), so a refusal elsewhere proves nothing`);
  }
  if (outcome === 'broken') return unproven(`the server's answer is neither success nor refusal (${said})`);
  if (attempt.declared) {
    return outcome === 'succeeded' ? null : unproven('the manifest declares this as open, but it does not work');
  }
  if (outcome === 'denied') return null;
  if (attempt.stuck?.accepted === true) return { ...base, verdict: 'RESIDUAL', why: attempt.stuck.why, fix: [] };
  const alone = probe !== undefined && attempt.fix.length === 0 && !attempt.stuck;
  const why = alone ? byHand(probe.why, probe) : [probe?.why, attempt.stuck?.why].filter(Boolean).join(' ');
  return { ...base, verdict: probe?.verdict ?? 'BREACH', why };
}

/** Both halves speak of the same pairs: where only one of them says open, that is a finding of its own. */
export function disagreements(
  analysis: readonly Finding[],
  attempts: readonly Attempt[],
  probes: ReadonlyMap<string, ProbeInfo>,
  instance: string,
): readonly Finding[] {
  const open = new Set(analysis.map((finding) => key(finding.probe, finding.from, finding.to)));
  const says = ({ probe, from, to }: Attempt): boolean =>
    [from, null].some((who) => [to, null].some((whom) => open.has(key(probe, who, whom))));
  const compared = attempts.filter(
    ({ probe, control, declared, outcome }) => !control && !declared && outcome !== 'broken' && probes.get(probe)?.half === 'both',
  );
  const out: Finding[] = [];
  for (const group of Map.groupBy(compared, ({ probe, from, to }) => key(probe, from, to)).values()) {
    const [first] = group;
    if (!first) continue;
    const reached = group.some((attempt) => attempt.outcome === 'succeeded');
    if (reached === says(first)) continue;
    const why = reached
      ? 'the attack succeeded, but according to the catalogs it could not'
      : 'according to the catalogs this is open, but the attack was refused';
    const { probe, from, to, statement, answer } = group.find((attempt) => (attempt.outcome === 'succeeded') === reached) ?? first;
    out.push({ probe, verdict: 'UNPROVEN', half: 'disagreement', instance, from, to, statement, answer, why, fix: [] });
  }
  return out;
}

/**
 * Findings of both halves on the same thing become one: the catalog's words, the server's answer to the attack. What the
 * catalogs say of any login holds for each attacker. Facts that differ stay apart, statements of an attack do not: one that
 * came through is enough, and the one that says how to close it is the best. The worst first.
 */
export function combine(analysis: readonly Finding[], attack: readonly Finding[]): readonly Finding[] {
  const facts = groups(analysis);
  const causes = causesOf(analysis);
  const seen = groups(attack);
  const out: Finding[] = [];
  const confirmed = new Map<string, Finding[]>();
  for (const [at, tried] of seen) {
    const [first] = tried;
    if (!first) continue;
    const home = [at, groupKey({ ...first, from: null })].find((one) => facts.has(one));
    if (home === undefined) {
      const best = tried.find((one) => one.fix.length > 0) ?? first;
      const under = best.fix.length > 0 ? undefined : causes.get(first.from);
      out.push({ ...best, fix: unionOfFixes(tried), ...(under === undefined ? {} : { under }) });
    } else confirmed.set(home, [...(confirmed.get(home) ?? []), ...tried]);
  }
  for (const [at, known] of facts) out.push(...(confirmed.has(at) ? confirm(known, confirmed.get(at) ?? []) : known));
  return out.sort(
    (a, b) =>
      verdicts.indexOf(a.verdict) - verdicts.indexOf(b.verdict) ||
      compare(a.probe, b.probe) ||
      compare(a.from, b.from) ||
      compare(a.to, b.to) ||
      compare(a.statement, b.statement),
  );
}

/** What all consequences of one attacker follow from, where that is one thing: what only its attack saw does too. */
function causesOf(analysis: readonly Finding[]): ReadonlyMap<string | null, string> {
  const unders = Map.groupBy(
    analysis.filter(({ under }) => under !== undefined),
    ({ from }) => from,
  );
  return new Map(
    [...unders].flatMap(([from, some]) => {
      const [cause = '', ...more] = some.map(({ under = '' }) => under).sort((a, b) => a.length - b.length);
      return more.every((one) => one.startsWith(cause)) ? [[from, cause] as const] : [];
    }),
  );
}

function confirm(known: readonly Finding[], tried: readonly Finding[]): readonly Finding[] {
  const answer = tried.find((one) => one.answer !== '')?.answer;
  const missing = known.some((one) => one.fix.length > 0 || one.under !== undefined) ? [] : unionOfFixes(tried);
  return known.map((one, index) => ({
    ...one,
    half: 'both',
    answer: answer ?? one.answer,
    fix: index === 0 && missing.length > 0 ? missing : one.fix,
  }));
}

/** By what they are about; in a group, each statement once. */
function groups(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const all = new Map<string, Map<string, Finding>>();
  for (const finding of findings) {
    const at = groupKey(finding);
    const group = all.get(at) ?? new Map<string, Finding>();
    const same = group.get(finding.statement);
    group.set(finding.statement, same === undefined ? finding : { ...same, fix: unionOfFixes([same, finding]) });
    all.set(at, group);
  }
  return new Map([...all].map(([at, group]) => [at, [...group.values()]]));
}

function unionOfFixes(findings: readonly Finding[]): Finding['fix'] {
  const fixes = findings.flatMap((finding) => finding.fix);
  return [...new Map(fixes.map((fix) => [JSON.stringify([fix.lane, fix.statement.text]), fix])).values()];
}

function groupKey({ probe, from, to, verdict, half }: Finding): string {
  return JSON.stringify([probe, from, to, verdict, half === 'disagreement']);
}

function key(probe: string, from: string | null, to: string | null): string {
  return JSON.stringify([probe, from, to]);
}

function compare(a: string | null, b: string | null): number {
  return (a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0;
}
