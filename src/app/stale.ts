import type { Plan, Step } from '../model/index.ts';
import { fingerprint } from '../util/canonical.ts';
import { lookUp } from '../util/record.ts';
import { byText } from '../util/text-order.ts';

/** Steps named in the message. */
const SHOWN = 10;

/** What is no longer as it was when the plan was saved, in words; [] where the plan is as good as new. */
export function staleBy(saved: Plan, now: Plan): readonly string[] {
  const instances = [...new Set([...Object.keys(saved.observed), ...Object.keys(now.observed)])].sort(byText);
  const servers = instances.filter((name) => lookUp(saved.observed, name) !== lookUp(now.observed, name));
  return [
    ...(saved.manifestHash === now.manifestHash ? [] : ['the manifest has changed']),
    ...servers.map((name) => `what is managed on "${name}" has changed`),
    ...changedSteps(saved.steps, now.steps),
  ];
}

/** Whole steps: what somebody looked at is what runs. */
function changedSteps(before: readonly Step[], after: readonly Step[]): readonly string[] {
  const old = new Map(before.map((step) => [step.id, step]));
  const ids = new Set(after.map(({ id }) => id));
  const all = [
    ...after.filter(({ id }) => !old.has(id)).map((step) => `a step is new: ${nameOf(step)}`),
    ...before.filter(({ id }) => !ids.has(id)).map((step) => `a step is gone: ${nameOf(step)}`),
    ...after.flatMap((step) => {
      const was = old.get(step.id);
      return was && lasting(was) !== lasting(step) ? [`a step is another one: ${nameOf(step)}`] : [];
    }),
  ];
  const order = before.map(({ id }) => id).join('\n') === after.map(({ id }) => id).join('\n');
  if (all.length === 0) return order ? [] : ['the steps have another order'];
  return all.length > SHOWN ? [...all.slice(0, SHOWN), `${all.length - SHOWN} more steps`] : all;
}

const nameOf = ({ title, address }: Step): string => `${title} ${address.name}`;

/** Sessions open and close by the second, and decide nothing: whose would end now is asked for when the plan is applied. */
function lasting({ losses, ...step }: Step): string {
  const kept = step.address.kind === 'sessions' ? [] : (losses ?? []).map((loss) => ({ ...loss, sessions: null }));
  return fingerprint({ ...step, losses: kept });
}
