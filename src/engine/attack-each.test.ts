import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { attackEach } from './attack-each.ts';
import type { Attempt } from './verify.ts';

const attempt: Attempt = {
  probe: 'X',
  from: 'a',
  to: 'b',
  statement: '',
  control: false,
  declared: false,
  outcome: 'denied',
  code: '',
  answer: '',
  fix: [],
};

const pairs = new Map(Array.from({ length: 40 }, (_, index) => [`app${index}`, [`app${index + 1}`]]));

interface Log {
  readonly begun: string[];
  readonly ended: string[];
}

function attacks(signal: AbortSignal, log: Log): AsyncGenerator<Attempt> {
  return attackEach({ pairs, destructive: false, signal }, 4, async ({ from, first }, push) => {
    log.begun.push(from);
    expect(first).toBe(from === 'app0');
    await sleep(2);
    push({ ...attempt, from });
    log.ended.push(from);
  });
}

test('everybody attacks once', async () => {
  const log: Log = { begun: [], ended: [] };
  const all: Attempt[] = [];
  for await (const one of attacks(new AbortController().signal, log)) all.push(one);
  expect(all.map(({ from }) => from).sort()).toEqual([...pairs.keys()].sort());
});

test('a signal lets those at work end, and nobody else begin', async () => {
  const log: Log = { begun: [], ended: [] };
  const controller = new AbortController();
  for await (const _ of attacks(controller.signal, log)) controller.abort();
  expect(log.begun.length).toBeLessThan(12);
  expect(log.ended).toEqual(log.begun);
});

test('so does a reader that goes away, before it gets its answer', async () => {
  const log: Log = { begun: [], ended: [] };
  const attempts = attacks(new AbortController().signal, log);
  expect((await attempts.next()).done).toBe(false);
  await attempts.return(undefined);
  expect(log.begun.length).toBeLessThan(12);
  expect(log.ended).toEqual(log.begun);
  const before = log.begun.length;
  await sleep(20);
  expect(log.begun.length).toBe(before);
});
