import { probePages } from '../../../engine/index.ts';

export const SHARED: readonly string[] = ['prefix', 'database'];

/**
 * One page of the catalogue. `from` is an app or a reader, or the name of a user that is neither; null for whoever
 * connects. `to` is the app whose keys or channels are reached; null is the server.
 */
export const probe = probePages('RD', ['prefix', 'database', 'instance']);
