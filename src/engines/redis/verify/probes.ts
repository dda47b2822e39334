import type { ProbeInfo } from '../../../engine/index.ts';
import { keyProbes } from './probes-keys.ts';
import { residualProbes } from './probes-residual.ts';
import { serverProbes } from './probes-server.ts';

/** Everything that `verify` tries, reads, or tells that it cannot close. */
export const probes: readonly ProbeInfo[] = [...keyProbes, ...serverProbes, ...residualProbes];
