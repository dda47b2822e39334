import { type Diagnostic, hasErrors, type Plan, type Step, type StepResult, waitingIn } from '../model/index.ts';
import { count, namedApps, printable } from './printable.ts';

/** How many changes of each sort. Drift is counted apart; a replacement counts as one added and one destroyed. */
export interface Summary {
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
  readonly run: number;
  readonly drift: number;
}

export function summarize(steps: readonly Step[]): Summary {
  const sum = { add: 0, change: 0, destroy: 0, run: 0, drift: 0 };
  for (const step of steps) {
    if (step.cause === 'drift') sum.drift += 1;
    else if (step.action === 'create') sum.add += 1;
    else if (step.action === 'update') sum.change += 1;
    else if (step.action === 'run') sum.run += 1;
    else {
      if (step.action === 'replace') sum.add += 1;
      sum.destroy += 1;
    }
  }
  return sum;
}

function extras(sum: Summary, drift: (n: number) => string): string {
  return (sum.run > 0 ? ` ${sum.run} to run.` : '') + (sum.drift > 0 ? ` ${drift(sum.drift)}.` : '');
}

/** The closing line of a plan: `Plan: 3 to add, 1 to change, 0 to destroy. 1 drift. Not reached: main.` `apps`: it is about these only. */
export function planLine(plan: Plan, apps?: readonly string[]): string {
  const missing = plan.unreached.length > 0 ? ` ${missingText(plan.unreached, plan.diagnostics)}` : '';
  const waits = waitingIn(plan);
  const waiting = waits.length === 0 ? '' : ` ${waitingLine(waits)}`;
  if (plan.steps.length === 0) {
    const scope = apps === undefined ? '' : ` for ${namedApps(apps)}`;
    if (missing === '' && hasErrors(plan.diagnostics)) return 'Nothing is planned because of errors.';
    if (missing !== '' && Object.keys(plan.observed).length === 0) return `Nothing is planned${scope}.${missing}${waiting}`;
    if (missing !== '') return `No changes${scope} on the reachable instances.${missing}${waiting}`;
    if (waiting !== '') return `Nothing to do now${scope}.${waiting}`;
    return scope === '' ? 'No changes. The servers match the manifest.' : `No changes${scope}. The servers match the manifest there.`;
  }
  const sum = summarize(plan.steps);
  return `Plan: ${sum.add} to add, ${sum.change} to change, ${sum.destroy} to destroy.${extras(sum, (n) => `${n} drift`)}${missing}${waiting}`;
}

/** `Not reached: main.`; apart from them those that nobody tried to reach, as where a password is not set. */
export function missingText(unreached: readonly string[], diagnostics: readonly Diagnostic[]): string {
  const asked = unreached.filter((name) => !wasNotAsked(name, diagnostics));
  const rest = unreached.filter((name) => !asked.includes(name));
  return [
    asked.length === 0 ? '' : `Not reached: ${asked.map(printable).join(', ')}.`,
    rest.length === 0 ? '' : `Not asked, because of errors: ${rest.map(printable).join(', ')}.`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** Of the manifest, secrets and files: a server had no part in it. */
const isBeforeAnyConnection = (code: string): boolean => /^CT[125]/.test(code) || ['CT3005', 'CT3012', 'CT6021'].includes(code);

function wasNotAsked(name: string, diagnostics: readonly Diagnostic[]): boolean {
  const own = diagnostics.filter(({ instance, severity }) => instance === name && severity === 'error');
  return own.length > 0 && own.every(({ code }) => isBeforeAnyConnection(code));
}

/** `Waiting: crm, erp.`: what is left undone until somebody acts. */
export function waitingLine(waits: readonly string[]): string {
  return `On hold until somebody acts: ${waits.map(printable).join(', ')}.`;
}

/** Steps of which an app has one: they are counted by apps. */
const ofApps: ReadonlySet<string> = new Set(['migrations', 'backup', 'drill', 'restore']);

/** What was really done: `3 added, 1 changed, 0 destroyed. 1 drift corrected.` */
export function doneLine(results: readonly StepResult[]): string {
  const steps = results.filter((r) => r.status === 'done');
  if (steps.length > 0 && steps.every(({ step }) => step.action === 'run' && ofApps.has(step.address.kind)))
    return `${count(steps.length, 'app')}.`;
  const sum = summarize(results.filter((r) => r.status === 'done').map((r) => r.step));
  const ran = sum.run > 0 ? ` ${sum.run} run.` : '';
  const corrected = sum.drift > 0 ? ` ${sum.drift} drift corrected.` : '';
  return `${sum.add} added, ${sum.change} changed, ${sum.destroy} destroyed.${ran}${corrected}`;
}
