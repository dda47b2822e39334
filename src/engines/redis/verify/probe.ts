import type { ProbeInfo } from '../../../engine/index.ts';

type Words = Pick<ProbeInfo, 'title' | 'attack' | 'example' | 'why' | 'hardening'>;

const LEVELS: readonly string[] = ['prefix', 'database', 'instance'];
export const SHARED: readonly string[] = ['prefix', 'database'];

/**
 * One page of the catalogue. `from` is an app or a reader, or the name of a user that is neither; null for whoever
 * connects. `to` is the app whose keys or channels are reached; null is the server.
 */
export function probe(
  id: string,
  half: ProbeInfo['half'],
  verdict: ProbeInfo['verdict'],
  words: Words,
  more: Partial<Pick<ProbeInfo, 'levels' | 'destructive'>> = {},
): ProbeInfo {
  return { id: `RD-${id}`, half, verdict, levels: LEVELS, destructive: false, ...words, ...more };
}
