import type { ProbeInfo } from '../../../engine/index.ts';
import { databaseProbes } from './probes-database.ts';
import { operatorProbes } from './probes-operator.ts';
import { residualProbes } from './probes-residual.ts';
import { rowProbes } from './probes-rows.ts';
import { schemaProbes } from './probes-schema.ts';
import { serverProbes } from './probes-server.ts';
import { shareProbes } from './probes-shares.ts';

/** Everything that `verify` tries, reads, or tells that it cannot close. */
export const probes: readonly ProbeInfo[] = [
  ...databaseProbes,
  ...operatorProbes,
  ...schemaProbes,
  ...rowProbes,
  ...serverProbes,
  ...shareProbes,
  ...residualProbes,
];
