import { type Loss, type Step, confirmOf } from '../model/index.ts';

/**
 * A word agrees to one thing. Where a login that loses something is called like an app of which something else wants that word, or
 * somebody's yes, its loss has another one: `login:blog`.
 */
export function withOwnWords(steps: readonly Step[]): readonly Step[] {
  const taken = new Set(steps.flatMap((step) => (step.risk === 'safe' || isAboutLogin(step) ? [] : [step.confirm ?? step.app ?? ''])));
  const clashes = (loss: Loss): boolean => (loss.of === null || loss.confirm === loss.who) && taken.has(confirmOf(loss) ?? '');
  return steps.map((step) => {
    if (step.losses?.some(clashes) !== true) return step;
    return { ...step, losses: step.losses.map((loss) => (clashes(loss) ? { ...loss, confirm: `login:${loss.who}` } : loss)) };
  });
}

/** The word of the step is that of whoever loses something by it: one consent. */
function isAboutLogin({ confirm, app, losses = [] }: Step): boolean {
  return confirm !== undefined && confirm !== app && losses.some(({ who }) => who === confirm);
}
