import type { PlacementStatus, StatusReport } from '../model/index.ts';
import { unlessAborted } from '../util/abort.ts';
import type { BackupsFound } from './backup/status.ts';
import { assemble, type Looked } from './plan.ts';
import { type Missed, observed, openOne } from './sessions.ts';
import { reportOf, usageOf } from './status.ts';
import type { PlanOptions, PlanOutcome, Project } from './types.ts';

/** What one instance told when it was looked at. Its connection is closed. */
export interface Survey {
  readonly instance: string;
  /** ISO time of its end. */
  readonly at: string;
  /** Milliseconds. */
  readonly took: number;
  readonly seen: Looked | Missed;
  readonly usage: readonly PlacementStatus[];
  readonly lost: StatusReport['diagnostics'];
}

/** Whether the instance answered, and could be read. */
export function isReached({ seen }: Survey): boolean {
  return 'observation' in seen && !Array.isArray(seen.observation);
}

/** Looks at one instance by itself, so that one that is down holds up nobody. Changes nothing. */
export async function survey(project: Project, name: string, deadline?: number): Promise<Survey> {
  const began = performance.now();
  const instance = project.manifest.instances.find((one) => one.name === name);
  if (!instance) throw new Error(`the manifest has no instance ${name}`);
  const manifest = { ...project.manifest, instances: [instance] };
  const end = async (seen: Looked | Missed): Promise<Survey> => {
    const { usage, lost } = await usageOf({ manifest }, 'observation' in seen ? [seen] : []);
    return { instance: name, at: new Date().toISOString(), took: performance.now() - began, seen, usage, lost };
  };
  const one = await unlessAborted(openOne(project, instance, deadline), project.signal);
  if ('diagnostics' in one) return await end(one);
  await using _session = one.session;
  return await end({ reached: one, observation: await unlessAborted(observed(one), project.signal) });
}

/** What an apply would do, by what was seen. The same as a plan that looks at the servers itself. */
export function planOfSurveys(project: Project, surveys: readonly Survey[], options: PlanOptions = {}): PlanOutcome {
  const { looked, missed } = partsOf(project, surveys);
  return assemble(project, looked, missed, options);
}

/** The same report as that of a status that looks at the servers itself. */
export async function statusOfSurveys(project: Project, surveys: readonly Survey[], saved: BackupsFound): Promise<StatusReport> {
  const { looked, missed, inOrder } = partsOf(project, surveys);
  const usage = inOrder.flatMap((one) => one.usage);
  const lost = inOrder.flatMap((one) => one.lost);
  return await reportOf(project, { looked, missed, usage, lost, saved });
}

/** In the order of the manifest, with its instances as they are now. */
function partsOf(project: Project, surveys: readonly Survey[]) {
  const { instances } = project.manifest;
  const inOrder = instances.flatMap((instance) => surveys.find((one) => one.instance === instance.name) ?? []);
  const looked: Looked[] = [];
  const missed: Missed[] = [];
  for (const { instance: name, seen } of inOrder) {
    const instance = instances.find((one) => one.name === name);
    if (!instance) continue;
    if ('observation' in seen) looked.push({ reached: { ...seen.reached, instance }, observation: seen.observation });
    else missed.push({ ...seen, instance });
  }
  return { looked, missed, inOrder };
}
