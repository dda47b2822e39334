import { expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { firstMoment, strideOn } from '../../../support/sample.ts';
import { line } from './faults/harness.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const manifest = (apps: string, more = ''): string => manifestOf(`apps:\n${apps}${more}`);
const shop = '  shop: { uses: { main: {} } }\n';
const blog = '  blog: { uses: { main: { relax: { scan: true } } } }\n';
const team = '  team: { uses: { main: {} } }\n';

/** What is wrong after an apply that should have brought everything to its end. */
async function unfinished(place: Workplace, apps: readonly string[]): Promise<readonly unknown[]> {
  const { ending, diagnostics } = await place.apply({ confirm: ['blog'] });
  const { plan } = await place.plan();
  const logins = await Promise.all(apps.map(async (app) => [app, await place.as(app, 'SET', `${app}:x`, '1').catch(String)]));
  return [
    ...(ending === 'done' || ending === 'nothing-to-do' ? [] : [{ ending, diagnostics }]),
    ...plan.steps.map(({ id, fields }) => ({ left: id, fields })),
    ...logins.filter(([, answer]) => answer !== 'OK'),
  ];
}

describeEachRedis('an apply that is cut off', { open: true, whole: 'moments' }, (server, version) => {
  const stride = strideOn(version, { daily: 6, ci: 3 });
  const start = firstMoment({ oneOf: stride });
  for (const when of ['before', 'after'] as const) {
    it(`${when} each of its transactions is finished by the next one, and nothing of that is lost by a restart`, {
      timeout: 600_000,
    }, async () => {
      await using wire = await line(server());
      for (let count = start; ; count += stride) {
        await wipe(server());
        await using place = await workplace({ ...server(), port: wire.port }, manifest(shop + blog));
        await place.admin('ACL', 'SETUSER', 'default', 'on', 'nopass', '+@all', '~*');
        wire.cutAt(count, when);
        const { ending } = await place.apply();
        const cut = wire.wasCut;
        wire.cutAt(Infinity, when);
        if (!cut) {
          expect({ ending, count }).toEqual({ ending: 'done', count: expect.any(Number) as unknown });
          expect(count).toBeGreaterThan(5);
          return;
        }
        expect(await unfinished(place, ['shop', 'blog'])).toEqual([]);
        await server().restart();
        expect((await place.plan()).plan.steps).toEqual([]);
      }
    });
  }

  it('while it retires and drops is finished by the next one', { timeout: 600_000 }, async () => {
    await using wire = await line(server());
    for (let count = start; ; count += stride) {
      await wipe(server());
      await using place = await workplace({ ...server(), port: wire.port }, manifest(shop + blog));
      expect((await place.apply()).ending).toBe('done');
      await place.as('blog', 'SET', 'blog:data', '1');
      await place.as('shop', 'SET', 'shop:data', '1');
      await place.write(manifest(shop + team));
      wire.cutAt(count, 'after');
      await place.apply();
      const early = wire.wasCut;
      if (early) wire.cutAt(Infinity, 'after');
      // Where the first apply had less to do, the second one is cut.
      await place.write(manifest(shop + team, 'removal: delete\n'));
      await place.apply();
      await place.apply({ confirm: ['blog'] });
      const cut = early || wire.wasCut;
      wire.cutAt(Infinity, 'after');
      expect(await unfinished(place, ['shop', 'team'])).toEqual([]);
      expect(await unfinished(place, ['shop', 'team'])).toEqual([]);
      expect(await place.admin('EXISTS', 'blog:data')).toBe(0);
      expect(await place.admin('EXISTS', 'shop:data')).toBe(1);
      if (!cut) return;
    }
  });
});
