import { type Diagnostic, lossesToConfirm, type Plan, type Step } from '../model/index.ts';
import { confirmOption } from '../util/confirm-option.ts';
import { count, printable } from '../report/printable.ts';
import type { Call } from './call.ts';
import { confirmationMissing, consentMissing } from './codes.ts';

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

export interface Consent {
  /** Grows when a name is typed at the terminal. */
  readonly confirm: readonly string[];
  consent(plan: Plan): Promise<boolean>;
}

/** Asks where it can, takes `--yes` and `--confirm` where they were given, and else says which flag is missing. */
export function consentOf(call: Call): Consent {
  const confirm = [...call.options.list('confirm')];
  const yes = call.options.flag('yes') || call.options.flag('autoApprove');
  const consent = async (plan: Plan): Promise<boolean> => {
    // Not before it is needed: a short command loads little.
    const { unnamedLosses } = await import('../app/refusal.ts');
    const losses = unnamedLosses(plan, confirm);
    const needs = needsOf(plan, confirm);
    if (!call.output.canAsk) {
      const missing = [...refusals(needs, yes), ...losses];
      call.output.diagnostics(missing);
      return missing.length === 0;
    }
    for (const name of needs.severe) {
      const answer = await call.output.ask(`Data of "${printable(name)}" will be deleted. Type its name to confirm: `);
      if (answer !== name) return false;
      confirm.push(name);
    }
    call.output.diagnostics(losses.map((one) => ({ ...one, severity: 'warning' as const })));
    for (const word of needs.losses) {
      const answer = await call.output.ask(`Type ${printable(word)} to agree to this loss: `);
      if (answer !== word) return false;
      confirm.push(word);
    }
    if (yes || needsOf(plan, confirm).moderate.length === 0) return true;
    const answer = await call.output.ask(`${moderateText(needs.moderate)} Proceed? [y/N] `);
    return answer !== null && /^y(es)?$/i.test(answer);
  };
  return { confirm, consent };
}

function moderateText(steps: readonly Step[]): string {
  const tally = (risk: Step['risk']): number => steps.filter((step) => step.risk === risk).length;
  const parts = [
    tally('access-reducing') > 0
      ? `${count(tally('access-reducing'), 'step')} that revoke${tally('access-reducing') === 1 ? 's' : ''} access`
      : '',
    tally('blocking') > 0 ? `${count(tally('blocking'), 'step')} that may block a running app` : '',
  ];
  return `The plan has ${parts.filter((part) => part !== '').join(' and ')}.`;
}

function refusals(needs: Needs, yes: boolean): readonly Diagnostic[] {
  const missing: Diagnostic[] = needs.severe.map((name) => ({
    code: confirmationMissing,
    severity: 'error',
    message: `Data of "${name}" would be deleted. Not confirmed.`,
    hint: `Pass ${confirmOption(name)}`,
  }));
  if (!yes && needs.moderate.length > 0) {
    missing.push({
      code: consentMissing,
      severity: 'error',
      message: `${moderateText(needs.moderate)} Not confirmed.`,
      hint: 'Pass --yes',
    });
  }
  return missing;
}
