import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Session, UnitOutcome } from '../engine/index.ts';
import type { Step } from '../model/index.ts';
import { execute, type ExecuteEvent } from './execute.ts';

type Work = (ids: readonly string[]) => Promise<UnitOutcome>;

/** A session whose lanes do what the test says. The loop is what is tried here; real servers are tried with the engines. */
function sessionOf(work: Work, log: string[]): Session {
  const never = (): never => {
    throw new Error('not asked for here');
  };
  return {
    observe: never,
    identity: never,
    lock: never,
    usage: never,
    lane: (name) =>
      Promise.resolve({
        run: async (unit) => {
          const ids = unit.map((step) => step.id);
          log.push(`+${ids.join()}`);
          const outcome = await work(ids);
          log.push(`-${ids.join()}`);
          return outcome;
        },
        [Symbol.asyncDispose]: () => {
          log.push(`closed ${name}`);
          return Promise.resolve();
        },
      }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function step(
  id: string,
  more: { readonly on?: string; readonly lane?: string; readonly needs?: readonly string[]; readonly unit?: string } = {},
): Step {
  const { on = 'main', lane = 'one', needs = [], unit = null } = more;
  const address = { engine: 'toy', instance: on, kind: 'thing', name: id };
  const rest = { facts: {}, fields: [], commands: [], reverse: null };
  return { id, address, app: null, action: 'run', cause: 'intended', title: 't', risk: 'safe', needs, lane, unit, ...rest };
}

const fine: Work = async () => {
  await sleep(1);
  return { ok: true };
};

interface Ran {
  readonly log: readonly string[];
  readonly statuses: Readonly<Record<string, string>>;
}

async function ran(steps: readonly Step[], work: Work = fine, signal = new AbortController().signal): Promise<Ran> {
  const log: string[] = [];
  const session = sessionOf(work, log);
  const sessions = new Map(['main', 'side'].map((name) => [name, session]));
  const events: ExecuteEvent[] = [];
  for await (const event of execute(steps, sessions, { signal, dryRun: false })) events.push(event);
  return {
    log,
    statuses: Object.fromEntries(events.flatMap((one) => (one.type === 'step' ? [[one.result.step.id, one.result.status]] : []))),
  };
}

const refused = (id: string): UnitOutcome => ({
  ok: false,
  failed: 0,
  diagnostic: { code: 'CT3003', severity: 'error', message: `${id} was refused` },
});

describe('what waits', () => {
  it('waits across lanes and instances', async () => {
    const { log } = await ran([step('late', { on: 'side', needs: ['first', 'other'] }), step('first'), step('other', { lane: 'two' })]);
    expect(log.indexOf('+late')).toBeGreaterThan(Math.max(log.indexOf('-first'), log.indexOf('-other')));
  });

  it('is not executed where what it waits for failed, on another instance too', async () => {
    const work: Work = (ids) => Promise.resolve(ids.includes('first') ? refused('first') : { ok: true });
    const { statuses } = await ran(
      [step('first'), step('late', { on: 'side', needs: ['first'] }), step('free', { on: 'side', lane: 'two' })],
      work,
    );
    expect(statuses).toEqual({ first: 'failed', late: 'not-executed', free: 'done' });
  });

  it.each([
    ['for a step that the plan does not have', [step('a', { needs: ['b'] })], 'waits for b'],
    [
      'for itself by a circle over two instances',
      [step('a', { needs: ['b'] }), step('b', { on: 'side', needs: ['a'] })],
      'wait for each other',
    ],
    ['for a later one of its own lane', [step('a', { needs: ['b'] }), step('b')], 'wait for each other'],
    ['under a name that another has', [step('a'), step('a', { lane: 'two' })], 'are called a'],
  ])('%s: nothing is sent', async (_, steps, words) => {
    const log: string[] = [];
    const session = sessionOf(fine, log);
    const sessions = new Map(['main', 'side'].map((name) => [name, session]));
    const run = execute(steps, sessions, { signal: new AbortController().signal, dryRun: false });
    await expect(run.next()).rejects.toThrow(words);
    expect(log).toEqual([]);
  });
});

describe('a unit that fails', () => {
  it('says which of its steps took effect all the same', async () => {
    const unit = { unit: 'u' };
    const work: Work = () => Promise.resolve({ ...refused('b'), failed: 1, done: [0] } as UnitOutcome);
    const { statuses } = await ran([step('a', unit), step('b', unit), step('c', unit)], work);
    expect(statuses).toEqual({ a: 'done', b: 'failed', c: 'not-executed' });
  });
});

describe('the end of a run', () => {
  const slow: Work = async () => {
    await sleep(30);
    return { ok: true };
  };

  it('needs a defect no lane begins anything, what runs ends, and only then does the stream fail', async () => {
    const log: string[] = [];
    const work: Work = async (ids) => {
      if (ids.includes('broken')) throw new TypeError('a defect');
      return await slow(ids);
    };
    const session = sessionOf(work, log);
    const steps = [
      step('broken'),
      step('running', { on: 'side' }),
      step('next', { on: 'side' }),
      step('waiting', { lane: 'two', needs: ['broken'] }),
    ];
    const run = async (): Promise<void> => {
      const sessions = new Map(['main', 'side'].map((name) => [name, session]));
      for await (const _ of execute(steps, sessions, { signal: new AbortController().signal, dryRun: false })) continue;
    };
    await expect(run()).rejects.toThrow('a defect');
    expect(log).toContain('-running');
    expect(log).not.toContain('+next');
    expect(log).not.toContain('+waiting');
    expect(log.filter((line) => line.startsWith('closed')).length).toBeGreaterThanOrEqual(2);
    const before = [...log];
    await sleep(60);
    expect(log).toEqual(before);
  });

  it('a consumer that goes away stops the lanes as an interrupt does', async () => {
    const log: string[] = [];
    const session = sessionOf(slow, log);
    const steps = [step('a'), step('b'), step('c', { on: 'side' }), step('d', { on: 'side' })];
    for await (const event of execute(steps, new Map(['main', 'side'].map((name) => [name, session])), {
      signal: new AbortController().signal,
      dryRun: false,
    })) {
      if (event.type === 'start') break;
    }
    const before = [...log];
    expect(before).toContain('-a');
    expect(before).not.toContain('+b');
    await sleep(60);
    expect(log).toEqual(before);
  });

  it('needs an abort what runs ends, and the rest is said not to have been executed', async () => {
    const controller = new AbortController();
    const work: Work = async (ids) => {
      controller.abort();
      return await slow(ids);
    };
    const { statuses } = await ran([step('a'), step('b')], work, controller.signal);
    expect(statuses).toEqual({ a: 'done', b: 'not-executed' });
  });
});
