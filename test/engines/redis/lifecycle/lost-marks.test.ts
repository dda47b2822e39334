import { beforeEach, expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const shop = '  shop: { uses: { main: {} } }\n';
const blog = '  blog: { uses: { main: {} } }\n';
const manifest = (apps: string, more = ''): string => manifestOf(`apps:\n${apps}${more}`);

describeEachRedis('a mark that somebody took away', {}, (server) => {
  let place: Workplace;
  const told = async () => (await place.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2068');

  beforeEach(async () => {
    await wipe(server());
    place = await workplace(server(), manifest(shop + blog));
    expect((await place.apply()).ending).toBe('done');
    await place.as('blog', 'SET', 'blog:data', 'old');
    await place.admin('ACL', 'SETUSER', 'blog', 'clearselectors');
  });

  it('is put back while the manifest names the app', async () => {
    expect((await place.apply()).ending).toBe('done');
    expect(String(await place.admin('ACL', 'LIST'))).toMatch(/user blog [^,]*app=blog/);
    expect((await place.plan()).plan.steps).toEqual([]);
    await place.write(manifest(shop));
    expect((await place.apply()).ending).toBe('done');
    expect(String(await place.admin('ACL', 'USERS'))).toMatch(/blog__gone_/);
  });

  it('is told where the app leaves, with what puts it back', async () => {
    await place.write(manifest(shop));
    expect((await told()).map(({ message }) => message)).toEqual([
      expect.stringContaining('user "blog" on "main" bears no mark') as unknown,
    ]);
    expect((await place.apply()).ending).toBe('waiting');
    await place.write(manifest(shop + blog));
    expect((await place.apply()).ending).toBe('done');
    await place.write(manifest(shop));
    expect((await place.apply()).ending).toBe('done');
    expect(String(await place.admin('ACL', 'USERS'))).toMatch(/blog__gone_/);
    expect(await place.admin('GET', 'blog:data')).toBe('old');
    expect(await told()).toEqual([]);
  });

  it('of a user that has another password by now is nobody’s', async () => {
    await place.admin('ACL', 'SETUSER', 'blog', 'resetpass', '>somebody-elses');
    await place.write(manifest(shop));
    expect(await told()).toEqual([]);
    expect((await place.apply()).ending).not.toBe('failed');
    await place.write(manifest(shop + blog));
    expect((await place.apply()).diagnostics.map(({ code }) => code)).toContain('CT2005');
  });

  it('of the ledger costs nothing', async () => {
    expect((await place.apply()).ending).toBe('done');
    const users = String(await place.admin('ACL', 'USERS')).split(',');
    await place.admin('ACL', 'DELUSER', users.find((name) => name.startsWith('cotenant:')) ?? '');
    await place.write(manifest(shop));
    expect((await place.apply()).ending).toBe('done');
    expect(String(await place.admin('ACL', 'USERS'))).toMatch(/blog__gone_.*cotenant:/);
    expect((await place.plan()).plan.steps).toEqual([]);
  });
});
