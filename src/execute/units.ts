import type { Step } from '../model/index.ts';

/** Steps of one lane, in order. */
export interface LaneWork {
  readonly lane: string;
  readonly units: readonly (readonly Step[])[];
}

/** Splits a plan's steps into lanes, and each lane into units that succeed or fail together. */
export function lanesOf(steps: readonly Step[]): readonly LaneWork[] {
  const lanes = new Map<string, Step[][]>();
  for (const step of steps) {
    const units = lanes.get(step.lane) ?? [];
    const last = units.at(-1);
    const previous = last?.[0];
    if (last && previous && step.unit !== null && previous.unit === step.unit) last.push(step);
    else units.push([step]);
    lanes.set(step.lane, units);
  }
  return [...lanes].map(([lane, units]) => ({ lane, units }));
}
