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

  it('of a user that has another password by now is told, and it is not taken for the app’s', async () => {
    await place.admin('ACL', 'SETUSER', 'blog', 'resetpass', '>somebody-elses');
    const before = String(await place.admin('ACL', 'LIST')).match(/user blog [^,]*/)?.[0];
    await place.write(manifest(shop));
    for (let round = 0; round < 2; round++) {
      expect((await told()).map(({ message }) => message)).toEqual([
        expect.stringContaining(
          'user "blog" on "main" bears no mark and has another password than the one that this project set',
        ) as unknown,
      ]);
      expect((await place.apply()).ending).toBe('waiting');
      expect(String(await place.admin('ACL', 'LIST'))).toContain(before);
    }
    await place.write(manifest(shop, 'known: [{ user: blog, why: a friend }]\n'));
    expect(await told()).toEqual([]);
    expect((await place.apply()).ending).not.toBe('failed');
    expect(String(await place.admin('ACL', 'LIST'))).toContain(before);
    await place.write(manifest(shop + blog));
    expect((await place.apply()).diagnostics.map(({ code }) => code)).toContain('CT2005');
  });

  it('is nothing that somebody’s user lacks under a name that an app has left', async () => {
    await place.write(manifest(shop + blog));
    expect((await place.apply()).ending).toBe('done');
    await place.write(manifest(shop));
    expect((await place.apply()).ending).toBe('done');
    await place.admin('ACL', 'SETUSER', 'blog', 'on', '>somebody-elses', '~theirs:*', '+get');
    expect(await told()).toEqual([]);
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('and one that was copied with a line of the access list: whoever has it loses nothing, and is told', async () => {
    expect((await place.apply()).ending).toBe('done');
    const mark = /user shop [^,]*\((~cotenant:\S*)/.exec(String(await place.admin('ACL', 'LIST')))?.[1] ?? '';
    await place.admin('ACL', 'SETUSER', 'alice', 'on', '>hers', '~alice:*', '+get', `(${mark.replace(/\)$/, '')})`);
    const { plan } = await place.plan();
    expect(plan.steps).toEqual([]);
    expect(plan.diagnostics.map(({ code }) => code)).toContain('CT2071');
    await place.admin('ACL', 'DELUSER', 'alice');
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

describeEachRedis('an adopted user whose mark and password are gone', {}, (server) => {
  let place: Workplace;
  const hand = (relax = ''): string => `  old: { uses: { main: { adopt: true, user: hand${relax} } } }\n`;
  const told = async () => (await place.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2068');

  beforeEach(async () => {
    await wipe(server());
    place = await workplace(server(), manifest(shop + hand()));
    await place.admin('ACL', 'SETUSER', 'hand', 'on', '>theirs', '~old:*', '+get');
  });

  it.each([
    ['', ''],
    ['with relaxations', ', relax: { scan: true, scripting: true }'],
    ['with channels of its own', ', channels: ["news:*"]'],
  ])('is told by what it may when its app leaves %s', async (_how, relax) => {
    await place.write(manifest(shop + hand(relax)));
    expect((await place.apply()).ending).toBe('done');
    await place.admin('ACL', 'SETUSER', 'hand', 'clearselectors', 'resetpass', '>somebody-elses');
    await place.write(manifest(shop));
    expect((await told()).map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /user "hand" on "main" bears no mark and has exactly what cotenant gives to a login of an app \(keys old:\*\)/,
      ) as unknown,
    ]);
    await place.write(manifest(shop, 'known: [{ user: hand, why: a friend }]\n'));
    expect(await told()).toEqual([]);
    await place.write(manifest(shop + hand(relax)));
    expect((await place.apply()).ending).toBe('done');
    await place.write(manifest(shop));
    expect(await told()).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
    expect(String(await place.admin('ACL', 'USERS'))).toMatch(/hand__gone_/);
  });

  it('is nothing that is told of a stranger who may more, or less', async () => {
    await place.admin('ACL', 'SETUSER', 'more', 'on', '>theirs', '~more:*', '&more:*', '+@all', '-@dangerous');
    await place.admin('ACL', 'SETUSER', 'less', 'on', '>theirs', '~less:*', '+@read');
    expect((await place.apply()).ending).toBe('done');
    expect(await told()).toEqual([]);
  });
});
