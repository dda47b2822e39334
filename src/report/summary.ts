import { hasErrors, type Plan, type Step, type StepResult, waitingIn } from '../model/index.ts';
import { count, printable } from './printable.ts';

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

/** The closing line of a plan: `Plan: 3 to add, 1 to change, 0 to destroy. 1 drift. 1 instance not reached.` `app`: it is about this app only. */
export function planLine(plan: Plan, app?: string): string {
  const missing = plan.unreached.length > 0 ? ` ${count(plan.unreached.length, 'instance')} not reached.` : '';
  const waits = waitingIn(plan);
  const waiting = waits.length === 0 ? '' : ` ${waitingLine(waits)}`;
  if (plan.steps.length === 0) {
    const scope = app === undefined ? '' : ` for app "${printable(app)}"`;
    if (missing === '' && hasErrors(plan.diagnostics)) return 'Nothing is planned because of errors.';
    if (missing !== '') return `No changes${scope} on the reachable instances.${missing}${waiting}`;
    if (waiting !== '') return `Nothing to do now${scope}.${waiting}`;
    return scope === '' ? 'No changes. The servers match the manifest.' : `No changes${scope}. The servers match the manifest there.`;
  }
  const sum = summarize(plan.steps);
  return `Plan: ${sum.add} to add, ${sum.change} to change, ${sum.destroy} to destroy.${extras(sum, (n) => `${n} drift`)}${missing}${waiting}`;
}

/** `Waiting: crm, erp.`: what is left undone until somebody acts. */
export function waitingLine(waits: readonly string[]): string {
  return `On hold until somebody acts: ${waits.map(printable).join(', ')}.`;
}

/** What was really done: `3 added, 1 changed, 0 destroyed. 1 drift corrected.` */
export function doneLine(results: readonly StepResult[]): string {
  const sum = summarize(results.filter((r) => r.status === 'done').map((r) => r.step));
  const ran = sum.run > 0 ? ` ${sum.run} run.` : '';
  const corrected = sum.drift > 0 ? ` ${sum.drift} drift corrected.` : '';
  return `${sum.add} added, ${sum.change} changed, ${sum.destroy} destroyed.${ran}${corrected}`;
}
