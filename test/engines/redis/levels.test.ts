import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeEachRedis } from '../../support/engines-redis.ts';
import { manifestOf, type Workplace, workplace } from './lifecycle/harness.ts';

const manifest = manifestOf(`apps:
  shop: { uses: { main: {} } }
  blog: { uses: { main: { relax: { scan: true } } } }
  team-2: { uses: { main: { prefix: 'a[b]*c?', separator: '/', keyspaceEvents: true } } }
readers:
  lens: { reads: [shop, team-2] }
`);

describeEachRedis('level prefix', { open: true }, (server) => {
  let place: Workplace;
  beforeAll(async () => {
    place = await workplace(server(), manifest);
    const { ending, diagnostics } = await place.apply();
    expect({ ending, diagnostics }).toEqual({ ending: 'done', diagnostics: [] });
  });
  afterAll(async () => await place[Symbol.asyncDispose]());

  it('is silent the second time', async () => {
    const { plan } = await place.plan();
    expect(plan.steps).toEqual([]);
    expect(await place.apply()).toEqual({ ending: 'nothing-to-do', diagnostics: [] });
  });

  it('gives each app its own keys and no others', async () => {
    expect(await place.as('shop', 'SET', 'shop:a', '1')).toBe('OK');
    await expect(place.as('shop', 'SET', 'blog:a', '1')).rejects.toThrow(/^NOPERM/);
    await expect(place.as('shop', 'SET', 'shop', '1')).rejects.toThrow(/^NOPERM/);
    await expect(place.as('shop', 'SCAN', '0')).rejects.toThrow(/^NOPERM/);
    expect(await place.as('blog', 'SCAN', '0')).toEqual(['0', ['shop:a']]);
  });

  it('takes letters of a pattern in a prefix as they are', async () => {
    expect(await place.as('team-2', 'SET', 'a[b]*c?/x', '1')).toBe('OK');
    for (const key of ['ab*c?/x', 'a[b]xxc?/x', 'a[b]*cx/x', 'ab/x']) {
      await expect(place.as('team-2', 'SET', key, '1')).rejects.toThrow(/^NOPERM/);
    }
  });

  it('lets a reader read, and nothing else', async () => {
    expect(await place.as('lens', 'GET', 'shop:a')).toBe('1');
    expect(await place.as('lens', 'GET', 'a[b]*c?/x')).toBe('1');
    await expect(place.as('lens', 'SET', 'shop:a', '2')).rejects.toThrow(/^NOPERM/);
    await expect(place.as('lens', 'GETDEL', 'shop:a')).rejects.toThrow(/^NOPERM/);
    await expect(place.as('lens', 'GET', 'blog:a')).rejects.toThrow(/^NOPERM/);
    await expect(place.as('lens', 'PUBLISH', 'shop:a', 'x')).rejects.toThrow(/^NOPERM/);
  });

  it('closes the user that needs no login, and survives a restart', async () => {
    expect(String(await place.admin('ACL', 'LIST'))).toContain('user default off');
    await server().restart();
    const { plan } = await place.plan();
    expect(plan.steps).toEqual([]);
    expect(await place.as('shop', 'PING')).toBe('PONG');
  });

  it('is told by status', async () => {
    const { placements } = await place.status();
    expect(placements.map(({ app, location, state, drift, pending }) => ({ app, location, state, drift, pending }))).toEqual([
      { app: 'shop', location: 'shop:*', state: 'ready', drift: 0, pending: 0 },
      { app: 'blog', location: 'blog:*', state: 'ready', drift: 0, pending: 0 },
      { app: 'team-2', location: 'a\\[b\\]\\*c\\?/*', state: 'ready', drift: 0, pending: 0 },
      { app: 'lens', location: 'shop, team-2', state: 'ready', drift: 0, pending: 0 },
    ]);
  });
});
