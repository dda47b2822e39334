import {
  type Compiled,
  type Engine,
  hashesOf,
  type InstanceInput,
  namesOthers,
  type Observation,
  type StepDraft,
} from '../engine/index.ts';
import type { Cause, Diagnostic, SecretRef, Step } from '../model/index.ts';
import { fingerprintAll } from '../util/canonical.ts';
import { changesOf } from './changes.ts';
import { passwordsReplaced, withPasswordLosses } from './passwords.ts';

export interface InstancePlanInput {
  readonly engine: Engine;
  readonly input: InstanceInput;
  readonly compiled: Compiled;
  readonly observation: Observation;
  /** ISO day. */
  readonly today: string;
  /** Whether the secret store has it. */
  readonly hasSecret: (ref: SecretRef) => boolean;
  /** As in the engine's `PlanContext`. */
  readonly confirmed?: readonly string[];
}

export interface InstancePlan {
  readonly steps: readonly Step[];
  readonly diagnostics: readonly Diagnostic[];
  /** Fingerprint of what was observed. */
  readonly observed: string;
}

/** What there is to do on one instance. The same input gives the same steps, byte for byte. */
export function planInstance({ engine, input, compiled, observation, today, hasSecret, ...more }: InstancePlanInput): InstancePlan {
  const changes = changesOf(engine, compiled.resources, observation);
  const hashes = hashesOf(compiled.resources, input);
  const planned = engine.steps(changes, { input, observation, today, hashes, ...more });
  return {
    steps: withCauses(withPasswordLosses(planned.steps, passwordsReplaced(engine, changes), hasSecret), observation.marks, hashes),
    diagnostics: [...observation.diagnostics, ...(engine.judge?.(input, observation) ?? []), ...planned.diagnostics],
    observed: fingerprintAll([...observation.resources, observation.marks, observation.server, observation.basis ?? null]),
  };
}

/**
 * Drift is what somebody did to the server. Where an operator or a stranger is named no more, what it kept by its name goes,
 * and nobody touched the server: such a step is meant, and so is one that only waits for such ones.
 */
function withCauses(drafts: readonly StepDraft[], marks: Observation['marks'], hashes: ReadonlyMap<string, string>): readonly Step[] {
  const complete = new Map(marks.filter((mark) => mark.retired === null).map((mark) => [mark.app, mark.applied]));
  const others = namesOthers(complete.get('') ?? null, hashes.get(''));
  const meant = new Set<string>();
  const causes = new Map<string, Cause>();
  const caused = (draft: StepDraft): Step => {
    const applied = complete.get(draft.app ?? '') ?? null;
    const told: Cause = applied !== null && applied === hashes.get(draft.app ?? '') ? 'drift' : 'intended';
    const cause = draft.cause ?? causes.get(draft.follows ?? '') ?? told;
    const risk = riskOf(draft);
    if (cause === 'intended' || !others || !takesFromOthers(draft, meant)) return { ...draft, cause, risk };
    meant.add(draft.id);
    return { ...draft, cause: 'intended', risk };
  };
  return drafts.map((draft) => {
    const step = caused(draft);
    causes.set(step.id, step.cause);
    return step;
  });
}

/** What anybody loses something by is not safe, and neither is what nobody could work out. */
export function riskOf({ risk, losses = [] }: Pick<Step, 'risk' | 'losses'>): Step['risk'] {
  return risk === 'safe' && losses.length > 0 ? 'access-reducing' : risk;
}

function takesFromOthers({ risk, losses = [], needs }: StepDraft, meant: ReadonlySet<string>): boolean {
  if (risk !== 'access-reducing') return false;
  return losses.length === 0 ? needs.length > 0 && needs.every((id) => meant.has(id)) : losses.some(({ of }) => of === null);
}

/** The steps of some apps and everything that they wait for, with what is done for the same app together with it or not at all. */
export function stepsOfApps(steps: readonly Step[], apps: readonly string[]): readonly Step[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const unitOf = ({ address: { instance }, app: of, lane, unit }: Step): string => JSON.stringify([instance, of, lane, unit]);
  const units = Map.groupBy(
    steps.filter(({ unit }) => unit !== null),
    unitOf,
  );
  const kept = new Set<string>();
  const keep = (step: Step): void => {
    if (kept.has(step.id)) return;
    kept.add(step.id);
    if (step.unit !== null) for (const other of units.get(unitOf(step)) ?? []) keep(other);
    for (const id of step.needs) {
      const before = byId.get(id);
      if (before) keep(before);
    }
  };
  for (const step of steps) if (step.app !== null && apps.includes(step.app)) keep(step);
  return steps.filter((step) => kept.has(step.id));
}
