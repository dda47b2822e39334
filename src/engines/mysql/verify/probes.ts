import type { ProbeInfo } from '../../../engine/index.ts';
import { dataProbes } from './probes-data.ts';
import { peopleProbes } from './probes-people.ts';
import { residualProbes } from './probes-residual.ts';
import { serverProbes } from './probes-server.ts';

/** Everything that `verify` tries, reads, or tells that it cannot close. */
export const probes: readonly ProbeInfo[] = [...dataProbes, ...serverProbes, ...peopleProbes, ...residualProbes];
