import { expect, test } from 'vitest';
import { Pace, restAfter } from './pace.ts';

test('whoever is slow is asked less often, but is asked', () => {
  expect(restAfter(10, { every: 15_000, rest: 10 }, true)).toBe(15_000);
  expect(restAfter(6000, { every: 15_000, rest: 10 }, true)).toBe(60_000);
  expect(restAfter(600_000, { every: 15_000, rest: 10 }, true)).toBe(300_000);
  expect(restAfter(10_000, { every: 15_000, rest: 10 }, false)).toBe(20_000);
  expect(restAfter(40_000, { every: 5000, rest: 10, longest: 30_000 }, true)).toBe(30_000);
});

test('rounds never overlap, and one that is asked for meanwhile comes right after', async () => {
  const over = new AbortController();
  const seen = { now: 0, most: 0, rounds: 0 };
  const gates = [Promise.withResolvers<boolean>(), Promise.withResolvers<boolean>()];
  const began = [Promise.withResolvers<null>(), Promise.withResolvers<null>()];
  const pace = new Pace({
    every: 600_000,
    rest: 10,
    signal: over.signal,
    round: async () => {
      const at = seen.rounds;
      seen.rounds += 1;
      seen.now += 1;
      seen.most = Math.max(seen.most, seen.now);
      began[at]?.resolve(null);
      const wentWell = (await gates[at]?.promise) ?? true;
      seen.now -= 1;
      return wentWell;
    },
  });
  await began[0]?.promise;
  pace.again();
  pace.again();
  expect(seen.rounds).toBe(1);
  gates[0]?.resolve(true);
  await began[1]?.promise;
  gates[1]?.resolve(false);
  await pace.end();
  expect(seen).toEqual({ now: 0, most: 1, rounds: 2 });
});
