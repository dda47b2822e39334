import type { Step } from '../model/index.ts';

/** Steps of one lane, in order. */
export interface LaneWork {
  readonly instance: string;
  readonly lane: string;
  readonly units: readonly (readonly Step[])[];
}

/** Splits a plan's steps into the lanes of each instance, and each lane into units that succeed or fail together. */
export function lanesOf(steps: readonly Step[]): readonly LaneWork[] {
  const lanes = new Map<string, { instance: string; lane: string; units: Step[][] }>();
  for (const step of steps) {
    const { instance } = step.address;
    const key = JSON.stringify([instance, step.lane]);
    const work = lanes.get(key) ?? { instance, lane: step.lane, units: [] };
    const last = work.units.at(-1);
    const previous = last?.[0];
    if (last && previous && step.unit !== null && previous.unit === step.unit) last.push(step);
    else work.units.push([step]);
    lanes.set(key, work);
  }
  return [...lanes.values()];
}
