import type { Plan } from '../model/index.ts';
import { document } from './documents/document.ts';
import { writePlan, writeSavedPlan } from './documents/plan.ts';
import type { PlanReport } from './types.ts';

/** A plan as one JSON document. Same plan, same bytes. */
export function planJson({ plan, relaxations, foreign }: PlanReport): string {
  return document(writePlan({ ...plan, relaxations, foreign }));
}

/** The file that `plan --out` writes: the plan under a header that says what the file is. */
export function savedPlanJson(plan: Plan): string {
  return document(writeSavedPlan({ cotenant: 'plan', ...plan }));
}
