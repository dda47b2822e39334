import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { merge } from './merge.ts';
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
