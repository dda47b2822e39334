import type { Attempt, ProbeInfo, Verifier } from '../engine/index.ts';
import type { Cell, Finding, Residual } from '../model/index.ts';
import { cellsOf, combine, disagreements, judgeAttempt } from './judge.ts';
import { coveringPairs } from './pairs.ts';

export interface VerifyOptions {
  readonly seed: number;
  /** Every pair gets connections of its own. */
  readonly exhaustive: boolean;
  readonly destructive: boolean;
  /** Only attacks by and on this app. */
  readonly app?: string;
}

/** The proof of one instance. */
export interface InstanceProof {
  readonly cells: readonly Cell[];
  readonly findings: readonly Finding[];
  readonly residual: readonly Residual[];
  readonly attempts: number;
  readonly blocked: number;
  readonly controls: number;
  readonly analysed: number;
}

/** Both halves, and what they come to together. */
export async function verifyInstance(verifier: Verifier, probes: readonly ProbeInfo[], instance: string, options: VerifyOptions): Promise<InstanceProof> {
  const byId = new Map(probes.map((probe) => [probe.id, probe]));
  const pairs = coveringPairs(verifier.apps, options.seed, options.exhaustive, options.app);
  const analysis = await verifier.analyse();
  const attempts: Attempt[] = [];
  for await (const attempt of verifier.attack({ pairs, destructive: options.destructive })) attempts.push(attempt);
  const attack = attempts.map((attempt) => judgeAttempt(attempt, byId.get(attempt.probe), instance)).filter((finding) => finding !== null);
  const all = combine(analysis.findings, [...attack, ...disagreements(analysis, attempts, byId, instance)]);
  return {
    cells: cellsOf(verifier.apps, all, attempts, analysis.declared),
    findings: options.app === undefined ? all : all.filter((finding) => concerns(finding, options.app ?? '')),
    residual: analysis.residual,
    attempts: attempts.filter((attempt) => !attempt.control).length,
    blocked: attempts.filter((attempt) => !attempt.control && attempt.outcome === 'denied').length,
    controls: attempts.filter((attempt) => attempt.control).length,
    analysed: analysis.analysed,
  };
}

/** Findings without an attacker or without a victim concern everybody. */
function concerns(finding: Finding, app: string): boolean {
  return finding.from === app || finding.to === app || finding.from === null || finding.to === null;
}

