import { expect, it, vi } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { firstMoment, strideOn } from '../../../support/sample.ts';
import { isFull } from '../../../support/thorough.ts';
import { changing, type SeenStatement } from '../proxy/harness.ts';
import { killedAt, tap, type Tap, untilNoOrphan } from './faults/harness.ts';
import { gone, readOld, threeLevels, unfinished, urlOf, wipe, type Workplace, workplace, writeOld } from './harness.ts';

const minutes = 60_000;
const day = 86_400_000;

/** Both in a full run; day by day the one at level schema, whose parts lie in two places. */
const someOn = (version: string): readonly string[] => (isFull(version, 'moments') ? ['shop', 'blog'] : ['blog']);

const isChange = (statement: SeenStatement): boolean => changing([statement]).length > 0;

describeEachPostgres('retiring, ended by SIGKILL', { versions: 'newest', whole: 'moments' }, (server, major) => {
  const some = someOn(`postgres${major}`);
  const stride = strideOn(`postgres${major}`, { daily: 8, ci: 4 });
  const start = firstMoment({ oneOf: stride });
  /** Three apps, and one of them left the manifest. */
  const prepared = async (line: Tap, app: string): Promise<Workplace> => {
    await wipe(server().url);
    const place = await workplace({ host: '127.0.0.1', port: line.proxy.port, password: server().password }, threeLevels());
    expect((await place.apply()).ending).toBe('done');
    await query(await urlOf(place, app), writeOld[app] ?? '');
    await place.write(gone[app] ?? '');
    return place;
  };

  it.each(some)(
    'at every statement in turn that changes something (%s): done on another day, and restored whole',
    { timeout: 10 * minutes },
    async (app) => {
      await using line = await tap(server());
      const wrong: unknown[] = [];
      for (let n = start, wasKilled = true; wasKilled; n += stride) {
        await using place = await prepared(line, app);
        wasKilled = (await killedAt(place, line, ['apply', '--yes'], { n, how: 'sent', only: isChange })).signal === 'SIGKILL';
        await untilNoOrphan(server().url);
        const states = (await place.status()).placements.filter((row) => row.app === app).map(({ state }) => state);
        vi.setSystemTime(Date.now() + day);
        const next = await place.apply();
        const left = (await place.plan()).plan.steps.map(({ id }) => id);
        vi.useRealTimers();
        const back = await place.restore(app);
        await place.write(threeLevels());
        const after = await unfinished(place);
        const rows = await query(await urlOf(place, app), readOld[app] ?? '');
        const isNamed = states.some((state) => state === 'retired' || (state === 'incomplete' && wasKilled));
        const isGood =
          isNamed &&
          ['done', 'nothing-to-do'].includes(next.ending ?? '') &&
          left.length === 0 &&
          back.ending === 'done' &&
          after.length === 0;
        if (!isGood || rows[0]?.['what'] !== 'old') wrong.push({ n, states, next, left, back, after, rows });
        if (n === start) expect(wasKilled).toBe(true);
      }
      expect(wrong).toEqual([]);
    },
  );

  it.each(some)(
    'in the middle, and the app put back at once (%s): no empty one is made beside its data',
    { timeout: 10 * minutes },
    async (app) => {
      await using line = await tap(server());
      const wrong: unknown[] = [];
      for (let n = start, wasKilled = true; wasKilled; n += stride) {
        await using place = await prepared(line, app);
        wasKilled = (await killedAt(place, line, ['apply', '--yes'], { n, how: 'sent', only: isChange })).signal === 'SIGKILL';
        await place.write(threeLevels());
        const first = await place.apply();
        const isRefused = first.ending === 'failed' && first.diagnostics.some(({ code }) => code === 'CT2007');
        const back = isRefused ? await place.restore(app) : null;
        const after = await unfinished(place);
        const rows = await query(await urlOf(place, app), readOld[app] ?? '');
        if ((back ?? first).ending !== 'done' || after.length > 0 || rows[0]?.['what'] !== 'old')
          wrong.push({ n, first, back, after, rows });
      }
      expect(wrong).toEqual([]);
    },
  );

  it.each(some)('in the middle of restoring (%s): restored by the next one', { timeout: 10 * minutes }, async (app) => {
    await using line = await tap(server());
    const wrong: unknown[] = [];
    for (let n = start, wasKilled = true; wasKilled; n += stride) {
      await using place = await prepared(line, app);
      expect((await place.apply()).ending).toBe('done');
      await place.write(threeLevels());
      wasKilled = (await killedAt(place, line, ['restore-app', app, '--yes'], { n, how: 'sent', only: isChange })).signal === 'SIGKILL';
      await untilNoOrphan(server().url);
      const first = await place.apply();
      const isRefused = first.ending === 'failed' && first.diagnostics.some(({ code }) => code === 'CT2007');
      const back = isRefused ? await place.restore(app) : null;
      const after = await unfinished(place);
      const rows = await query(await urlOf(place, app), readOld[app] ?? '');
      if ((back ?? first).ending !== 'done' || after.length > 0 || rows[0]?.['what'] !== 'old') wrong.push({ n, first, back, after, rows });
    }
    expect(wrong).toEqual([]);
  });
});
