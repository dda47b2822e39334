import { expect, it, test } from 'vitest';
import { firstMoment, sampled, seedOf, sharedPart } from './sample.ts';

const list = Array.from({ length: 23 }, (_, index) => index);

test.each([1, 2, 5, 12, 40])('as many days as there are parts (%i) take everything, whatever runs beside', (oneOf) => {
  for (const name of ['', 'redis8', 'postgres14']) {
    for (const start of [0, oneOf * 1700, 20_420]) {
      const first = start + ((oneOf - (sampledRound(start, oneOf, name) % oneOf)) % oneOf);
      const days = Array.from({ length: oneOf }, (_, day) => sampled(list, { oneOf, name }, first + day));
      expect(days.flat().sort((a, b) => a - b)).toEqual(list);
      expect(days.every((one) => one.length >= Math.floor(list.length / oneOf))).toBe(true);
    }
  }
});

/** Which part that day takes. */
function sampledRound(day: number, oneOf: number, name: string): number {
  return firstMoment({ oneOf, name }, day) - 1;
}

it('is the same for the same seed, in the order of the list, and another one the day after', () => {
  const [today, again, tomorrow] = [20_420, 20_420, 20_421].map((day) => sampled(list, { oneOf: 4 }, day));
  expect(again).toEqual(today);
  expect(tomorrow).not.toEqual(today);
  expect(today?.toSorted((a, b) => a - b)).toEqual(today);
});

it('does not always keep the same things together', () => {
  const withFirst = [0, 1, 2, 3, 4, 5].map((round) => [0, 1, 2, 3].map((turn) => sampled(list, { oneOf: 4 }, round * 4 + turn)));
  const groups = withFirst.map((days) => JSON.stringify(days.find((day) => day.includes(0))));
  expect(new Set(groups).size).toBeGreaterThan(3);
});

it('is shared out: all of it each day, and to each all of it in time', () => {
  for (const day of [20_420, 20_421, 20_422]) {
    const parts = [0, 1, 2].map((at) => sharedPart(list, { at, of: 3 }, day));
    expect(parts.flat().sort((a, b) => a - b)).toEqual(list);
  }
  const mine = [20_421, 20_422, 20_423].map((day) => sharedPart(list, { at: 1, of: 3 }, day));
  expect(mine.flat().sort((a, b) => a - b)).toEqual(list);
});

it('begins at each moment in turn', () => {
  expect([0, 1, 2, 3, 4].map((day) => firstMoment({ oneOf: 3 }, day))).toEqual([1, 2, 3, 1, 2]);
});

it('takes the day unless it is told', () => {
  expect(seedOf(undefined, Date.UTC(2026, 0, 2, 23))).toBe(Date.UTC(2026, 0, 2) / 86_400_000);
  expect([seedOf('17'), seedOf('', 86_400_000)]).toEqual([17, 1]);
  expect(seedOf('random')).toBeGreaterThanOrEqual(0);
  expect(() => seedOf('tomorrow')).toThrow('tomorrow');
});
