import type { Path } from '../model/index.ts';

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

/** Everything that the manifest says about one instance. Frozen. */
export interface InstanceInput<Config = unknown, Placement = unknown> {
  readonly project: string;
  readonly name: string;
  readonly config: Config;
  readonly path: Path;
  readonly placements: readonly PlacementInput<Placement>[];
  readonly readers: readonly ReaderInput[];
  readonly shares: readonly ShareInput[];
  readonly removal: 'retain' | 'delete';
}
