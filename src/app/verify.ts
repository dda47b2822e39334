import { randomInt } from 'node:crypto';
import { type Cell, type Diagnostic, type Finding, fail, type Plan, type Residual, type Step, type VerifyReport } from '../model/index.ts';
import { fingerprint } from '../util/canonical.ts';
import { type InstanceProof, verifyInstance, type VerifyOptions } from '../verify/verify.ts';
import { appExists } from './apps.ts';
import { diagnosticsOf, Sessions } from './sessions.ts';
import type { PlanOptions, Project } from './types.ts';

export interface VerifyRequest extends PlanOptions, Partial<Omit<VerifyOptions, 'app'>> {}

export interface VerifyOutcome {
  readonly report: VerifyReport;
  readonly diagnostics: readonly Diagnostic[];
  /** Instances that could not be proved because they did not answer. */
  readonly unreached: readonly string[];
}

/** Logs in as every app and tries to break into every other; reads the catalogs for what is not reached yet. Changes nothing. */
export async function verifyProject(project: Project, request: VerifyRequest = {}): Promise<VerifyOutcome> {
  if (request.app !== undefined) appExists(project, request.app);
  const seed = request.seed ?? randomInt(2 ** 31);
  const options: VerifyOptions = { seed, exhaustive: request.exhaustive ?? false, destructive: request.destructive ?? false, ...(request.app === undefined ? {} : { app: request.app }) };
  await using sessions = await Sessions.open(project, request.deadline);
  const diagnostics: Diagnostic[] = sessions.missed.flatMap((missed) => missed.diagnostics);
  const unreached = sessions.missed.map(({ instance }) => instance.name);
  const proofs: InstanceProof[] = [];
  for (const { instance, session } of sessions.reached) {
    const verifier = await session.verifier?.();
    if (!verifier) throw fail('CT6101', `the engine of "${instance.name}" has no proof yet`);
    try {
      proofs.push(await verifyInstance(verifier, (await instance.engine.probes?.()) ?? [], instance.name, options));
    } catch (error) {
      diagnostics.push(...diagnosticsOf(error));
      unreached.push(instance.name);
    }
  }
  return { report: reportOf(project, proofs, seed, sessions.missed.map(({ instance }) => instance.name)), diagnostics: diagnostics.map((one) => project.locate(one)), unreached };
}

function reportOf(project: Project, proofs: readonly InstanceProof[], seed: number, missed: readonly string[]): VerifyReport {
  const sum = (pick: (proof: InstanceProof) => number): number => proofs.reduce((total, proof) => total + pick(proof), 0);
  const findings: Finding[] = proofs.flatMap((proof) => proof.findings);
  for (const instance of missed) {
    findings.push({ probe: 'CT3001', verdict: 'UNPROVEN', half: 'attack', instance, from: null, to: null, statement: 'connect', answer: 'the instance did not answer', why: 'nothing on it was proved', fix: [] });
  }
  const cells: Cell[] = proofs.flatMap((proof) => proof.cells);
  const residual: Residual[] = proofs.flatMap((proof) => proof.residual);
  return {
    format: 1,
    seed,
    apps: [...new Set(cells.map((cell) => cell.from))],
    cells,
    findings,
    residual,
    relaxations: project.relaxations,
    counts: { attempts: sum((proof) => proof.attempts), blocked: sum((proof) => proof.blocked), controls: sum((proof) => proof.controls), analysed: sum((proof) => proof.analysed) },
  };
}

/** The fixes of a report as a plan that `apply` takes: what cotenant manages is better mended by `apply` itself. */
export function fixPlan(project: Project, report: VerifyReport): Plan {
  const steps = report.findings.flatMap((finding) =>
    finding.fix.map(({ lane, statement }): Step => {
      const instance = project.manifest.instances.find((one) => one.name === finding.instance);
      const address = { engine: instance?.engine.id ?? '', instance: finding.instance, kind: 'finding', name: finding.probe };
      const facts = { probe: finding.probe, from: finding.from ?? 'any login', to: finding.to ?? 'the server' };
      return { id: `fix/${finding.instance}/${fingerprint([lane, statement.text]).slice(0, 12)}`, address, app: null, action: 'run', cause: 'drift', title: 'close finding', facts, fields: [], statements: [statement], reverse: null, risk: 'access-reducing', after: [], lane, unit: null };
    }),
  );
  const unique = [...new Map(steps.map((step) => [step.id, step])).values()];
  return { format: 1, manifestHash: project.manifest.hash, observed: {}, steps: unique, diagnostics: [], unreached: [] };
}
