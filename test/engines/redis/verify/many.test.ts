import { expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { manifestOf, workplace } from '../lifecycle/harness.ts';

const COUNT = 110;

/** More apps than each is tried on each: what leads across is asked for all the same. */
describeEachRedis('very many apps', { versions: ['valkey91'] }, (server) => {
  it('are clean, and a pattern or a right that leads from one to any other is seen', { timeout: 120_000 }, async () => {
    const apps = Array.from({ length: COUNT }, (_, index) => `  app_${index}: { uses: { main: {} } }\n`).join('');
    await using place = await workplace(server(), manifestOf(`apps:\n${apps}`));
    expect((await place.apply()).ending).toBe('done');
    const found = async () => {
      const { findings } = await place.verify();
      return findings.map(({ verdict, probe, from, to }) => `${verdict} ${probe} ${from} > ${to ?? ''}`);
    };
    expect(await found()).toEqual([]);
    const users = (await place.admin('ACL', 'USERS')) as readonly string[];
    await place.admin('ACL', 'SETUSER', users.find((name) => /^app_7(?:_|$)/.test(name)) ?? '', '~app_93:*');
    expect(await found()).toContainEqual(expect.stringMatching(/^BREACH RD-K\d+ app_7 > app_93$/));
  });
});
