import type { Step } from '../model/index.ts';
import type { LaneWork } from './units.ts';

/**
 * Throws where a step waits for one that the run does not have, or for itself by a circle: a defect of the plan, found before
 * anything is sent.
 */
export function checkOrder(lanes: readonly LaneWork[]): void {
  const units = lanes.flatMap((lane) => lane.units);
  const unitOf = new Map<string, readonly Step[]>();
  for (const unit of units) {
    for (const step of unit) {
      if (unitOf.has(step.id)) throw new Error(`two steps of the plan are called ${step.id}`);
      unitOf.set(step.id, unit);
    }
  }
  const open = new Map(units.map((unit) => [unit, new Set(waitsOf(unit, unitOf))]));
  for (const lane of lanes) {
    for (const [index, unit] of lane.units.entries()) {
      const previous = lane.units[index - 1];
      if (previous) open.get(unit)?.add(previous);
    }
  }
  const waiting = new Map<readonly Step[], (readonly Step[])[]>();
  for (const [unit, needs] of open) for (const need of needs) waiting.set(need, [...(waiting.get(need) ?? []), unit]);
  const ready = units.filter((unit) => open.get(unit)?.size === 0);
  for (const unit of ready) {
    for (const next of waiting.get(unit) ?? []) {
      const needs = open.get(next);
      needs?.delete(unit);
      if (needs?.size === 0) ready.push(next);
    }
  }
  if (ready.length === units.length) return;
  const stuck = units.find((unit) => (open.get(unit)?.size ?? 0) > 0);
  throw new Error(`steps of the plan wait for each other: ${stuck?.[0]?.id ?? ''}`);
}

function waitsOf(unit: readonly Step[], unitOf: ReadonlyMap<string, readonly Step[]>): readonly (readonly Step[])[] {
  return unit.flatMap((step) =>
    step.needs.flatMap((id) => {
      const before = unitOf.get(id);
      if (!before) throw new Error(`the step ${step.id} waits for ${id}, which the plan does not have`);
      return before === unit ? [] : [before];
    }),
  );
}
