import type { Compiled, Engine, InstanceInput, Observation, StepDraft } from '../engine/index.ts';
import type { Cause, Diagnostic, Resource, Step } from '../model/index.ts';
import { fingerprint, fingerprintAll } from '../util/canonical.ts';
import { changesOf } from './changes.ts';

export interface InstancePlanInput {
  readonly engine: Engine;
  readonly input: InstanceInput;
  readonly compiled: Compiled;
  readonly observation: Observation;
  /** ISO day. */
  readonly today: string;
}

export interface InstancePlan {
  readonly steps: readonly Step[];
  readonly diagnostics: readonly Diagnostic[];
  /** Fingerprint of what was observed. */
  readonly observed: string;
}

/** What there is to do on one instance. The same input gives the same steps, byte for byte. */
export function planInstance({ engine, input, compiled, observation, today }: InstancePlanInput): InstancePlan {
  const changes = changesOf(engine, compiled.resources, observation);
  const hashes = hashesOf(compiled.resources);
  const planned = engine.steps(changes, { input, observation, today, hashes });
  const complete = new Map(observation.marks.filter((mark) => mark.retired === null).map((mark) => [mark.app, mark.applied]));
  return {
    steps: planned.steps.map((draft) => ({ ...draft, cause: causeOf(draft, complete, hashes) })),
    diagnostics: [...observation.diagnostics, ...(engine.judge?.(input, observation) ?? []), ...planned.diagnostics],
    observed: fingerprintAll([observation.resources, observation.marks, observation.server]),
  };
}

/** What the manifest asks for, for each app. Where an app's mark carries the same hash, any difference was made by hand. */
function hashesOf(resources: readonly Resource[]): ReadonlyMap<string, string> {
  const parts = new Map<string, string[]>();
  for (const { app, address, spec } of resources) {
    if (app === null) continue;
    const list = parts.get(app) ?? [];
    list.push(fingerprint([address.kind, address.name, spec]));
    parts.set(app, list);
  }
  return new Map([...parts].map(([app, list]) => [app, fingerprint(list.sort()).slice(0, 16)]));
}

function causeOf(draft: StepDraft, complete: ReadonlyMap<string, string | null>, hashes: ReadonlyMap<string, string>): Cause {
  if (draft.app === null) return draft.action !== 'create' && [...complete.values()].some((hash) => hash !== null) ? 'drift' : 'intended';
  const applied = complete.get(draft.app);
  return applied !== undefined && applied !== null && applied === hashes.get(draft.app) ? 'drift' : 'intended';
}

/** The steps of one app and everything that they wait for. */
export function stepsOfApp(steps: readonly Step[], app: string): readonly Step[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const kept = new Set<string>();
  const keep = (step: Step): void => {
    if (kept.has(step.id)) return;
    kept.add(step.id);
    for (const id of step.after) {
      const before = byId.get(id);
      if (before) keep(before);
    }
  };
  for (const step of steps) if (step.app === app) keep(step);
  return steps.filter((step) => kept.has(step.id));
}


