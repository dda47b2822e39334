import { everyday, randomFor } from '../support/sample.ts';
import { isFull } from '../support/thorough.ts';

/**
 * Moments of a run at which it is ended, and whether the piece still goes on: with FULL all of both, else one in each quarter
 * of the run, day by day in two of the quarters, others each day.
 */
export function moments(total: number, version: string): readonly (readonly [n: number, how: 'forward' | 'cut'])[] {
  if (isFull(version, 'moments'))
    return Array.from({ length: total }, (_, i) => i + 1).flatMap((n) => [[n, 'forward'] as const, [n, 'cut'] as const]);
  const random = randomFor(version);
  return everyday([0, 1, 2, 3], { oneOf: 2, name: version }).map((quarter) => {
    const [from, to] = [Math.floor((quarter * total) / 4), Math.floor(((quarter + 1) * total) / 4)];
    return [from + 1 + random.below(Math.max(1, to - from)), random.chance(0.5) ? 'forward' : 'cut'] as const;
  });
}
