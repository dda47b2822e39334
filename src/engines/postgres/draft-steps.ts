import { addressOf, type Change, type PlanContext } from '../../engine/index.ts';
import type { Config, Placement } from './config.ts';
import { type Facts, factsOf as serverFacts } from './kinds/kind.ts';

export type Context = PlanContext<Config, Placement>;

export const SHARED = 'shared';

export function factsOf(context: Context): Facts {
  return serverFacts(context.observation.server);
}

export function nameOf(change: Change): string {
  return addressOf(change).name;
}
