import { describe, expect, it } from 'vitest';
import { applyProject } from '../../src/app/apply.ts';
import { restoreApp } from '../../src/app/restore.ts';
import type { EventBody, RunOptions } from '../../src/app/types.ts';
import type { Engine } from '../../src/engine/index.ts';
import { type Bench, both } from './bench.ts';
import { benchOf, isWhole, steps } from './frame.ts';
import type { Subject } from './subject.ts';

const consenting: RunOptions = { consent: () => Promise.resolve(true) };
const [one, two] = both;
/** What a run that stands still keeps out, or does not. */
const free = { ending: expect.stringMatching(/^(done|nothing-to-do)$/) as unknown, holder: null };
const locked = { ending: 'locked', holder: expect.stringMatching(/./) as unknown };

/** A run that has its locks and its plan, and goes on when it is asked to. */
class Standing {
  readonly #events: AsyncGenerator<EventBody>;

  private constructor(events: AsyncGenerator<EventBody>) {
    this.#events = events;
  }

  static async at(events: AsyncGenerator<EventBody>): Promise<Standing> {
    const { value } = (await events.next()) as { readonly value?: EventBody };
    expect(value?.type).toBe('planned');
    return new Standing(events);
  }

  async end(): Promise<string> {
    for await (const event of this.#events) if (event.type === 'result') return event.ending;
    return '';
  }
}

/** Locks are as wide as the act: seen by events alone, while a run that holds one stands still. */
export function describeLocks(subject: Subject, engine: Engine): void {
  describe.skipIf(subject.alone)('locks', () => {
    const bench = benchOf(subject);
    const applying = async (more: Partial<RunOptions> = {}): Promise<Standing> =>
      await Standing.at(applyProject(await bench().open(), { ...consenting, ...more }));

    it('two acts on two apps run side by side; on the same app, and with a whole apply, they exclude each other', async () => {
      expect(await bench().apply()).toMatchObject(free);
      for (const app of both) await bench().server.drift(app);
      const held = await applying({ apps: [one] });
      expect(await bench().apply({ apps: [two] })).toMatchObject({ ending: 'done', holder: null });
      expect(await bench().apply({ apps: [one] })).toMatchObject(locked);
      expect(await bench().apply()).toMatchObject(locked);
      expect(await held.end()).toBe('done');
      await isWhole(bench(), 'side by side');
    });

    it('an act on both apps keeps out each of them', async () => {
      for (const app of both) await bench().server.drift(app);
      const held = await applying({ apps: both });
      for (const app of both) expect(await bench().apply({ apps: [app] })).toMatchObject(locked);
      expect(await held.end()).toBe('done');
      expect(await bench().apply({ apps: both })).toMatchObject(free);
    });

    it('a whole apply keeps out everybody', async () => {
      const held = await applying();
      for (const app of both) expect(await bench().apply({ apps: [app] })).toMatchObject(locked);
      expect(await bench().apply()).toMatchObject(locked);
      expect(await held.end()).toBe('nothing-to-do');
      expect(await bench().apply({ apps: [one] })).toMatchObject(free);
    });

    it('one waits until the other has ended', async () => {
      const held = await applying({ apps: [one] });
      const [waited, ended] = await Promise.all([bench().apply({ lockTimeout: 60_000 }), held.end()]);
      expect(ended).toMatch(/^(done|nothing-to-do)$/);
      expect(waited).toMatchObject(free);
    });

    it.skipIf(!engine.restore)('two apps come back at once', async () => {
      await goes(bench(), 'three');
      const held = await Standing.at(restoreApp(await bench().open(), one, consenting));
      expect(await bench().restore(one)).toMatchObject(locked);
      expect(await bench().restore(two)).toMatchObject({ ending: 'done', holder: null });
      expect(await held.end()).toBe('done');
      await bench().manifest([...both, 'three']);
      expect(await bench().apply()).toMatchObject(free);
      expect(await steps(bench())).toEqual([]);
    });
  });
}

/** Both apps go, and another one is there. */
async function goes(bench: Bench, other: string): Promise<void> {
  await bench.manifest([other]);
  expect(await bench.apply()).toMatchObject(free);
}

/** Two whole applies. */
export function describeTwo(subject: Subject): void {
  describe('two at once', () => {
    const bench = benchOf(subject);

    it('take turns, and the second finds nothing left', async () => {
      const results = await Promise.all([1, 2].map(() => bench().cli('apply', '--yes', '--lock-timeout', '1m')));
      expect(results.map(({ code, stderr }) => [code, stderr])).toEqual([
        [0, expect.anything()],
        [0, expect.anything()],
      ]);
      await isWhole(bench(), 'after two');
    });

    it('one that does not wait says who holds the lock, and changes nothing', async () => {
      const project = await bench().open();
      const [instance] = project.manifest.instances;
      if (!instance) throw new Error('the manifest has an instance');
      const reveal = (): Promise<string> => Promise.resolve(bench().server.password);
      const context = {
        instance: 'main',
        project: 'conformance',
        deadline: 10_000,
        secrets: project.secrets,
        reveal,
        signal: project.signal,
      };
      const before = await bench().server.mark();
      {
        await using session = await instance.engine.connect(instance.input, context);
        const outcome = await session.lock('somebody', 0);
        if (!outcome.ok) throw new Error('the lock was free');
        await using _held = outcome.lock;
        expect(await bench().apply()).toMatchObject({ ending: 'locked', holder: expect.stringMatching(/./) as unknown });
      }
      expect(await bench().apply()).toMatchObject({ ending: 'nothing-to-do' });
      expect(await bench().server.mark()).toBe(before);
    });
  });
}
