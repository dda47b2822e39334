import { type DraftInput, draftStep, type PlanContext, type StepDraft } from '../../../engine/index.ts';
import type { Config, Placement } from '../config.ts';
import { type Facts, factsOf as serverFacts } from '../observe/facts.ts';

export type Context = PlanContext<Config, Placement>;

/** Everything is kept in tables of the whole server, which takes one change at a time: there is one lane. */
export const LANE = 'server';

/** In place of an app's name, where something is of several: no app can be called so. */
export const WHOLE_SERVER = 'the server';

export function factsOf(context: Context): Facts {
  return serverFacts(context.observation.server);
}

/** A step of its own: no two statements of this server succeed or fail together. */
export function step(input: Omit<DraftInput, 'lane' | 'unit'>): StepDraft {
  return draftStep({ ...input, lane: LANE });
}
