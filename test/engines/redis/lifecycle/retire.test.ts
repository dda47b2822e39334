import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { ask } from '../../../../src/engines/redis/local/client.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const shop = '  shop: { uses: { main: {} } }\n';
const blog = '  blog: { uses: { main: {} } }\n';
const manifest = (apps: string, more = ''): string => manifestOf(`apps:\n${apps}${more}`);

describeEachRedis('an app that leaves the manifest', {}, (server) => {
  let place: Workplace;
  beforeEach(async () => {
    await wipe(server());
    place = await workplace(server(), manifest(shop + blog));
    expect((await place.apply()).ending).toBe('done');
    await place.as('blog', 'SET', 'blog:data', 'old');
    await place.write(manifest(shop));
  });
  afterEach(async () => await place[Symbol.asyncDispose]());

  it('cannot log in any more, and keeps its keys', async () => {
    await place.write(manifest(shop + blog));
    const before = await place.reveal('blog');
    await place.write(manifest(shop));
    expect(await place.apply()).toEqual({ ending: 'done', diagnostics: [] });
    expect((await place.plan()).plan.steps).toEqual([]);
    const url = new URL(before['REDIS_URL'] ?? '');
    await place.write(manifest(shop + blog));
    expect(url.username).toBe('blog');
    await expect(place.as('blog', 'GET', 'blog:data')).rejects.toThrow(/^WRONGPASS/);
    expect(await place.admin('GET', 'blog:data')).toBe('old');
    expect(String(await place.admin('ACL', 'USERS'))).toMatch(/blog__gone_\d{8}/);
    await place.write(manifest(shop));
    const row = (await place.status()).placements.find(({ app }) => app === 'blog');
    expect(row).toMatchObject({
      state: 'retired',
      retired: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as unknown,
      location: 'keys blog:*',
    });
    expect((await place.verify()).findings).toEqual([]);
  });

  it('is not taken for a new app of its name, nor its keys given to another', async () => {
    await place.apply();
    await place.write(manifest(shop + blog));
    expect((await place.apply()).diagnostics.map(({ code }) => code)).toEqual(['CT2007', 'CT4007']);
    await place.write(manifest(`${shop}  news: { uses: { main: { prefix: blog } } }\n`));
    expect((await place.apply()).diagnostics.map(({ code }) => code)).toEqual(['CT2007', 'CT4007']);
  });

  it('comes back with its keys and its password', async () => {
    await place.apply();
    expect((await place.restore('blog')).ending).toBe('done');
    await place.write(manifest(shop + blog));
    expect(await place.apply()).toEqual({ ending: 'done', diagnostics: [] });
    expect(await place.as('blog', 'GET', 'blog:data')).toBe('old');
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('is dropped with its keys only when its name is repeated', async () => {
    await place.apply();
    for (let at = 0; at < 50; at++)
      await place.admin('MSET', ...Array.from({ length: 50 }, (_, index) => [`blog:${at}:${index}`, 'x']).flat());
    await place.admin('MSET', 'blog2:kept', '1', 'shop:kept', '1', 'blog', '1');
    await place.write(manifest(shop, 'removal: delete\n'));
    const refused = await place.apply();
    expect({ ending: refused.ending, codes: refused.diagnostics.map(({ code }) => code) }).toEqual({
      ending: 'refused',
      codes: ['CT4004'],
    });
    expect(await place.admin('GET', 'blog:data')).toBe('old');
    expect((await place.apply({ confirm: ['blog'] })).ending).toBe('done');
    const left = await place.admin('KEYS', '*');
    expect((Array.isArray(left) ? left : []).map(String).toSorted()).toEqual(['blog', 'blog2:kept', 'shop:kept']);
    expect(String(await place.admin('ACL', 'USERS'))).not.toMatch(/blog/);
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('is not dropped where an app in use has its keys', async () => {
    await place.apply();
    await place.write(manifest(`${shop}  news: { uses: { main: { prefix: 'blog:news' } } }\n`, 'removal: delete\n'));
    const { ending, diagnostics } = await place.apply({ confirm: ['blog'] });
    expect({ ending, codes: diagnostics.map(({ code }) => code) }).toEqual({ ending: 'failed', codes: ['CT2006', 'CT4007'] });
    expect(await place.admin('GET', 'blog:data')).toBe('old');
  });

  it('has moved, not left, where only its prefix is another', async () => {
    await place.write(manifest(`${shop}  blog: { uses: { main: { prefix: journal } } }\n`));
    expect((await place.apply()).diagnostics.map(({ code }) => code)).toEqual(['CT2010', 'CT4007']);
  });

  it('stays closed, whoever opens it by hand', async () => {
    await place.apply();
    const stone = String(await place.admin('ACL', 'USERS'))
      .split(',')
      .find((name) => name.startsWith('blog__gone_'));
    await place.admin('ACL', 'SETUSER', stone ?? '', 'on', 'nopass', '~*', '&*', '+@all');
    expect((await place.verify()).findings.map(({ probe, from }) => `${probe} ${from}`)).toContain(`RD-F1 ${stone}`);
    const { plan } = await place.plan();
    expect(plan.steps.map(({ title, cause }) => `${cause} ${title}`)[0]).toBe('drift close a retired app again');
    expect((await place.apply()).ending).toBe('done');
    await expect(ask({ ...server(), user: stone ?? '', password: 'x' }, 'GET', 'shop:x')).rejects.toThrow(/^WRONGPASS/);
    expect((await place.plan()).plan.steps).toEqual([]);
    expect((await place.verify()).findings).toEqual([]);
  });

  it('comes back with the password that it was adopted with', async () => {
    const hand = '  hand: { uses: { main: { adopt: true } } }\n';
    await place.admin('ACL', 'SETUSER', 'hand', 'on', '>of old', '~hand:*', '+get');
    await place.write(manifest(shop + hand));
    expect((await place.apply()).ending).toBe('done');
    await place.write(manifest(shop));
    const { plan } = await place.plan();
    expect(JSON.stringify(plan)).not.toMatch(/#[0-9a-f]{64}/);
    expect((await place.apply()).ending).toBe('done');
    expect((await place.restore('hand')).ending).toBe('done');
    await place.write(manifest(shop + hand));
    expect((await place.apply()).ending).toBe('done');
    expect(await ask({ ...server(), user: 'hand', password: 'of old' }, 'GET', 'hand:x')).toBeNull();
  });

  it('has another user where only that is another, and no session of the old one stays', async () => {
    await place.write(manifest(`${shop}  blog: { uses: { main: { user: writer } } }\n`));
    expect((await place.apply()).ending).toBe('done');
    expect(await place.as('blog', 'GET', 'blog:data')).toBe('old');
    expect(String(await place.admin('ACL', 'USERS'))).not.toMatch(/blog/);
    expect((await place.plan()).plan.steps).toEqual([]);
  });
});
