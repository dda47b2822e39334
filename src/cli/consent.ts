import { type Diagnostic, type Plan, type Step, strangersLosing } from '../model/index.ts';
import { count, printable } from '../report/printable.ts';
import type { Call } from './call.ts';
import { confirmationMissing, consentMissing } from './codes.ts';
import { unnamedLosses } from '../app/refusal.ts';

/** What a plan needs somebody to agree to. */
export interface Needs {
  /** Names whose destructive steps are not confirmed yet. */
  readonly severe: readonly string[];
  /** Logins that the manifest does not name, would lose something, and are not confirmed yet. */
  readonly strangers: readonly string[];
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
  const strangers = [...strangersLosing(plan).keys()].filter((who) => !named.has(who));
  return { severe: [...severe].sort(), strangers: strangers.sort(), moderate };
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
    const needs = needsOf(plan, confirm);
    if (!call.output.canAsk) {
      const missing = refusals(plan, needs, confirm, yes);
      call.output.diagnostics(missing);
      return missing.length === 0;
    }
    for (const name of needs.severe) {
      const answer = await call.output.ask(`Data of "${printable(name)}" will be destroyed. Type the name to agree: `);
      if (answer !== name) return false;
      confirm.push(name);
    }
    for (const who of needs.strangers) {
      const losing = 'is nobody that the manifest names, and loses what stands above';
      const answer = await call.output.ask(`"${printable(who)}" ${losing}. Type the login to agree: `);
      if (answer !== who) return false;
      confirm.push(who);
    }
    if (yes || needsOf(plan, confirm).moderate.length === 0) return true;
    const answer = await call.output.ask(`${moderateText(needs.moderate)} Go on? [y/N] `);
    return answer !== null && /^y(es)?$/i.test(answer);
  };
  return { confirm, consent };
}

function moderateText(steps: readonly Step[]): string {
  const tally = (risk: Step['risk']): number => steps.filter((step) => step.risk === risk).length;
  const parts = [
    tally('access-reducing') > 0 ? `${count(tally('access-reducing'), 'step')} taking rights away` : '',
    tally('blocking') > 0 ? `${count(tally('blocking'), 'step')} that may block a live app` : '',
  ];
  return `The plan has ${parts.filter((part) => part !== '').join(' and ')}.`;
}

function refusals(plan: Plan, needs: Needs, confirmed: readonly string[], yes: boolean): readonly Diagnostic[] {
  const missing: Diagnostic[] = needs.severe.map((name) => ({
    code: confirmationMissing,
    severity: 'error',
    message: `Data of "${name}" would be destroyed, and nobody agreed to it.`,
    hint: `Pass --confirm=${name}`,
  }));
  if (!yes && needs.moderate.length > 0) {
    missing.push({
      code: consentMissing,
      severity: 'error',
      message: `${moderateText(needs.moderate)} Nobody agreed to it.`,
      hint: 'Pass --yes',
    });
  }
  return [...missing, ...unnamedLosses(plan, confirmed)];
}
