import type { Analysis, Attempt, ProbeInfo, Verifier } from '../engine/index.ts';
import type { Cell, Diagnostic, Finding, Residual, Sparse, Tries } from '../model/index.ts';
import { unlessAborted } from '../util/abort.ts';
import { cellsOf } from './cells.ts';
import { combine, disagreements, judgeAttempt } from './judge.ts';
import { coveringPairs } from './pairs.ts';
import { absent, brokenHalf, diagnosticsOf, unread, untried } from './unproven.ts';

export interface VerifyOptions {
  readonly seed: number;
  /** Every pair gets connections of its own. */
  readonly exhaustive: boolean;
  readonly destructive: boolean;
  /** Only attacks by and on these apps. */
  readonly apps?: readonly string[];
}

/** What is proved, and how. */
export interface Subject {
  readonly instance: string;
  readonly verifier: Verifier;
  readonly probes: readonly ProbeInfo[];
  /** Apps and readers that the manifest has here. */
  readonly expected: readonly string[];
  readonly signal: AbortSignal;
  /** Told whenever another attacker begins: how many have begun, of how many. */
  progress?(begun: number, all: number): void;
}

/** The proof of one instance. */
export interface InstanceProof {
  readonly cells: readonly Cell[];
  readonly sparse: Sparse | null;
  readonly findings: readonly Finding[];
  readonly residual: readonly Residual[];
  readonly attempts: number;
  readonly blocked: number;
  readonly controls: number;
  readonly tries: Tries;
  readonly analysed: number;
  /** Why a half did not come to its end. */
  readonly diagnostics: readonly Diagnostic[];
}

interface Half<T> {
  readonly value: T;
  readonly findings: readonly Finding[];
  readonly diagnostics: readonly Diagnostic[];
}

const NOTHING: Analysis = { findings: [], declared: [], residual: [], analysed: 0 };

/** Both halves, and what they come to together. A half that fails leaves the other one standing. */
export async function verifyInstance(subject: Subject, options: VerifyOptions): Promise<InstanceProof> {
  const { instance, verifier, expected } = subject;
  const byId = new Map(subject.probes.map((probe) => [probe.id, probe]));
  const apps = [...new Set([...verifier.apps, ...expected])];
  const pairs = coveringPairs(verifier.apps, options.seed, options.exhaustive, options.apps);
  // It only reads: nobody waits for it where it is not wanted any more.
  const analysis = await unlessAborted(analyse(subject), subject.signal);
  subject.signal.throwIfAborted();
  const attack = await attackAll(subject, pairs, options.destructive);
  const complete = analysis.diagnostics.length + attack.diagnostics.length === 0;
  const found = attack.value.map((attempt) => judgeAttempt(attempt, byId.get(attempt.probe), instance)).filter((one) => one !== null);
  const other = [
    ...found,
    ...attack.findings,
    ...absent(expected, verifier.apps, instance),
    ...(analysis.diagnostics.length === 0 && apps.length > 0 ? unread(analysis.value.analysed, instance) : []),
    // Half a proof compares with nothing.
    ...(complete ? disagreements(analysis.value.findings, attack.value, byId, instance) : []),
    ...(attack.diagnostics.length === 0 ? untried(pairs, attack.value, instance) : []),
  ];
  const { declared, residual, analysed, places = new Map() } = analysis.value;
  const all = [...analysis.findings, ...other];
  const floor = complete ? 'BLOCKED' : 'UNPROVEN';
  const { apps: only } = options;
  const { cells, sparse } = cellsOf({ instance, apps, findings: all, attempts: attack.value, declared, places, floor, only });
  const combined = combine(analysis.findings, other).filter((finding) => only === undefined || concerns(finding, only));
  const tries = attack.value.filter((attempt) => !attempt.control);
  return {
    cells,
    sparse,
    findings: combined.filter(({ verdict }) => verdict !== 'RESIDUAL'),
    residual: distinct([...residual, ...combined.filter(({ verdict }) => verdict === 'RESIDUAL').map(asResidual)]),
    attempts: tries.length,
    blocked: tries.filter((attempt) => attempt.outcome === 'denied').length,
    controls: attack.value.length - tries.length,
    tries: triesOf(tries, byId, instance),
    analysed,
    // What keeps both halves from beginning is said once.
    diagnostics: [...new Map([...analysis.diagnostics, ...attack.diagnostics].map((one) => [one.code + one.message, one])).values()],
  };
}

function triesOf(tries: readonly Attempt[], probes: ReadonlyMap<string, ProbeInfo>, instance: string): Tries {
  const verdicts = tries.map((attempt) => judgeAttempt(attempt, probes.get(attempt.probe), instance)?.verdict ?? null);
  const asItShould = (declared: boolean): number => tries.filter((one, i) => verdicts[i] === null && one.declared === declared).length;
  const residual = verdicts.filter((verdict) => verdict === 'RESIDUAL').length;
  const unproven = verdicts.filter((verdict) => verdict === 'UNPROVEN').length;
  const [refused, declared] = [asItShould(false), asItShould(true)];
  return { refused, declared, residual, unproven, found: tries.length - refused - declared - residual - unproven };
}

async function analyse({ verifier, instance }: Subject): Promise<Half<Analysis>> {
  try {
    const value = await verifier.analyse();
    return { value, findings: value.findings, diagnostics: [] };
  } catch (error) {
    return { value: NOTHING, findings: brokenHalf(error, instance, 'analysis'), diagnostics: diagnosticsOf(error) };
  }
}

async function attackAll(
  { verifier, instance, signal, ...subject }: Subject,
  pairs: ReadonlyMap<string, readonly string[]>,
  destructive: boolean,
): Promise<Half<readonly Attempt[]>> {
  const value: Attempt[] = [];
  const begun = new Set<string>();
  try {
    for await (const attempt of verifier.attack({ pairs, destructive, signal })) {
      signal.throwIfAborted();
      value.push(attempt);
      if (begun.has(attempt.from) || !pairs.has(attempt.from)) continue;
      begun.add(attempt.from);
      subject.progress?.(begun.size, pairs.size);
    }
    return { value, findings: [], diagnostics: [] };
  } catch (error) {
    return { value, findings: brokenHalf(error, instance, 'attack'), diagnostics: diagnosticsOf(error) };
  }
}

/** Findings without an attacker or without a victim concern everybody. */
function concerns({ from, to }: Finding, apps: readonly string[]): boolean {
  return from === null || to === null || apps.includes(from) || apps.includes(to);
}

function asResidual({ probe, instance, statement, why }: Finding): Residual {
  return { probe, instance, what: why === '' ? statement : why, seen: true };
}

/** What is so for every app alike is said once. */
function distinct(residual: readonly Residual[]): readonly Residual[] {
  return [...new Map(residual.map((one) => [JSON.stringify([one.probe, one.what]), one])).values()];
}
