import type { Locks } from '../engine/index.ts';
import type { InstanceDecl } from '../manifest/index.ts';
import type { Intent } from '../model/index.ts';
import type { assemble } from './plan.ts';

/** An intent with what it takes to plan it. */
export interface Act {
  readonly intent: Intent;
  readonly locks: Locks;
  readonly plan: typeof assemble;
  /** False: the act has nothing to do there, and nobody has to wait for it. Left out: it may have everywhere. */
  readonly touches?: (instance: InstanceDecl) => boolean;
}
