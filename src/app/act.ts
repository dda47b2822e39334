import type { Lane, Locks } from '../engine/index.ts';
import type { InstanceDecl } from '../manifest/index.ts';
import type { Intent } from '../model/index.ts';
import type { assemble, Looked } from './plan.ts';
import type { Reached } from './sessions.ts';

/** An intent with what it takes to plan it. */
export interface Act {
  readonly intent: Intent;
  readonly locks: Locks;
  readonly plan: typeof assemble;
  /** False: the act has nothing to do there, and nobody has to wait for it. Left out: it may have everywhere. */
  readonly touches?: (instance: InstanceDecl) => boolean;
  /** What it looks at. Left out: all that the servers have. */
  readonly look?: (reached: readonly Reached[]) => Promise<readonly Looked[]>;
  /** A lane of core's own, in place of the engine's. */
  readonly lane?: (reached: Reached) => Promise<Lane>;
  /** Lanes that run at the same time on one instance. */
  readonly width?: number;
  /** A step runs also where one that it needs has failed. */
  readonly keepGoing?: boolean;
}
