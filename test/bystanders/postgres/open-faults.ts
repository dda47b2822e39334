import type { OpenFault } from '../frame.ts';
import type { Piece } from './world.ts';

/**
 * What is known and not corrected yet, by its cause in the issue, with whoever corrects it and its smallest case. An entry that
 * does no harm any more fails its test, and goes.
 */
export const openFaults: readonly OpenFault<Piece>[] = [];
