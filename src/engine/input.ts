import type { Path } from '../model/index.ts';
import { oncePer } from '../util/once.ts';

/** One app on one instance, with its placement parsed by the engine's own schema and the defaults filled in. */
export interface PlacementInput<Placement> {
  readonly app: string;
  readonly placement: Placement;
  readonly path: Path;
}

/** A read-only login over the data of several apps. Only the apps that live on this instance are listed. */
export interface ReaderInput {
  readonly name: string;
  readonly reads: readonly string[];
  readonly connections: number | null;
  readonly path: Path;
}

/** A wall opened on purpose: `to` may read these tables of `from`. */
export interface ShareInput {
  readonly from: string;
  readonly to: string;
  readonly tables: readonly string[];
  readonly columns: readonly string[] | null;
  readonly via: 'grant' | 'api';
  readonly path: Path;
}

/** A login of the operator: a backup, a monitor, a pooler. It exists already; cotenant gives it what it may do, and never takes that. */
export interface OperatorInput {
  /** As the server calls it. */
  readonly name: string;
  /** Words of the engine's `operatorRights`. */
  readonly may: readonly string[];
  readonly path: Path;
}

/** A login that is nobody's of the manifest and is accepted: what it has stays. */
export interface KnownInput {
  readonly user: string;
  readonly why: string;
  readonly path: Path;
}

/** Everything that the manifest says about one instance. Frozen. */
export interface InstanceInput<Config = unknown, Placement = unknown> {
  readonly project: string;
  readonly name: string;
  readonly config: Config;
  readonly path: Path;
  readonly placements: readonly PlacementInput<Placement>[];
  readonly readers: readonly ReaderInput[];
  readonly shares: readonly ShareInput[];
  readonly operators: readonly OperatorInput[];
  readonly known: readonly KnownInput[];
  readonly removal: 'retain' | 'delete';
}

const byApp = oncePer((input: InstanceInput) => new Map(input.placements.map(({ app }, index) => [app, index])));

/** The placement of an app on this instance. An input is frozen: where each app stands is worked out once. */
export function placementOf<Config, Placement>(
  input: InstanceInput<Config, Placement>,
  app: string,
): PlacementInput<Placement> | undefined {
  return input.placements[byApp(input).get(app) ?? -1];
}
