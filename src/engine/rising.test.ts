import { expect, it } from 'vitest';
import { Rising } from './rising.ts';

const one = (by: string, calls: number): { app: string; by: string; work: { calls: number } } => ({ app: 'shop', by, work: { calls } });

it('counts from the first look on, and what begins later from its beginning', () => {
  const rising = new Rising();
  rising.feed('work', [one('a', 1000)], 'e');
  expect(rising.of('shop')).toEqual({ calls: 0 });
  rising.feed('work', [one('a', 1010), one('b', 5)], 'e');
  expect(rising.of('shop')).toEqual({ calls: 15 });
  expect(rising.of('blog')).toEqual({});
});

it('never falls: what was thrown out is no work undone, and what begins anew was all done since', () => {
  const rising = new Rising();
  rising.feed('work', [one('a', 1000)], 'e');
  rising.feed('work', [one('a', 400)], 'e');
  expect(rising.of('shop')).toEqual({ calls: 0 });
  rising.feed('work', [one('a', 410)], 'e');
  expect(rising.of('shop')).toEqual({ calls: 10 });
  rising.feed('work', [one('a', 7)], 'another');
  expect(rising.of('shop')).toEqual({ calls: 17 });
});

it('takes what falls for a new beginning where the server does not say', () => {
  const rising = new Rising();
  rising.feed('work', [one('a', 1000)], null);
  rising.feed('work', [one('a', 4)], null);
  expect(rising.of('shop')).toEqual({ calls: 4 });
});
