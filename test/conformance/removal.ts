import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { checkProject } from '../../src/app/check.ts';
import type { Engine } from '../../src/engine/index.ts';
import { type Bench, setUp } from './bench.ts';
import { everyday } from '../support/sample.ts';
import type { Subject } from './subject.ts';

const all = ['one', 'two', 'three'] as const;

/** After any removal: the neighbours whole, what was removed given back by a restore, and nothing left to say. */
export function describeAfterRemoval(subject: Subject, engine: Engine): void {
  for (const [level, placement] of everyday(Object.entries(subject.levels ?? { default: subject.placement ?? {} }), {
    oneOf: subject.levels ? 2 : 1,
  })) {
    describe.skipIf(!engine.restore || subject.alone)(`after any removal (${level})`, () => {
      let bench: Bench | null = null;
      const at = (): Bench => {
        if (!bench) throw new Error('the bench is set up by beforeAll');
        return bench;
      };
      beforeAll(async () => {
        bench = await setUp({ ...subject, placement });
        await bench.manifest(all);
        expect(await bench.apply()).toMatchObject({ ending: 'done' });
        for (const app of all) await bench.server.put(await bench.variables(app), `kept of ${app}`);
      });
      afterAll(async () => await bench?.[Symbol.asyncDispose]());

      it.each([
        ['the first of them', ['two', 'three']],
        ['the last of them', ['one', 'two']],
        ['all but one', ['two']],
      ])('%s goes: the others are whole, nobody is told of drift, and a restore gives all back', async (_, stay) => {
        await remove(at(), stay, {});
        const gone = all.filter((app) => !stay.includes(app));
        for (const app of gone) expect([app, await at().restore(app)]).toMatchObject([app, { ending: 'done' }]);
        await at().manifest(all);
        expect((await at().apply()).ending).toMatch(/^(done|nothing-to-do)$/);
        await isQuiet(at(), all);
      });

      it('a plan that was saved yesterday is good today', async () => {
        await at().manifest(['two', 'three']);
        const yesterday = new Date(Date.now() - 86_400_000);
        vi.useFakeTimers({ toFake: ['Date'], now: yesterday });
        const { plan } = await at()
          .plan()
          .finally(() => vi.useRealTimers());
        const day = yesterday.toISOString().slice(0, 10);
        expect(plan.day).toBe(day);
        expect(await at().apply({ saved: plan })).toMatchObject({ ending: 'done' });
        expect((await at().status()).placements.find(({ app }) => app === 'one')?.retired).toContain(day);
        expect(await at().restore('one')).toMatchObject({ ending: 'done' });
        await at().manifest(all);
        expect(await at().apply()).toMatchObject({ ending: 'done' });
        await isQuiet(at(), all);
      });

      it('all but one are deleted: the one is whole', async () => {
        await remove(at(), ['two'], { removal: 'delete' });
        const { plan } = await at().plan();
        expect(plan.steps.every(({ cause }) => cause === 'intended')).toBe(true);
        expect(await at().apply({ confirm: ['one', 'three'] })).toMatchObject({ ending: 'done' });
        await isQuiet(at(), ['two']);
        await at().manifest(all);
        expect(await at().apply()).toMatchObject({ ending: 'done' });
        for (const app of ['one', 'three']) expect(await at().server.get(await at().variables(app))).toBe(null);
      });
    });
  }
}

async function remove(bench: Bench, stay: readonly string[], more: Readonly<Record<string, unknown>>): Promise<void> {
  await bench.manifest(stay, more);
  const { plan } = await bench.plan();
  expect(plan.steps.filter(({ cause, risk }) => cause === 'drift' || risk === 'destructive').map(({ id }) => id)).toEqual([]);
  expect(await bench.apply()).toMatchObject({ ending: 'done' });
  // What was retired may be deleted now, where the manifest says so.
  await bench.manifest(stay);
  await isQuiet(bench, stay);
  await bench.manifest(stay, more);
}

/** These apps have what they had, and plan, check, verify and status have nothing to say. */
async function isQuiet(bench: Bench, apps: readonly string[]): Promise<void> {
  for (const app of apps) expect(await bench.server.get(await bench.variables(app))).toBe(`kept of ${app}`);
  expect((await bench.plan()).plan.steps.map(({ id, cause }) => `${cause} ${id}`)).toEqual([]);
  const before = await bench.server.mark();
  expect(await bench.apply()).toMatchObject({ ending: 'nothing-to-do' });
  expect(await bench.server.mark()).toBe(before);
  expect(
    (await checkProject(await bench.open())).differences.map(({ what, address }) => `${what} ${address.kind}/${address.name}`),
  ).toEqual([]);
  expect((await bench.findings()).map(({ probe, from, to, answer }) => `${probe} ${from} -> ${to}: ${answer}`)).toEqual([]);
  const { placements } = await bench.status();
  expect(placements.filter(({ drift, pending }) => drift + pending > 0)).toEqual([]);
}
