import type { Observation } from '../engine/index.ts';
import type { Diagnostic, Foreign, Plan, SecretRef, Step } from '../model/index.ts';
import { planInstance, stepsOfApps } from '../plan/plan.ts';
import { withOwnWords } from '../plan/words.ts';
import { counted, type Progress } from '../util/progress.ts';
import { putIn } from '../util/record.ts';
import { appsExist } from './apps.ts';
import { isTrouble, type Missed, observed, type Reached, Sessions } from './sessions.ts';
import type { PlanOptions, PlanOutcome, Project } from './types.ts';

/** What there is to do, on every instance that can be reached. Changes nothing. */
export async function planProject(project: Project, options: PlanOptions = {}): Promise<PlanOutcome> {
  appsExist(project, options.apps);
  await using sessions = await Sessions.openAll(project, options.deadline);
  const looked = await lookAtAll(sessions, project.progress);
  return withShared(project, assemble(project, looked, sessions.missed, options), sessions);
}

/** Instances that are one server are told with all else that is wrong. */
export function withShared(project: Project, outcome: PlanOutcome, { shared }: Sessions): PlanOutcome {
  if (shared.length === 0) return outcome;
  const { plan } = outcome;
  return { ...outcome, plan: { ...plan, diagnostics: [...shared.map((one) => project.locate(one)), ...plan.diagnostics] } };
}

/** The words of consent, for whoever plans with them. */
export function confirmedIn({ confirmed }: PlanOptions): Pick<PlanOptions, 'confirmed'> {
  return confirmed === undefined ? {} : { confirmed };
}

/** What is on every server that was reached. */
export async function lookAtAll({ reached: items }: Sessions, progress?: Progress): Promise<readonly Looked[]> {
  // Of several servers the servers are counted, and of one what is in it.
  const inside = items.length === 1 ? progress : undefined;
  const look = counted({ items, of: 'servers read', progress }, async (reached) => ({
    reached,
    observation: await observed(reached, 'whole', inside),
  }));
  return await Promise.all(items.map(look));
}

/** Where everybody of the manifest lives, in words. */
function placesOf({ manifest }: Project): NonNullable<PlanOutcome['places']> {
  return new Map(
    manifest.instances.map(({ name, engine, input }) => [
      name,
      new Map([
        ...input.placements.map((placed) => [placed.app, engine.location?.(placed) ?? ''] as const),
        ...input.readers.map((reader) => [reader.name, `reader of ${reader.reads.join(', ')}`] as const),
      ]),
    ]),
  );
}

export interface Looked {
  readonly reached: Reached;
  readonly observation: Observation | readonly Diagnostic[];
}

/** Puts the instances' parts together. Deterministic. */
export function assemble(project: Project, looked: readonly Looked[], missed: readonly Missed[], options: PlanOptions): PlanOutcome {
  const day = options.day ?? new Date().toISOString().slice(0, 10);
  const steps: Step[] = [];
  const diagnostics: Diagnostic[] = [];
  const fingerprints: Record<string, string> = {};
  const unreached = missed.map(({ instance }) => instance.name);
  const foreign: Foreign[] = [];
  const hasSecret = (ref: SecretRef): boolean => project.secrets.peek(ref) !== null;
  for (const { diagnostics: why } of missed) diagnostics.push(...why);
  for (const { reached, observation } of looked) {
    const { instance } = reached;
    if (isTrouble(observation)) {
      unreached.push(instance.name);
      diagnostics.push(...observation);
      continue;
    }
    const { engine, input } = instance;
    const part = planInstance({
      engine,
      input,
      compiled: engine.compile(input),
      observation,
      today: day,
      hasSecret,
      ...confirmedIn(options),
    });
    for (const step of part.steps) steps.push(step);
    diagnostics.push(...part.diagnostics);
    putIn(fingerprints, instance.name, part.observed);
    for (const one of observation.foreign) foreign.push(one);
  }
  const plan: Plan = {
    format: 2,
    manifestHash: project.manifest.hash,
    day,
    ...(options.apps === undefined ? {} : { apps: options.apps }),
    observed: fingerprints,
    steps: withOwnWords(options.apps === undefined ? steps : stepsOfApps(steps, options.apps)),
    diagnostics: diagnostics.map((diagnostic) => project.locate(diagnostic)),
    unreached,
  };
  return { plan, places: placesOf(project), relaxations: project.relaxations, foreign };
}
