import { type Diagnostic, hasErrors, type Plan, strangersLosing } from '../model/index.ts';
import { isSafe, unconfirmed } from '../plan/risk.ts';
import { fingerprint } from '../util/canonical.ts';
import { lookUp } from '../util/record.ts';
import type { ApplyOptions, Ending } from './types.ts';

/** Why nothing is sent. */
export interface Refusal {
  readonly ending: Ending;
  readonly diagnostics: readonly Diagnostic[];
}

/** What stands against a plan before anybody is asked; null: nothing. */
export function refuse(plan: Plan, saved: Plan | undefined, anyReached: boolean): Refusal | null {
  if (!anyReached && plan.unreached.length > 0) {
    return { ending: plan.diagnostics.some((one) => one.code === 'CT3002') ? 'credentials' : 'unreachable', diagnostics: [] };
  }
  if (saved && !sameGround(saved, plan)) {
    const message = 'the saved plan is stale: the manifest or a server has changed since it was made';
    return { ending: 'stale', diagnostics: [{ code: 'CT4002', severity: 'error', message, hint: 'make a new plan and look at it' }] };
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

/** Asks, and looks whether everything destructive was named: with `--confirm`, or typed at the question. */
export async function withoutConsent(plan: Plan, options: ApplyOptions): Promise<Refusal | null> {
  if (options.dryRun === true) return null;
  if (!isSafe(plan) && !(await options.consent(plan))) return { ending: 'refused', diagnostics: unnamed(plan, options) };
  const diagnostics = unnamed(plan, options);
  return diagnostics.length > 0 ? { ending: 'refused', diagnostics } : null;
}

function unnamed(plan: Plan, options: ApplyOptions): readonly Diagnostic[] {
  const missing = unconfirmed(plan, options.confirm ?? []);
  const names = [...new Set(missing.flatMap((step) => step.confirm ?? []))].sort((a, b) => (a < b ? -1 : 1));
  const ended: readonly Diagnostic[] = names.map((name) => ({
    code: 'CT4004',
    severity: 'error',
    message: `this plan ends data of "${name}": ${missing
      .filter((step) => step.confirm === name)
      .map((step) => `${step.title} ${step.address.name}`)
      .join(', ')}`,
    hint: `pass --confirm=${name} if that is meant`,
  }));
  return [...ended, ...unnamedLosses(plan, options.confirm ?? [])];
}

/** Losses of logins that the manifest does not name: each one's name has to be repeated. */
export function unnamedLosses(plan: Plan, confirmed: readonly string[]): readonly Diagnostic[] {
  return [...strangersLosing(plan)]
    .filter(([who]) => !confirmed.includes(who))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([who, losses]) => {
      const keep = losses.find((one) => one.keep !== null)?.keep ?? null;
      const what = [...new Set(losses.flatMap((loss) => loss.what))];
      return {
        code: 'CT4009',
        severity: 'error',
        message: `"${who}" is nobody that the manifest names, and would lose: ${what.join('; ')}`,
        hint: `${keep === null ? '' : `to keep it, write ${keep}; `}pass --confirm=${who} if the loss is meant`,
      };
    });
}

function sameGround(saved: Plan, now: Plan): boolean {
  const instances = new Set([...Object.keys(saved.observed), ...Object.keys(now.observed)]);
  return (
    saved.manifestHash === now.manifestHash &&
    [...instances].every((name) => lookUp(saved.observed, name) === lookUp(now.observed, name)) &&
    // Whole steps: what somebody looked at is what runs.
    fingerprint(saved.steps) === fingerprint(now.steps)
  );
}
