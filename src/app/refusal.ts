import { credentialCodes, type Diagnostic, hasErrors, type Loss, lossesToConfirm, type Plan, unreachableCodes } from '../model/index.ts';
import { confirmOption } from '../util/confirm-option.ts';
import { NEW_PASSWORDS } from '../plan/passwords.ts';
import { isSafe, unconfirmed } from '../plan/risk.ts';
import { staleBy } from './stale.ts';
import type { RunOptions, Ending } from './types.ts';
import { byKey, byText } from '../util/text-order.ts';

/** Logins named in one message. */
const SHOWN = 10;

/** Why nothing is sent. */
export interface Refusal {
  readonly ending: Ending;
  readonly diagnostics: readonly Diagnostic[];
}

/** What stands against a plan before anybody is asked; null: nothing. */
export function refuse(plan: Plan, saved: Plan | undefined, anyReached: boolean): Refusal | null {
  if (!anyReached && plan.unreached.length > 0) {
    return { ending: endingOfUnreached(plan), diagnostics: [] };
  }
  const stale = saved ? staleBy(saved, plan) : [];
  if (stale.length > 0) {
    const message = `the saved plan is stale; since it was made: ${stale.join('; ')}`;
    return { ending: 'stale', diagnostics: [{ code: 'CT4002', severity: 'error', message, hint: 'make a new plan and review it' }] };
  }
  const broken = plan.diagnostics.filter(
    (one) => one.severity === 'error' && !(one.instance !== undefined && plan.unreached.includes(one.instance)),
  );
  if (hasErrors(broken)) {
    const message = `the plan has ${broken.length} error${broken.length > 1 ? 's' : ''}; nothing was sent`;
    return { ending: 'failed', diagnostics: [{ code: 'CT4007', severity: 'error', message }] };
  }
  return null;
}

/** Why nobody was reached: trouble of any other kind outweighs a refused login, and that a server that is unreachable. */
export function endingOfUnreached({ diagnostics, unreached }: Plan): 'failed' | 'credentials' | 'unreachable' {
  const why = diagnostics.filter(
    ({ severity, instance }) => severity === 'error' && instance !== undefined && unreached.includes(instance),
  );
  if (why.some(({ code }) => !credentialCodes.has(code) && !unreachableCodes.has(code))) return 'failed';
  return why.some(({ code }) => credentialCodes.has(code)) ? 'credentials' : 'unreachable';
}

/** Asks, and looks whether everything destructive was named: with `--confirm`, or typed at the question. */
export async function withoutConsent(plan: Plan, options: RunOptions): Promise<Refusal | null> {
  if (options.dryRun === true) return null;
  if (!isSafe(plan) && !(await options.consent(plan))) return { ending: 'refused', diagnostics: unnamed(plan, options) };
  const diagnostics = unnamed(plan, options);
  return diagnostics.length > 0 ? { ending: 'refused', diagnostics } : null;
}

function unnamed(plan: Plan, options: RunOptions): readonly Diagnostic[] {
  const missing = unconfirmed(plan, options.confirm ?? []);
  const names = [...new Set(missing.flatMap((step) => step.confirm ?? []))].sort(byText);
  const ended: readonly Diagnostic[] = names.map((name) => ({
    code: 'CT4004',
    severity: 'error',
    message: `this plan deletes data of "${name}": ${missing
      .filter((step) => step.confirm === name)
      .map((step) => `${step.title} ${step.address.name}`)
      .join(', ')}`,
    hint: `pass ${confirmOption(name)} to agree`,
  }));
  return [...ended, ...unnamedLosses(plan, options.confirm ?? [])];
}

/** Losses that want a word of their own and did not get it: those of strangers, and passwords that the store has lost. */
export function unnamedLosses(plan: Plan, confirmed: readonly string[]): readonly Diagnostic[] {
  const missing = [...lossesToConfirm(plan)].filter(([word]) => !confirmed.includes(word)).sort(byKey);
  const strangers = missing.filter(([word]) => word !== NEW_PASSWORDS);
  const rest = strangers.slice(SHOWN).map(([word]) => word);
  return [
    ...strangers.slice(0, SHOWN).map(([word, losses]) => strangersLoss(word, losses)),
    ...(rest.length === 0 ? [] : [othersLoss(rest)]),
    ...missing.flatMap(([word, losses]) => (word === NEW_PASSWORDS ? [newPasswords(losses)] : [])),
  ];
}

/** Of many, the first are told one by one; the plan has what each would lose. */
function othersLoss(logins: readonly string[]): Diagnostic {
  return {
    code: 'CT4009',
    severity: 'error',
    message: `${logins.length} more logins that the manifest does not name would lose something (see "Who loses what" in the plan): ${logins.map((who) => `"${who}"`).join(', ')}`,
    hint: 'to keep what they have, add the lines shown in the plan to the manifest; to agree, pass --confirm=@FILE, a file with their names, one per line',
  };
}

function strangersLoss(word: string, losses: readonly Loss[]): Diagnostic {
  const whose = [...new Set(losses.map(({ who }) => `"${who}"`))].join(', ');
  const keep = losses.find((one) => one.keep !== null)?.keep ?? null;
  const what = [...new Set(losses.flatMap((loss) => loss.what))];
  return {
    code: 'CT4009',
    severity: 'error',
    message: `${whose} ${losses.some(({ of }) => of === null) ? 'is not in the manifest and ' : ''}would lose: ${what.join('; ')}`,
    hint: `${keep === null ? '' : `to keep it, write ${keep}; `}to agree to the loss, pass ${confirmOption(word)}`,
  };
}

function newPasswords(losses: readonly Loss[]): Diagnostic {
  const logins = [...new Set(losses.map(({ who }) => who))];
  const shown = logins.length > SHOWN ? `${logins.slice(0, SHOWN).join(', ')} and ${logins.length - SHOWN} more` : logins.join(', ');
  return {
    code: 'CT4010',
    severity: 'error',
    message: `the secret store has no password for these logins, which are in use; new passwords would lock their apps out: ${shown}`,
    hint: `copy the secret store of this project here, or enter the passwords with cotenant credentials set; pass --confirm=${NEW_PASSWORDS} to set new ones`,
  };
}
