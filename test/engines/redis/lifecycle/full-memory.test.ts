import { beforeEach, expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { manifestOf, wipe, workplace } from './harness.ts';

const blog = '  blog: { uses: { main: {} } }\n';
const both = manifestOf(`apps:\n  shop: { uses: { main: {} } }\n${blog}`);

describeEachRedis('a server whose memory is full', {}, (server) => {
  beforeEach(async () => {
    await server().restart({ maxmemory: '256mb' });
    await wipe(server());
  });

  it('is rid of the app that filled it: retired, corrected, deleted', { timeout: 60_000 }, async () => {
    await using place = await workplace(server(), both);
    expect((await place.apply()).ending).toBe('done');
    await place.admin('CONFIG', 'SET', 'maxmemory', '4mb');
    for (let at = 0; ; at++) {
      const answer = await place.as('shop', 'SETRANGE', `shop:${at}`, '200000', 'x').catch(String);
      if (String(answer).includes('OOM')) break;
      expect(at).toBeLessThan(1000);
    }
    await place.admin('CONFIG', 'SET', 'maxmemory', '1mb');
    await expect(place.as('blog', 'SET', 'blog:x', '1')).rejects.toThrow(/^OOM/);
    await place.admin('ACL', 'SETUSER', 'blog', '+@all', '~*');
    await place.write(manifestOf(`apps:\n${blog}`));
    expect(await place.apply()).toEqual({ ending: 'done', diagnostics: [] });
    expect((await place.plan()).plan.steps).toEqual([]);
    await expect(place.as('blog', 'GET', 'shop:0')).rejects.toThrow(/^NOPERM/);
    await place.write(manifestOf(`apps:\n${blog}removal: delete\n`));
    expect((await place.apply({ confirm: ['shop'] })).ending).toBe('done');
    expect(await place.admin('DBSIZE')).toBe(0);
    await place.admin('CONFIG', 'SET', 'maxmemory', '256mb');
    expect(await place.as('blog', 'SET', 'blog:x', '1')).toBe('OK');
  });
});
