import { type Diagnostic, type Finding, hasErrors, type Plan } from '../model/index.ts';
import { byText } from '../util/text-order.ts';

/** Apps named in one message. */
const SHOWN = 10;

/**
 * Why no fix is sent on an instance; null: nothing stands against one. A fix is judged by the manifest as it is now. Where
 * that asks for what was not applied yet, what living apps use would look like what nobody asked for; and what a plan
 * refuses, a fix refuses too. A step that waits for its name only ends what is retired, and sessions that are still to end are
 * those of before: neither is an edit.
 */
export function noFix(instance: string, { steps, diagnostics }: Pick<Plan, 'steps' | 'diagnostics'>): Diagnostic | null {
  const refused = diagnostics.filter((one) => one.severity === 'error' && (one.instance ?? instance) === instance);
  const pending = steps.filter(
    ({ address, cause, confirm }) =>
      address.instance === instance && cause === 'intended' && confirm === undefined && address.kind !== 'sessions',
  );
  if (!hasErrors(refused) && pending.length === 0) return null;
  const apps = [...new Set(pending.map(({ app }) => app ?? 'objects shared by several apps'))].sort(byText);
  const more = apps.length - SHOWN;
  const about = apps.length === 0 ? '' : ` (${apps.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''})`;
  const first = refused[0];
  const message =
    first === undefined
      ? `no fix is sent on "${instance}": the manifest has changes that are not applied${about}, so a fix could revoke what is in use`
      : `no fix is sent on "${instance}": its plan is refused (${first.code}: ${first.message})`;
  const hint = first === undefined ? 'run cotenant apply, then verify again' : 'correct the errors of cotenant plan, then verify again';
  return { code: 'CT4015', severity: 'error', instance, message, hint };
}

/** The findings of an instance without their fixes, and why. */
export function withheld(findings: readonly Finding[], { message, hint = '' }: Diagnostic): readonly Finding[] {
  return findings.map((finding) =>
    finding.fix.length === 0 ? finding : { ...finding, fix: [], why: joined(finding.why, `${message}: ${hint}`) },
  );
}

/** A sentence has its full stop already. */
function joined(why: string, more: string): string {
  return why.endsWith('.') ? `${why} ${more.charAt(0).toUpperCase()}${more.slice(1)}.` : `${why}; ${more}`;
}
