import { type DraftInput, draftStep, type PlanContext, type StepDraft } from '../../../engine/index.ts';
import type { Address } from '../../../model/index.ts';
import type { Config, Placement } from '../config.ts';
import { ENGINE } from '../compile/draft.ts';

export type Context = PlanContext<Config, Placement>;

/** The server runs one command after the other anyway: all steps go over one connection. */
export const LANE = 'main';

/** Every step is a transaction of its own, unless it says otherwise. */
export function step(input: Omit<DraftInput, 'lane'>): StepDraft {
  return draftStep({ ...input, lane: LANE });
}

export function addressIn(context: Context, kind: string, name: string): Address {
  return { engine: ENGINE, instance: context.input.name, kind, name };
}
