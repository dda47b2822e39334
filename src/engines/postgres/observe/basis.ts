import type { Observation } from '../../../engine/index.ts';
import type { Blocker } from '../connect/blockers.ts';
import type { HangingIn, Held, Remains } from '../retire/remains-spec.ts';
import type { WorkspaceRows } from '../retire/workspace-rows-spec.ts';

/** A resource that waits: who holds tables that its change would touch, and does not let them go. */
export interface Blocked {
  /** The key of its address. */
  readonly what: string;
  readonly blockers: readonly Blocker[];
}

interface Facts {
  readonly blocked: readonly Blocked[];
  /** For each app that leaves: what of it all databases share, and who holds that. */
  readonly held: readonly Held[];
  /** Of apps that leave now. */
  readonly hanging: readonly HangingIn[];
  /** What a delete would end, for each app and database. */
  readonly remains: readonly Remains[];
  readonly workspaceRows: readonly WorkspaceRows[];
}

/** What steps are worked out from besides resources, as it stands in an observation. */
export class Basis implements Facts {
  readonly blocked: readonly Blocked[];
  readonly held: readonly Held[];
  readonly hanging: readonly HangingIn[];
  readonly remains: readonly Remains[];
  readonly workspaceRows: readonly WorkspaceRows[];

  constructor({ blocked, held, hanging, remains, workspaceRows }: Facts) {
    this.blocked = blocked;
    this.held = held;
    this.hanging = hanging;
    this.remains = remains;
    this.workspaceRows = workspaceRows;
  }
}

const NOTHING = new Basis({ blocked: [], held: [], hanging: [], remains: [], workspaceRows: [] });

export function basisOf({ basis }: Pick<Observation, 'basis'>): Basis {
  return basis instanceof Basis ? basis : NOTHING;
}

export function remainsOf(app: string, observation: Pick<Observation, 'basis'>): readonly Remains[] {
  return basisOf(observation).remains.filter((one) => one.app === app);
}

export function hangingOf(app: string, observation: Pick<Observation, 'basis'>): readonly HangingIn[] {
  const { hanging, remains } = basisOf(observation);
  return [...hanging, ...remains].filter((one) => one.app === app);
}
