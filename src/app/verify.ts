import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProbeInfo } from '../engine/index.ts';
import type { InstanceDecl } from '../manifest/index.ts';
import type { Diagnostic, Finding, Tries, VerifyReport } from '../model/index.ts';
import { unlessAborted } from '../util/abort.ts';
import { type Progress, together } from '../util/progress.ts';
import { cellsOf } from '../verify/cells.ts';
import { unproven } from '../verify/unproven.ts';
import { type InstanceProof, type Subject, verifyInstance, type VerifyOptions } from '../verify/verify.ts';
import { appsExist } from './apps.ts';
import { assemble } from './plan.ts';
import { diagnosticsOf, type Missed, observed, type Reached, Sessions } from './sessions.ts';
import type { PlanOptions, Project } from './types.ts';
import { withheld, noFix } from './unapplied.ts';

export type { VerifyOptions } from '../verify/verify.ts';

export interface VerifyRequest extends PlanOptions, Partial<Omit<VerifyOptions, 'apps'>> {}

export interface VerifyOutcome {
  readonly report: VerifyReport;
  /** Why instances were not proved, or not to the end. */
  readonly diagnostics: readonly Diagnostic[];
  /** Instances that did not answer. Each is in the findings too. */
  readonly unreached: readonly string[];
  /** What became of all attempts. */
  readonly tries: Tries;
  /** Every probe of the instances that were proved. */
  readonly probes: readonly ProbeInfo[];
}

/** Logs in as every app and tries to break into every other; reads the catalogs for what is not reached yet. Changes nothing. */
export async function verifyProject(project: Project, request: VerifyRequest = {}): Promise<VerifyOutcome> {
  const { apps } = request;
  appsExist(project, apps);
  const seed = request.seed ?? randomInt(2 ** 31);
  const { exhaustive = false, destructive = false } = request;
  const options: VerifyOptions = { seed, exhaustive, destructive, ...(apps === undefined ? {} : { apps }) };
  await using sessions = await Sessions.open(project, request.deadline);
  const concerned = ({ instance }: Reached | Missed): boolean =>
    apps === undefined || tenantsOf(instance).some((name) => apps.includes(name));
  const missed = sessions.missed.filter(concerned);
  // Apps, counted on each instance, that have begun to attack, of those that are known so far.
  const part = together(project.progress);
  const proveOne = async (one: Reached, progress: Progress): Promise<Proved> =>
    await fixable(
      project,
      one,
      await prove(one, options, { signal: project.signal, progress: (begun, all) => progress(begun, all, 'apps') }),
    );
  const proved = await Promise.all(sessions.reached.filter(concerned).map(async (one) => await proveOne(one, part())));
  project.signal.throwIfAborted();
  const order = new Map(project.manifest.instances.map(({ name }, index) => [name, index]));
  const proofs = [...proved, ...missed.map((one) => notReached(one, options))].sort(
    (a, b) => (order.get(a.instance) ?? 0) - (order.get(b.instance) ?? 0),
  );
  return {
    report: reportOf(project, proofs, options),
    diagnostics: proofs.flatMap(({ proof }) => proof.diagnostics).map((one) => project.locate(one)),
    unreached: missed.map(({ instance }) => instance.name),
    tries: sumOf(proofs.map(({ proof }) => proof.tries)),
    probes: [...new Map(proofs.flatMap(({ probes }) => probes).map((probe) => [probe.id, probe])).values()],
  };
}

export interface WatchRound {
  /** When it ended, as an ISO time. */
  readonly time: string;
  /** null: it came to nothing, for the reasons beside it. */
  readonly outcome: VerifyOutcome | null;
  readonly diagnostics: readonly Diagnostic[];
}

export interface WatchRequest extends VerifyRequest {
  /** Milliseconds between the end of a round and the next. */
  readonly every: number;
  /** Ends it; a round that has begun is given up, and nothing is told of it. */
  readonly signal: AbortSignal;
}

/** Proves again and again, each time with the manifest as it is then and, unless a seed is given, with another choice of pairs. */
export async function* watchProject(open: () => Promise<Project>, { every, signal, ...request }: WatchRequest): AsyncGenerator<WatchRound> {
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    const round = await proveOnce(async () => endedBy(await open(), signal), request).catch((error: unknown) => {
      if (isOver() && error === signal.reason) return null;
      throw error;
    });
    if (round === null || isOver()) return;
    yield round;
    await sleep(every, undefined, { signal }).catch(() => undefined);
  }
}

function endedBy(project: Project, signal: AbortSignal): Project {
  return { ...project, signal: AbortSignal.any([project.signal, signal]) };
}

async function proveOnce(open: () => Promise<Project>, request: VerifyRequest): Promise<WatchRound> {
  const time = (): string => new Date().toISOString();
  try {
    const outcome = await verifyProject(await open(), request);
    return { time: time(), outcome, diagnostics: outcome.diagnostics };
  } catch (error) {
    return { diagnostics: diagnosticsOf(error), outcome: null, time: time() };
  }
}

const NO_TRIES: Tries = { refused: 0, declared: 0, residual: 0, unproven: 0, found: 0 };

interface Proved {
  readonly instance: string;
  readonly proof: InstanceProof;
  readonly probes: readonly ProbeInfo[];
}

function sumOf(all: readonly Tries[]): Tries {
  const sum = (pick: (one: Tries) => number): number => all.reduce((total, one) => total + pick(one), 0);
  return {
    refused: sum(({ refused }) => refused),
    declared: sum(({ declared }) => declared),
    residual: sum(({ residual }) => residual),
    unproven: sum(({ unproven: n }) => n),
    found: sum(({ found }) => found),
  };
}

async function prove(
  { instance, session }: Reached,
  options: VerifyOptions,
  { signal, progress }: Required<Pick<Subject, 'signal' | 'progress'>>,
): Promise<Proved> {
  const { name } = instance;
  const expected = tenantsOf(instance);
  const verifier = session.verifier && (await unlessAborted(session.verifier(), signal));
  if (!verifier) {
    const why = 'this version cannot verify this engine, so it is unknown whether its walls hold';
    const gap = unproven({ code: 'CT6101', instance: name, statement: 'attack as every app', answer: 'there are no probes', why });
    return { instance: name, proof: nothingProved(name, expected, [gap], [], options), probes: [] };
  }
  const probes = (await instance.engine.probes?.()) ?? [];
  return { instance: name, proof: await verifyInstance({ instance: name, verifier, probes, expected, signal, progress }, options), probes };
}

/** Where the manifest was edited and not applied, or is refused, no finding offers a fix. */
async function fixable(project: Project, reached: Reached, proved: Proved): Promise<Proved> {
  const { proof } = proved;
  if (proof.findings.every(({ fix }) => fix.length === 0)) return proved;
  const observation = await unlessAborted(observed(reached), project.signal);
  const { plan } = assemble(project, [{ reached, observation }], [], {});
  const against = noFix(proved.instance, plan);
  return against === null ? proved : { ...proved, proof: { ...proof, findings: withheld(proof.findings, against) } };
}

function notReached({ instance, diagnostics }: Missed, options: VerifyOptions): Proved {
  const { name } = instance;
  const gaps = diagnostics.map(({ code, message }) =>
    unproven({ code, instance: name, statement: 'connect as the operator', answer: message, why: 'nothing was proved on this instance' }),
  );
  return { instance: name, proof: nothingProved(name, tenantsOf(instance), gaps, diagnostics, options), probes: [] };
}

function nothingProved(
  instance: string,
  apps: readonly string[],
  findings: readonly Finding[],
  diagnostics: readonly Diagnostic[],
  { apps: only }: VerifyOptions,
): InstanceProof {
  const { cells, sparse } = cellsOf({ instance, apps, findings, attempts: [], declared: [], floor: 'UNPROVEN', only });
  return { cells, sparse, findings, residual: [], attempts: 0, blocked: 0, controls: 0, tries: NO_TRIES, analysed: 0, diagnostics };
}

/** Apps and readers that have a login on an instance. */
function tenantsOf({ input }: InstanceDecl): readonly string[] {
  return [...input.placements.map(({ app }) => app), ...input.readers.filter(({ reads }) => reads.length > 0).map(({ name }) => name)];
}

function reportOf(project: Project, proved: readonly Proved[], { seed, exhaustive, destructive, apps }: VerifyOptions): VerifyReport {
  const proofs = proved.map(({ proof }) => proof);
  const instances = new Set(proved.map(({ instance }) => instance));
  const named = project.manifest.instances.filter(({ name }) => instances.has(name)).flatMap(tenantsOf);
  const sum = (pick: (proof: InstanceProof) => number): number => proofs.reduce((total, proof) => total + pick(proof), 0);
  return {
    format: 1,
    seed,
    scope: { apps: apps ?? null, exhaustive, destructive },
    apps: [...new Set(named)],
    cells: proofs.flatMap(({ cells }) => cells),
    sparse: proofs.flatMap(({ sparse }) => sparse ?? []),
    findings: proofs.flatMap(({ findings }) => findings),
    residual: proofs.flatMap(({ residual }) => residual),
    relaxations: project.relaxations.filter(
      (one) => instances.has(one.instance) && (apps === undefined || one.app === null || apps.includes(one.app)),
    ),
    counts: {
      attempts: sum(({ attempts }) => attempts),
      blocked: sum(({ blocked }) => blocked),
      controls: sum(({ controls }) => controls),
      analysed: sum(({ analysed }) => analysed),
    },
  };
}
