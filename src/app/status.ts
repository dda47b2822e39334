import type { PlacementStatus, Step } from '../model/index.ts';
import { assemble } from './plan.ts';
import { isTrouble, observed, Sessions } from './sessions.ts';
import type { PlanOptions, Project, StatusOutcome } from './types.ts';

const DAY = 86_400_000;

/** One row for each placement, with what a plan would say about it. Changes nothing. */
export async function statusProject(project: Project, options: PlanOptions = {}): Promise<StatusOutcome> {
  await using sessions = await Sessions.open(project, options.deadline);
  const looked = await Promise.all(sessions.reached.map(async (reached) => ({ reached, observation: await observed(reached) })));
  const { plan, relaxations, foreign } = assemble(project, looked, sessions.missed, options);
  const usage: PlacementStatus[] = [];
  for (const { reached, observation } of looked) {
    if (!isTrouble(observation)) usage.push(...(await reached.session.usage()));
  }
  const reachedNames = new Set(Object.keys(plan.observed));
  return {
    placements: usage.map((row) => ({ ...row, ...pendingOf(row, plan.steps), credentialAge: credentialAge(project, row) })),
    instances: project.manifest.instances.map((instance) => {
      const found = looked.find(({ reached }) => reached.instance === instance);
      return {
        name: instance.name,
        engine: instance.engine.id,
        reached: reachedNames.has(instance.name),
        server: found && !isTrouble(found.observation) ? found.observation.server : {},
      };
    }),
    relaxations,
    foreign,
    diagnostics: plan.diagnostics,
  };
}

function pendingOf(row: PlacementStatus, steps: readonly Step[]): { readonly pending: number; readonly drift: number } {
  const mine = steps.filter((step) => step.app === row.app && step.address.instance === row.instance);
  return { pending: mine.length, drift: mine.filter((step) => step.cause === 'drift').length };
}

/** Days since the app's newest secret on this instance was made. */
function credentialAge(project: Project, row: PlacementStatus): number | null {
  const instance = project.manifest.instances.find((one) => one.name === row.instance);
  const names =
    instance?.engine
      .compile(instance.input)
      .resources.filter((one) => one.app === row.app)
      .map((one) => secretOf(one.spec)) ?? [];
  const made = names.flatMap((name) => (name === null ? [] : [project.secrets.madeAt(name)])).filter((at) => at !== null);
  return made.length === 0 ? null : Math.floor((Date.now() - Math.max(...made.map(Number))) / DAY);
}

function secretOf(spec: unknown): string | null {
  return typeof spec === 'object' && spec !== null && 'secret' in spec && typeof spec.secret === 'string' ? spec.secret : null;
}
