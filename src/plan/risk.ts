import { type Plan, type Step, lossesToConfirm } from '../model/index.ts';

/** True where the plan holds nothing but safe steps, and nobody loses what wants a word of its own: those need nobody's yes. */
export function isSafe(plan: Plan): boolean {
  return plan.steps.every((step) => step.risk === 'safe') && lossesToConfirm(plan).size === 0;
}

/** Destructive steps whose name was not repeated. */
export function unconfirmed(plan: Plan, confirmed: readonly string[]): readonly Step[] {
  return plan.steps.filter((step) => step.confirm !== undefined && !confirmed.includes(step.confirm));
}
