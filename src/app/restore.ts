import { type Diagnostic, fail, type Step } from '../model/index.ts';
import { applyWith } from './apply.ts';
import { assemble, confirmedIn, type Looked } from './plan.ts';
import { isTrouble, type Missed } from './sessions.ts';
import type { ApplyEvent, ApplyOptions, PlanOptions, PlanOutcome, Project } from './types.ts';

/** Brings a retired app back under its names. Its logins open again with the next apply that has it in the manifest. Throws CT2016 where nothing of that name is retired. */
export async function* restoreApp(project: Project, app: string, options: ApplyOptions): AsyncGenerator<ApplyEvent> {
  yield* applyWith(project, options, {
    verb: 'restore-app',
    planner: (_project, looked, missed, planOptions) => restorePlan(project, app, looked, missed, planOptions),
  });
}

function restorePlan(
  project: Project,
  app: string,
  looked: readonly Looked[],
  missed: readonly Missed[],
  options: PlanOptions,
): PlanOutcome {
  const frame = assemble(project, looked, missed, options);
  const steps: Step[] = [];
  const diagnostics: Diagnostic[] = frame.plan.diagnostics.filter(
    (one) => one.instance !== undefined && frame.plan.unreached.includes(one.instance),
  );
  const today = frame.plan.day ?? '';
  for (const { reached, observation } of looked) {
    const { engine, input } = reached.instance;
    if (isTrouble(observation) || !engine.restore) continue;
    const planned = engine.restore(app, { input, observation, today, hashes: new Map(), ...confirmedIn(options) });
    steps.push(...planned.steps.map((draft) => ({ ...draft, cause: 'intended' as const })));
    diagnostics.push(...planned.diagnostics);
  }
  if (steps.length === 0 && diagnostics.length === 0) {
    throw fail('CT2016', `nothing of an app "${app}" is retired`, { hint: 'cotenant status lists what is' });
  }
  return { ...frame, plan: { ...frame.plan, steps, diagnostics } };
}
