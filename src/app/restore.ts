import { type Diagnostic, fail, type Step } from '../model/index.ts';
import { riskOf } from '../plan/plan.ts';
import type { Act } from './act.ts';
import { assemble, confirmedIn, type Looked } from './plan.ts';
import { run } from './run.ts';
import { isTrouble, type Missed } from './sessions.ts';
import type { PlanOptions, PlanOutcome, Project, RunEvent, RunOptions } from './types.ts';

/** Brings a retired app back under its names. Its logins open again with the next apply that has it in the manifest. Throws CT2016 where nothing of that name is retired. */
export async function* restoreApp(project: Project, app: string, options: RunOptions): AsyncGenerator<RunEvent> {
  const plan: Act['plan'] = (_project, looked, missed, frame) => restorePlan(project, app, looked, missed, frame);
  yield* run(project, { intent: { verb: 'restore-app', app, args: null }, locks: 'app', plan }, options);
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
    steps.push(...planned.steps.map((draft) => ({ ...draft, cause: 'intended' as const, risk: riskOf(draft) })));
    diagnostics.push(...planned.diagnostics);
  }
  if (steps.length === 0 && diagnostics.length === 0) {
    throw fail('CT2016', `there is no retired app "${app}"`, { hint: 'cotenant status lists the retired apps' });
  }
  return { ...frame, plan: { ...frame.plan, steps, diagnostics } };
}
