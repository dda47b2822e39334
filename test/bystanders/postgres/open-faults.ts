import type { OpenFault } from '../frame.ts';
import type { Piece } from './world.ts';

/** What is known and not mended yet. Whoever mends one takes its entry out: a test fails where an entry does no harm any more. */
export const openFaults: readonly OpenFault<Piece>[] = [];
