import { type Diagnostic, lossesToConfirm, type Plan, type Step } from '../model/index.ts';
import { count } from './printable.ts';
import { confirmOption } from '../util/confirm-option.ts';

/** What a plan needs somebody to agree to. */
export interface Needs {
  /** Names whose destructive steps are not confirmed yet. */
  readonly severe: readonly string[];
  /** Words that losses want and that were not given yet: logins that the manifest does not name, `new-passwords`. */
  readonly losses: readonly string[];
  /** Steps that are more than safe, less than destructive, and not on an app that is confirmed by name. */
  readonly moderate: readonly Step[];
}

export function needsOf(plan: Plan, confirmed: readonly string[]): Needs {
  const named = new Set(confirmed);
  const destructive = plan.steps.filter((step) => step.risk === 'destructive');
  const severe = new Set(destructive.map((step) => step.confirm ?? step.app ?? step.address.name).filter((name) => !named.has(name)));
  const moderate = plan.steps.filter(
    (step) => step.risk !== 'safe' && step.risk !== 'destructive' && !(step.app !== null && named.has(step.app)),
  );
  const losses = [...lossesToConfirm(plan).keys()].filter((word) => !named.has(word));
  return { severe: [...severe].sort(), losses: losses.sort(), moderate };
}

export function moderateText(steps: readonly Step[]): string {
  const tally = (risk: Step['risk']): number => steps.filter((step) => step.risk === risk).length;
  const parts = [
    tally('access-reducing') > 0
      ? `${count(tally('access-reducing'), 'step')} that revoke${tally('access-reducing') === 1 ? 's' : ''} access`
      : '',
    tally('blocking') > 0 ? `${count(tally('blocking'), 'step')} that may block a running app` : '',
  ];
  return `The plan has ${parts.filter((part) => part !== '').join(' and ')}.`;
}

/** What nobody has agreed to, where nobody can be asked. `yes`: somebody has agreed to all that is moderate. */
export function refusals(needs: Needs, yes: boolean): readonly Diagnostic[] {
  const missing: Diagnostic[] = needs.severe.map((name) => ({
    code: 'CT4004',
    severity: 'error',
    message: `Data of "${name}" would be deleted. Not confirmed.`,
    hint: `Pass ${confirmOption(name)}`,
  }));
  if (!yes && needs.moderate.length > 0) {
    missing.push({
      code: 'CT4003',
      severity: 'error',
      message: `${moderateText(needs.moderate)} Not confirmed.`,
      hint: 'Pass --yes',
    });
  }
  return missing;
}
