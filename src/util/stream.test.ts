import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { asTheyEnd, merge } from './merge.ts';
import { Stream } from './stream.ts';

it('gives what comes while earlier values are read, before it ends', async () => {
  const stream = new Stream<number>();
  stream.push(1);
  const read: number[] = [];
  for await (const value of stream) {
    read.push(value);
    if (value < 5) stream.push(value + 1);
    else stream.end();
  }
  expect(read).toEqual([1, 2, 3, 4, 5]);
});

it('does not keep a value back until the next one comes', async () => {
  const stream = new Stream<string>();
  const values = stream[Symbol.asyncIterator]();
  stream.push('first');
  expect(await values.next()).toEqual({ done: false, value: 'first' });
  stream.push('second');
  const second = values.next();
  expect(await Promise.race([second, nextTurn('nothing')])).toEqual({ done: false, value: 'second' });
});

it('gives all values before an error', async () => {
  const stream = new Stream<number>();
  stream.push(1);
  stream.push(2);
  stream.fail(new Error('broken'));
  const read: number[] = [];
  const reading = async (): Promise<void> => {
    for await (const value of stream) read.push(value);
  };
  await expect(reading()).rejects.toThrow('broken');
  expect(read).toEqual([1, 2]);
});

it('merges sources as they come', async () => {
  const source = async function* (name: string): AsyncGenerator<string> {
    for (const n of [1, 2, 3]) {
      yield `${name}${n}`;
      await nextTurn();
    }
  };
  const read: string[] = [];
  for await (const value of merge([source('a'), source('b')])) read.push(value);
  expect(read.toSorted()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3']);
  expect(read[1]).toBe('b1');
});

it('gives what works come to as they end, and fails with a defect when none runs any more', async () => {
  const slow = Promise.withResolvers<string>();
  let ended = false;
  const works = [
    async (): Promise<string> => await slow.promise.finally(() => (ended = true)),
    async (): Promise<string> => await Promise.reject(new Error('broken')),
    async (): Promise<string> => await Promise.resolve('quick'),
  ];
  const read: string[] = [];
  const reading = (async (): Promise<void> => {
    for await (const value of asTheyEnd(works)) read.push(value);
  })();
  const seen = reading.catch((error: unknown) => [error, ended]);
  await nextTurn();
  expect([read, ended]).toEqual([['quick'], false]);
  slow.resolve('slow');
  expect(await seen).toEqual([new Error('broken'), true]);
  expect(read).toEqual(['quick', 'slow']);
});

it('a consumer that goes away waits for works that run', async () => {
  const slow = Promise.withResolvers<string>();
  let left = false;
  const reading = (async (): Promise<void> => {
    for await (const value of asTheyEnd([async () => await Promise.resolve('quick'), async () => await slow.promise]))
      if (value === 'quick') break;
    left = true;
  })();
  await nextTurn();
  await nextTurn();
  expect(left).toBe(false);
  slow.resolve('slow');
  await reading;
  expect(left).toBe(true);
});
