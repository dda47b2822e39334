import { moderateText, needsOf, refusals } from '../report/consent.ts';
import type { Plan } from '../model/index.ts';
import { printable } from '../report/printable.ts';
import type { Call } from './call.ts';

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
