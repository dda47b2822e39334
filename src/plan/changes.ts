import type { Change, Engine, Observation } from '../engine/index.ts';
import { addressKey, type Observed, type Resource } from '../model/index.ts';

/** Every difference between what is wanted and what is there, in the order of the manifest; leftovers of ours last. Pure. */
export function changesOf(engine: Engine, desired: readonly Resource[], observation: Observation): readonly Change[] {
  const observed = new Map<string, Observed>();
  for (const one of observation.resources) observed.set(addressKey(one.address), one);
  const changes: Change[] = [];
  const { kinds } = observation;
  for (const resource of desired) {
    if (kinds && !kinds.includes(resource.address.kind)) continue;
    const key = addressKey(resource.address);
    const found = observed.get(key) ?? null;
    observed.delete(key);
    const fields = found ? engine.diff(resource, found, observation) : [];
    if (!found || fields.length > 0) changes.push({ desired: resource, observed: found, fields });
  }
  for (const leftover of observed.values()) {
    if (leftover.owned) changes.push({ desired: null, observed: leftover, fields: [] });
  }
  return changes;
}
