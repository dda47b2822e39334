import { describe, expect, it } from 'vitest';
import { applyProject } from '../../src/app/apply.ts';
import { restoreApp } from '../../src/app/restore.ts';
import type { EventBody, RunOptions } from '../../src/app/types.ts';
import type { Engine } from '../../src/engine/index.ts';
import type { Bench } from './bench.ts';
import { benchOf, both, isWhole, steps } from './frame.ts';
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
  describe('locks', () => {
    const bench = benchOf(subject);
    const applying = async (more: Partial<RunOptions> = {}): Promise<Standing> =>
      await Standing.at(applyProject(await bench().open(), { ...consenting, ...more }));

    it('two acts on two apps run side by side; on the same app, and with a whole apply, they exclude each other', async () => {
      expect(await bench().apply()).toMatchObject(free);
      for (const app of both) await bench().server.drift(app);
      const held = await applying({ app: one });
      expect(await bench().apply({ app: two })).toMatchObject({ ending: 'done', holder: null });
      expect(await bench().apply({ app: one })).toMatchObject(locked);
      expect(await bench().apply()).toMatchObject(locked);
      expect(await held.end()).toBe('done');
      await isWhole(bench(), 'side by side');
    });

    it('a whole apply keeps out everybody', async () => {
      const held = await applying();
      for (const app of both) expect(await bench().apply({ app })).toMatchObject(locked);
      expect(await bench().apply()).toMatchObject(locked);
      expect(await held.end()).toBe('nothing-to-do');
      expect(await bench().apply({ app: one })).toMatchObject(free);
    });

    it('one waits until the other has ended', async () => {
      const held = await applying({ app: one });
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
