import { expect, test } from 'vitest';
import { Heard } from './heard.ts';

test('whoever was not heard of for long is late, and then lost', () => {
  let now = 5000;
  const heard = new Heard(10_000, () => now);
  expect([heard.silence('main'), heard.isLost('main')]).toEqual([0, false]);
  heard.note('main');
  now += 40_000;
  expect([heard.silence('main'), heard.isLost('main')]).toEqual([0, false]);
  now += 1;
  expect([heard.silence('main'), heard.isLost('main')]).toEqual([40_001, false]);
  now += 400_000;
  expect([heard.silence('main'), heard.isLost('main')]).toEqual([440_001, true]);
  heard.note('main');
  expect(heard.silence('main')).toBe(0);
});
