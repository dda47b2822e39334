import type { ZodType } from 'zod';
import type { Json } from '../model/index.ts';
import type { PlanContext, Planned } from './engine.ts';

/** How much of a server one run keeps to itself: all of it, what one app has and shares there, or nothing, as it only reads. */
export type Locks = 'instance' | 'app' | 'none';

/** An act on one app that no difference calls for: it takes minutes, streams bytes, is watched, and goes on after a kill. */
export interface Operation {
  /** The form of the intent's arguments. */
  readonly args: ZodType<Json>;
  readonly locks: Locks;
  /** What is to be done, as the server stands: what is true already is not planned again. Pure. */
  plan(app: string, args: Json, context: PlanContext): Planned;
}
