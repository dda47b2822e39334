import type { PlanOutcome } from '../../src/app/types.ts';
import { type Action, type Address, addressKey, type Step } from '../../src/model/index.ts';

/** What makes an object, or takes it away. Everything else leaves it where it is, as a grant does, or a login that is closed. */
const ENDS: ReadonlySet<Action> = new Set(['create', 'replace', 'delete']);

/** Pairs of steps that nothing keeps in order although one makes or takes away an object that the other is about, or touches. */
function unordered(steps: readonly Step[]): readonly string[] {
  const before = orderOf(steps);
  const about = Map.groupBy(steps, ({ address }) => addressKey(address));
  const found = new Set<string>();
  for (const step of steps) {
    for (const object of [step.address, ...(step.touches ?? [])].map((one: Address) => addressKey(one))) {
      for (const other of about.get(object) ?? []) {
        if (other === step || !(ENDS.has(other.action) || (ENDS.has(step.action) && addressKey(step.address) === object))) continue;
        if (before(step, other) || before(other, step)) continue;
        found.add([step.id, other.id].sort().join(' and '));
      }
    }
  }
  return [...found];
}

/** Steps that follow from one that the plan does not have, or that they do not wait for. */
function astray(steps: readonly Step[]): readonly string[] {
  const ids = new Set(steps.map(({ id }) => id));
  return steps.flatMap(({ id, follows, needs }) => (follows === undefined || (ids.has(follows) && needs.includes(follows)) ? [] : [id]));
}

/** By lane, and by what each step waits for. */
function orderOf(steps: readonly Step[]): (one: Step, other: Step) => boolean {
  const at = new Map(steps.map((step, index) => [step.id, index]));
  const lane = new Map<string, number>();
  const earlier: (readonly number[])[] = [];
  for (const [index, { address, lane: name, needs }] of steps.entries()) {
    const key = JSON.stringify([address.instance, name]);
    const last = lane.get(key);
    earlier.push([...(last === undefined ? [] : [last]), ...needs.flatMap((id) => at.get(id) ?? [])]);
    lane.set(key, index);
  }
  const known = new Map<number, ReadonlySet<number>>();
  const allBefore = (index: number): ReadonlySet<number> => {
    const found = known.get(index);
    if (found) return found;
    const all = new Set<number>();
    const open = [...(earlier[index] ?? [])];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (all.has(next)) continue;
      all.add(next);
      open.push(...(earlier[next] ?? []));
    }
    known.set(index, all);
    return all;
  };
  return (one, other) => allBefore(at.get(other.id) ?? -1).has(at.get(one.id) ?? -2);
}

/** Refuses steps that are out of order. */
export function holdOrder(steps: readonly Step[]): void {
  const wrong = [...unordered(steps).map((pair) => `in no order: ${pair}`), ...astray(steps).map((id) => `follows from nothing: ${id}`)];
  if (wrong.length > 0) throw new Error(`the plan has steps out of order:\n${wrong.join('\n')}`);
}

/** Steps that change what is there and do not say what of it, from what to what. A step whose title says what it does, as one that retires a database, says enough. */
function speechless(steps: readonly Step[]): readonly string[] {
  return steps.flatMap(({ id, action, title, fields }) => {
    const names = /^(change|tighten|grant|keep) /u.test(title);
    const says = fields.some(({ from, to, added = [], removed = [] }) => from !== to || added.length + removed.length > 0);
    return action === 'update' && names && !says ? [`${id} (${title})`] : [];
  });
}

/** What every plan of the tests is held to. */
export function held(outcome: PlanOutcome): PlanOutcome {
  holdOrder(outcome.plan.steps);
  const silent = speechless(outcome.plan.steps);
  if (silent.length > 0) throw new Error(`the plan has changes that name no property:\n${silent.join('\n')}`);
  return outcome;
}
