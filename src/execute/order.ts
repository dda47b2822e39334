import type { Step } from '../model/index.ts';
import type { LaneWork } from './units.ts';
import { append } from '../util/append.ts';

type Unit = readonly Step[];

/**
 * Throws where a step waits for one that the run does not have, or for itself by a circle: a defect of the plan, found before
 * anything is sent. Units with a stream between them run at the same time, and count as one.
 */
export function checkOrder(lanes: readonly LaneWork[]): void {
  const unitOf = byStep(lanes.flatMap((lane) => lane.units));
  const partyOf = parties(unitOf);
  const open = new Map<Unit, Set<Unit>>([...partyOf.values()].map((party) => [party, new Set()]));
  const wait = (unit: Unit, before: Unit): void => {
    const [party, other] = [partyOf.get(unit), partyOf.get(before)];
    if (!party || !other) return;
    if (party === other) throw new Error(`steps of the plan wait for each other: ${unit[0]?.id ?? ''}`);
    open.get(party)?.add(other);
  };
  for (const { units } of lanes) {
    for (const [index, unit] of units.entries()) {
      const previous = units[index - 1];
      if (previous) wait(unit, previous);
      for (const before of waitsOf(unit, unitOf)) wait(unit, before);
    }
  }
  checkCircles(open);
}

/** Takes away what waits for nothing, again and again; what stays waits for itself. */
function checkCircles(open: ReadonlyMap<Unit, Set<Unit>>): void {
  const waiting = new Map<Unit, Unit[]>();
  for (const [unit, needs] of open) for (const need of needs) append(waiting, need, unit);
  const ready = [...open.keys()].filter((unit) => open.get(unit)?.size === 0);
  for (const unit of ready) {
    for (const next of waiting.get(unit) ?? []) {
      const needs = open.get(next);
      needs?.delete(unit);
      if (needs?.size === 0) ready.push(next);
    }
  }
  if (ready.length === open.size) return;
  const stuck = [...open].find(([, needs]) => needs.size > 0);
  throw new Error(`steps of the plan wait for each other: ${stuck?.[0][0]?.id ?? ''}`);
}

function byStep(units: readonly Unit[]): ReadonlyMap<string, Unit> {
  const unitOf = new Map<string, Unit>();
  for (const unit of units) {
    for (const step of unit) {
      if (unitOf.has(step.id)) throw new Error(`two steps of the plan are called ${step.id}`);
      unitOf.set(step.id, unit);
    }
  }
  return unitOf;
}

/** For each unit the one that stands for all that run at the same time with it. */
function parties(unitOf: ReadonlyMap<string, Unit>): ReadonlyMap<Unit, Unit> {
  const units = [...new Set(unitOf.values())];
  const partyOf = new Map<Unit, Unit>(units.map((unit) => [unit, unit]));
  const makers = new Map<string, Unit>();
  for (const unit of units) for (const { makes } of unit) if (makes !== undefined) makers.set(makes, unit);
  for (const unit of units) {
    for (const name of unit.flatMap(({ takes = [] }) => takes)) {
      const [mine, other] = [partyOf.get(unit), partyOf.get(makers.get(name) ?? unit)];
      if (!mine || !other || mine === other) continue;
      for (const [one, party] of partyOf) if (party === mine) partyOf.set(one, other);
    }
  }
  return partyOf;
}

function waitsOf(unit: Unit, unitOf: ReadonlyMap<string, Unit>): readonly Unit[] {
  return unit.flatMap((step) =>
    step.needs.flatMap((id) => {
      const before = unitOf.get(id);
      if (!before) throw new Error(`the step ${step.id} waits for ${id}, which the plan does not have`);
      return before === unit ? [] : [before];
    }),
  );
}
