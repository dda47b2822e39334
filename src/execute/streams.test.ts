import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Session, StepIo } from '../engine/index.ts';
import { fail, type Step } from '../model/index.ts';
import { execute, type ExecuteEvent } from './execute.ts';

type Work = (id: string, io: StepIo) => Promise<void>;

function step(id: string, more: Partial<Step> = {}): Step {
  const address = { engine: 'toy', instance: more.lane ?? id, kind: 'thing', name: id };
  const rest = { facts: {}, fields: [], commands: [], reverse: null, needs: [], lane: id, unit: null };
  return { id, address, app: null, action: 'run', cause: 'intended', title: 't', risk: 'safe', ...rest, ...more };
}

const never = (): never => {
  throw new Error('not asked for here');
};

async function ran(steps: readonly Step[], work: Work): Promise<Readonly<Record<string, string>>> {
  const session: Session = {
    observe: never,
    lock: never,
    usage: never,
    lane: async () =>
      Promise.resolve({
        run: async (unit, io) => {
          for (const { id } of unit) await work(id, io);
          return { ok: true };
        },
        [Symbol.asyncDispose]: async () => Promise.resolve(),
      }),
    [Symbol.asyncDispose]: async () => Promise.resolve(),
  };
  const sessions = new Map(steps.map(({ address }) => [address.instance, session]));
  const events: ExecuteEvent[] = [];
  for await (const event of execute(steps, sessions, { signal: new AbortController().signal, dryRun: false })) events.push(event);
  return Object.fromEntries(
    events.flatMap((one) => (one.type === 'step' ? [[one.result.step.id, one.result.diagnostic?.code ?? one.result.status]] : [])),
  );
}

const KIB = 1024;
const pair = [step('make', { makes: 'x' }), step('take', { takes: ['x'] })];

async function write(io: StepIo, chunks: number, size: number, each: () => void = () => undefined): Promise<void> {
  const writer = io.write('x').getWriter();
  for (let count = 0; count < chunks; count++) {
    await writer.write(new Uint8Array(size));
    each();
  }
  await writer.close();
}

async function read(io: StepIo, each: (size: number) => Promise<void> | void = () => undefined): Promise<number> {
  let sum = 0;
  for await (const chunk of io.read('x')) {
    sum += chunk.length;
    await each(chunk.length);
  }
  return sum;
}

describe('a stream between two steps', () => {
  it('is made only as fast as it is taken', async () => {
    let [made, taken, ahead] = [0, 0, 0];
    const statuses = await ran(pair, async (id, io) => {
      if (id === 'make') {
        await write(io, 64, 256 * KIB, () => {
          made += 256 * KIB;
          ahead = Math.max(ahead, made - taken);
        });
        return;
      }
      await read(io, async (size) => {
        taken += size;
        await sleep(1);
      });
    });
    expect(statuses).toEqual({ make: 'done', take: 'done' });
    expect(taken).toBe(64 * 256 * KIB);
    // What lies between the two is a megabyte, and the chunks that both have in their hands.
    expect(ahead).toBeLessThanOrEqual(2048 * KIB);
  });

  it('ends for its reader only when its maker has ended well', async () => {
    const log: string[] = [];
    const statuses = await ran(pair, async (id, io) => {
      if (id === 'take') {
        await read(io);
        log.push('read to the end');
        return;
      }
      await write(io, 1, 8);
      await sleep(20);
      log.push('checked what was made');
      throw fail('CT3003', 'it was not whole');
    });
    expect(log).toEqual(['checked what was made']);
    expect(statuses).toEqual({ make: 'CT3003', take: 'CT4013' });
  });

  it('fails for its maker when its reader fails', async () => {
    const statuses = await ran(pair, async (id, io) => {
      if (id === 'make') await write(io, 1000, 64 * KIB);
      else
        await read(io, () => {
          throw fail('CT3003', 'the disk is full');
        });
    });
    expect(statuses).toEqual({ make: 'CT4013', take: 'CT3003' });
  });

  it('is not waited for where its maker never begins', async () => {
    const work: Work = async (id) => {
      await Promise.resolve();
      if (id === 'before') throw fail('CT3003', 'no');
    };
    const [make, take] = pair;
    if (!make || !take) throw new Error('a pair is two');
    expect(await ran([step('before'), { ...make, needs: ['before'] }, take], work)).toEqual({
      before: 'CT3003',
      make: 'not-executed',
      take: 'not-executed',
    });
  });

  it('needs no place among the lanes that run: many pairs on few lanes all end', async () => {
    const steps = Array.from({ length: 12 }, (_, at) => [
      step(`make${at}`, { makes: `x${at}`, address: { engine: 'toy', instance: 'one', kind: 'thing', name: `m${at}` } }),
      step(`take${at}`, { takes: [`x${at}`], address: { engine: 'toy', instance: 'one', kind: 'thing', name: `t${at}` } }),
    ]);
    const statuses = await ran(
      [...steps.map(([make]) => make), ...steps.map(([, take]) => take)].flatMap((one) => one ?? []),
      async (id, io) => {
        const name = `x${id.slice(4)}`;
        if (id.startsWith('take')) for await (const _ of io.read(name)) continue;
        else {
          const writer = io.write(name).getWriter();
          for (let count = 0; count < 40; count++) await writer.write(new Uint8Array(64 * KIB));
          await writer.close();
        }
      },
    );
    expect(new Set(Object.values(statuses))).toEqual(new Set(['done']));
  });

  it.each([
    ['that nobody makes', [step('take', { takes: ['x'] })], 'no step of the plan makes x'],
    ['that nobody takes', [step('make', { makes: 'x' })], 'no step of the plan takes x'],
    ['that two make', [step('a', { makes: 'x' }), step('b', { makes: 'x' })], 'two steps of the plan make x'],
    ['that two take', [...pair, step('b', { takes: ['x'] })], 'two steps of the plan take x'],
    ['whose reader waits for its maker', [pair[0], step('take', { takes: ['x'], needs: ['make'] })], 'wait for each other'],
    [
      'whose ends are on one lane',
      [step('make', { makes: 'x', lane: 'l' }), step('take', { takes: ['x'], lane: 'l' })],
      'wait for each other',
    ],
    [
      'whose reader waits for what waits for its maker',
      [pair[0], step('mid', { needs: ['make'] }), step('take', { takes: ['x'], needs: ['mid'] })],
      'wait for each other',
    ],
  ])('%s is a defect that is found before anything is sent', async (_, steps, words) => {
    await expect(
      ran(
        steps.flatMap((one) => one ?? []),
        never,
      ),
    ).rejects.toThrow(words);
  });
});
