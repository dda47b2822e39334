import { fc } from '../../test/support/properties.ts';
import { describe, expect, it } from 'vitest';
import { COVER, coveringPairs } from './pairs.ts';

const names = (n: number): readonly string[] => Array.from({ length: n }, (_, index) => `app${index}`);
const sizes = fc.integer({ min: 0, max: 60 });
const seeds = fc.integer({ min: 0, max: 0xffff_ffff });

function attackersOf(pairs: ReadonlyMap<string, readonly string[]>, app: string): number {
  return [...pairs.values()].filter((victims) => victims.includes(app)).length;
}

describe('the covering set', () => {
  it('lets every app attack, and be attacked by, at least three others, or all where there are fewer', () => {
    fc.assert(
      fc.property(sizes, seeds, (n, seed) => {
        const apps = names(n);
        const pairs = coveringPairs(apps, seed, false);
        const least = Math.max(0, Math.min(COVER, n - 1));
        expect([...pairs.keys()].sort()).toEqual([...apps].sort());
        for (const app of apps) {
          const victims = pairs.get(app) ?? [];
          expect(new Set(victims).size).toBe(victims.length);
          expect(victims).not.toContain(app);
          expect(victims.length).toBeGreaterThanOrEqual(least);
          expect(attackersOf(pairs, app)).toBeGreaterThanOrEqual(least);
        }
      }),
    );
  });

  it('grows with the apps and not with the pairs', () => {
    fc.assert(
      fc.property(sizes, seeds, (n, seed) => {
        expect([...coveringPairs(names(n), seed, false).values()].flat().length).toBeLessThanOrEqual(COVER * n);
      }),
    );
  });

  it('is all pairs where that is asked for', () => {
    fc.assert(
      fc.property(sizes, seeds, (n, seed) => {
        const apps = names(n);
        const pairs = coveringPairs(apps, seed, true);
        for (const app of apps) expect([...(pairs.get(app) ?? [])].sort()).toEqual(apps.filter((one) => one !== app).sort());
      }),
    );
  });

  it('is the same for the same seed', () => {
    fc.assert(
      fc.property(sizes, seeds, (n, seed) => {
        expect([...coveringPairs(names(n), seed, false)]).toEqual([...coveringPairs(names(n), seed, false)]);
      }),
    );
  });

  it('differs with the seed, so that run after run comes to every pair', () => {
    const apps = names(12);
    const tried = new Set<string>();
    const choices = new Set<string>();
    for (let seed = 0; seed < 100; seed++) {
      const pairs = [...coveringPairs(apps, seed, false)].flatMap(([from, victims]) => victims.map((to) => `${from} ${to}`));
      choices.add(pairs.toSorted().join());
      for (const pair of pairs) tried.add(pair);
    }
    expect(choices.size).toBe(100);
    expect(tried.size).toBe(12 * 11);
  });

  it('of one app has its attacks and those on it, and nobody else at work', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), seeds, fc.boolean(), (n, seed, exhaustive) => {
        const pairs = coveringPairs(names(n), seed, exhaustive, ['app0']);
        const least = exhaustive ? n - 1 : Math.min(COVER, n - 1);
        expect(pairs.get('app0')?.length).toBeGreaterThanOrEqual(least);
        expect(attackersOf(pairs, 'app0')).toBeGreaterThanOrEqual(least);
        for (const [from, victims] of pairs) if (from !== 'app0') expect(victims).toEqual(['app0']);
      }),
    );
  });

  it('of an app that has no login here is empty', () => {
    expect([...coveringPairs(names(4), 1, false, ['gone'])]).toEqual([]);
  });
});
