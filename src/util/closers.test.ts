import { expect, it } from 'vitest';
import { Closers } from './closers.ts';

function closer(name: string, log: string[], error?: Error): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.resolve();
      log.push(name);
      if (error) throw error;
    },
  };
}

it('closes the last first, and each whatever another one does', async () => {
  const log: string[] = [];
  const closers = new Closers();
  for (const name of ['a', 'b', 'c']) closers.use(closer(name, log, name === 'a' ? undefined : new Error(name)));
  await expect(closers[Symbol.asyncDispose]()).rejects.toThrow('c');
  expect(log).toEqual(['c', 'b', 'a']);
  await closers[Symbol.asyncDispose]();
  expect(log.length).toBe(3);
});

it('gives what is open away', async () => {
  const log: string[] = [];
  const other = await (async () => {
    await using closers = new Closers();
    closers.use(closer('a', log));
    return closers.move();
  })();
  expect(log).toEqual([]);
  await other[Symbol.asyncDispose]();
  expect(log).toEqual(['a']);
});
