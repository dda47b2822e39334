import { expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { redisWays } from '../harness.ts';
import { localMachine } from '../../../../src/runtime/index.ts';
import { cache } from '../../../support/places.ts';
import type { Version } from '../../../../src/engines/redis/local/find.ts';
import type { RedisServer, StartRedis } from '../runtime.ts';
import { manifestOf, workplace } from './harness.ts';

const apps = 'apps:\n  shop: { uses: { main: {} } }\n';

async function fresh(version: Version, options: Pick<StartRedis, 'saving' | 'open' | 'settings'>): Promise<RedisServer> {
  const [way] = redisWays(localMachine(), { cache, env: process.env }, { version });
  if (!way) throw new Error('describeEachRedis looks first');
  return await way.start(options);
}

describeEachRedis('a server', {}, (server, version) => {
  it('that keeps users in its configuration file keeps them', async () => {
    await using own = await fresh(version, { saving: 'config' });
    await using place = await workplace(own, manifestOf(apps));
    expect(await place.apply()).toEqual({ ending: 'done', diagnostics: [] });
    await own.restart();
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await place.as('shop', 'PING')).toBe('PONG');
  });

  it('that would forget them is refused, unless that is accepted', async () => {
    await using own = await fresh(version, { saving: 'none' });
    await using place = await workplace(own, manifestOf(apps));
    const { ending, diagnostics } = await place.apply();
    expect({ ending, codes: diagnostics.map(({ code }) => code) }).toEqual({ ending: 'failed', codes: ['CT2043', 'CT4007'] });
    expect((await place.verify()).findings.map(({ probe }) => probe)).toContain('RD-P1');
    await place.write(manifestOf(apps, '    unsavedAcl: true\n'));
    expect(await place.apply()).toEqual({ ending: 'done', diagnostics: [] });
    expect((await place.plan()).plan.steps).toEqual([]);
    expect((await place.verify()).findings).toEqual([]);
  });

  it('that is killed while an apply waits is named, and goes on from the next one', async () => {
    await using place = await workplace(server(), manifestOf(apps));
    const consent = async (): Promise<boolean> => {
      await server().kill();
      return true;
    };
    await place.admin('ACL', 'SETUSER', 'default', 'on');
    const { ending, diagnostics } = await place.apply({ consent });
    expect({ ending, code: diagnostics.at(-1)?.code }).toEqual({ ending: 'failed', code: expect.stringMatching(/^CT300[14]$/) as unknown });
    expect((await place.apply()).ending).toBe('unreachable');
    await server().restart();
    expect((await place.apply()).ending).toBe('done');
    await server().kill();
    await server().restart();
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('with a wrong password is no server that is down', async () => {
    await using place = await workplace({ ...server(), password: 'wrong' }, manifestOf(apps));
    const { ending, diagnostics } = await place.apply();
    expect({ ending, codes: diagnostics.map(({ code }) => code) }).toEqual({ ending: 'credentials', codes: ['CT3002'] });
  });

  it('that lets everybody in as the operator is refused, with the way out', async () => {
    await using own = await fresh(version, { open: true });
    const manifest = manifestOf(apps)
      .replace('redis://admin@', 'redis://')
      .replace(/ {4}password: .*\n/, '');
    await using place = await workplace(own, manifest);
    const { ending, diagnostics } = await place.apply();
    // Without a password nobody can say whether the file here is this server's.
    const codes = diagnostics.map(({ code }) => code).toSorted();
    expect({ ending, codes }).toEqual({ ending: 'failed', codes: ['CT2044', 'CT2050', 'CT4007'] });
    await using better = await workplace(own, manifestOf(apps));
    expect((await better.apply()).ending).toBe('done');
    expect((await place.apply()).ending).toBe('credentials');
  });

  it('whose administrator an app would be is left alone', async () => {
    await using place = await workplace(server(), manifestOf('apps:\n  admin: { uses: { main: { adopt: true } } }\n'));
    const { ending, diagnostics } = await place.apply();
    expect({ ending, codes: diagnostics.map(({ code }) => code) }).toEqual({ ending: 'failed', codes: ['CT2041', 'CT4007'] });
  });

  it('with limits that protect nobody is told so', async () => {
    await using own = await fresh(version, { settings: { maxmemory: 0, 'maxmemory-policy': 'allkeys-lru', maxclients: 100 } });
    await using place = await workplace(own, manifestOf(`${apps}  blog: { uses: { main: {} } }\n`));
    const { ending, diagnostics } = await place.apply();
    expect({ ending, codes: diagnostics.map(({ code }) => code) }).toEqual({ ending: 'done', codes: ['CT2047', 'CT2047', 'CT2047'] });
    expect([...new Set((await place.verify()).findings.map(({ probe }) => probe))].toSorted()).toEqual(['RD-K30', 'RD-K31']);
  });
});
