import { afterEach, beforeEach, expect, it } from 'vitest';
import { ask } from '../../../src/engines/redis/local/client.ts';
import type { Input } from '../../../src/engines/redis/compile/draft.ts';
import { Connection } from '../../../src/engines/redis/connect/connection.ts';
import { readKeysThere } from '../../../src/engines/redis/observe/keys-there.ts';
import { describeEachRedis } from '../../support/engines-redis.ts';
import { manifestOf, wipe, type Workplace, workplace } from './lifecycle/harness.ts';

const shop = (options: string, more = ''): string => manifestOf(`apps:\n  shop: { uses: { main: { ${options} } } }\n${more}`);
const none = manifestOf('apps: {}\n');

describeEachRedis('keys that lie where a new app is to have its own', {}, (server, version) => {
  let place: Workplace;
  beforeEach(async () => {
    await wipe(server());
    place = await workplace(server(), shop(''));
    await place.admin('MSET', 'shop:order:1', 'precious', 'shop:order:2', 'precious', 'shopping:1', 'x', 'shop', 'x');
    await ask({ ...server(), database: 3 }, 'SET', 'legacy', '1');
  });
  afterEach(async () => await place[Symbol.asyncDispose]());

  const said = async () => (await place.plan()).plan.diagnostics.map(({ severity, code, message }) => `${severity} ${code} ${message}`);
  const refused = (keys: string): readonly string[] => [
    expect.stringContaining(
      `error CT2005 app "shop" is new, and ${keys} not known to cotenant ${keys.startsWith('1 ') ? 'lies' : 'lie'} on "main"`,
    ) as string,
  ];

  it('are not given to it without a word', async () => {
    expect(await said()).toEqual(refused('2 keys'));
    const before = await place.admin('ACL', 'LIST');
    expect((await place.apply()).ending).toBe('failed');
    expect(await place.admin('ACL', 'LIST')).toEqual(before);
  });

  it('are told and taken with `adopt: true`, and asked about once', async () => {
    await place.write(shop('adopt: true'));
    expect(await said()).toEqual([
      'info CT2005 app "shop" takes over 2 keys that lie on "main" (keys shop:*): from now on that is the app\'s, and goes with it',
    ]);
    expect((await place.apply()).ending).toBe('done');
    expect(await place.as('shop', 'GET', 'shop:order:1')).toBe('precious');
    await place.write(shop(''));
    expect(await said()).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('keep no saved plan from being applied where they come and go', async () => {
    await place.write(shop('adopt: true'));
    const { plan } = await place.plan();
    await place.admin('SET', 'shop:order:3', 'precious');
    expect((await place.apply({ saved: plan })).ending).toBe('done');
  });

  it('do not stand in the way under another prefix, nor once they are gone or have expired', async () => {
    await place.write(shop('prefix: store'));
    expect(await said()).toEqual([]);
    await place.write(shop(''));
    await place.admin('DEBUG', 'SET-ACTIVE-EXPIRE', '0').catch(() => undefined);
    for (const key of ['shop:order:1', 'shop:order:2']) await place.admin('PEXPIRE', key, '1');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await said()).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
    await place.admin('DEBUG', 'SET-ACTIVE-EXPIRE', '1').catch(() => undefined);
  });

  it('are an app’s own that has lost its user, and told', async () => {
    await place.write(shop('prefix: store'));
    expect((await place.apply()).ending).toBe('done');
    await place.as('shop', 'SET', 'store:1', 'x');
    await place.admin('ACL', 'DELUSER', 'shop');
    expect(await said()).toEqual([expect.stringMatching(/^warning CT2005 .*no user on the server, and 1 key lies.*is taken for its own/)]);
    expect((await place.apply()).ending).toBe('done');
    expect(await place.as('shop', 'GET', 'store:1')).toBe('x');
  });

  it('are the app’s that comes back, and of the retired app where it is there', async () => {
    await place.write(shop('prefix: store'));
    expect((await place.apply()).ending).toBe('done');
    await place.as('shop', 'SET', 'store:1', 'x');
    await place.write(none);
    expect((await place.apply()).ending).toBe('done');
    await place.write(shop('prefix: store'));
    expect((await place.plan()).plan.diagnostics.map(({ code }) => code)).toEqual(['CT2007']);
    expect((await place.restore('shop')).ending).toBe('done');
    expect(await said()).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
  });

  it('are counted for many apps in one walk, and in a server of many as far as the time goes', async () => {
    await place.write(shop('', '  blog: { uses: { main: {} } }\n  "on": { uses: { main: { prefix: "shopp", separator: "ing:" } } }\n'));
    const counts = (await said()).map((text) => /app "(\w+)" is new, and (\d+ keys?)/.exec(text)?.slice(1));
    expect(counts).toEqual([
      ['shop', '2 keys'],
      ['on', '1 key'],
    ]);
    for (let at = 0; at < 20; at++)
      await place.admin('MSET', ...Array.from({ length: 500 }, (_, index) => [`many:${at}:${index}`, 'x']).flat());
    const { manifest, secrets } = await place.open();
    const input = manifest.instances[0]?.input as Input;
    await using connection = await Connection.open({ ...server(), tls: null }, 'test', { deadline: 5000, instance: 'main' });
    const found = await readKeysThere([], { input, secrets, connection, patience: -1 });
    expect(found.map(({ app, how }) => `${app} ${how}`)).toEqual(['shop least', 'blog least', 'on least']);
  });

  it('are all keys of a whole server, and of a database that a number asks for', async () => {
    await place.write(shop('isolation: instance'));
    expect(await said()).toEqual(refused('5 keys'));
    for (const number of [3, 4]) {
      await place.write(shop(`isolation: database, database: ${number}${version === 'valkey91' ? '' : ', unenforced: true'}`));
      expect(await said()).toEqual(number === 3 ? refused('1 key') : []);
    }
  });
});
