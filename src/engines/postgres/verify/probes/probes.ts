import type { ProbeInfo } from '../../../../engine/index.ts';
import { databaseProbes } from './database.ts';
import { operatorProbes } from './operator.ts';
import { residualProbes } from './residual.ts';
import { rowProbes } from './rows.ts';
import { schemaProbes } from './schema.ts';
import { serverProbes } from './server.ts';
import { shareProbes } from './shares.ts';

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
