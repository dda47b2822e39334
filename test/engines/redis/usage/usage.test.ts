import { beforeAll, expect, it } from 'vitest';
import { makeClient } from '../../../../src/engines/redis/connect/client.ts';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { ended, listed, slow } from '../../../support/tending.ts';
import { of, type Rounds, watched } from '../../../support/usage.ts';
import { manifestOf, type Workplace, workplace } from '../lifecycle/harness.ts';

const manifest = manifestOf('apps:\n  shop: { uses: { main: {} } }\n  blog: { uses: { main: {} } }\nreaders:\n  lens: { reads: [shop] }\n');

describeEachRedis('what apps use', {}, (server, version) => {
  let place: Workplace;
  let rounds: Rounds;

  beforeAll(async () => {
    place = await workplace(server(), manifest);
    expect((await place.apply()).ending).toBe('done');
    rounds = await watched(place);
    return async () => {
      await rounds[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    };
  });

  it('tells connections, denials, commands, memory by a sample, and what a full memory does', async () => {
    const { REDIS_USERNAME: user = '', REDIS_PASSWORD: password = '' } = await place.reveal('shop');
    const { host, port } = server();
    const client = makeClient(2, { host, port, tls: null, login: { user, password }, name: 'shop', deadline: 5000 });
    client.on('error', () => undefined);
    await client.connect();
    await client.sendCommand(['SET', 'shop:a', 'x'.repeat(10_000)]);
    const first = await rounds.round(true);
    expect(first).toMatchObject({ instance: 'main', engine: 'redis', lost: [], waits: [] });
    expect(of(first, 'shop')).toMatchObject({ connectionLimit: null, size: { exact: false } });
    const { active = 0, idle = 0 } = of(first, 'shop').connections ?? {};
    expect(active + idle).toBe(1);
    expect(of(first, 'shop').size?.bytes).toBeGreaterThan(10_000);
    expect(of(first, 'blog').size?.bytes).toBe(0);
    for (let n = 0; n < 5; n++) await client.sendCommand(['GET', 'shop:a']);
    await client.sendCommand(['GET', 'blog:a']).catch(() => undefined);
    await place.as('blog', 'GET', 'shop:a').catch(() => undefined);
    await client.sendCommand(['MULTI']);
    const second = await rounds.round();
    expect(of(second, 'shop')).toMatchObject({ connections: { idleInTransaction: 1 }, work: { denied: 1 } });
    expect(of(second, 'blog').work.denied).toBe(1);
    if (version === 'valkey91') expect(of(second, 'shop').work.calls).toBeGreaterThanOrEqual(6);
    expect(second.pressures).toMatchObject([{ metric: 'memory_used_bytes', state: expect.any(String) as unknown }, {}, {}]);
    client.destroy();
  });

  it('lists who is connected, and ends the sessions of one app', async () => {
    const connect = async (app: string) => {
      const { REDIS_USERNAME: user = '', REDIS_PASSWORD: password = '' } = await place.reveal(app);
      const { host, port } = server();
      const client = makeClient(2, { host, port, tls: null, login: { user, password }, name: 'cotenant-lock', deadline: 5000 });
      client.on('error', () => undefined);
      await client.connect();
      return client;
    };
    const [shop, blog] = [await connect('shop'), await connect('blog')];
    expect((await listed(place)).filter(({ app }) => app !== null)).toMatchObject([{ app: 'blog' }, { app: 'shop', login: 'shop' }]);
    expect((await listed(place)).map(({ kind }) => kind)).toContain('cotenant');
    expect((await ended(place, 'shop')).map(({ app, gone }) => [app, gone])).toEqual([['shop', true]]);
    expect(await blog.sendCommand(['PING'])).toBe('PONG');
    expect(await listed(place, 'shop')).toEqual([]);
    shop.destroy();
    blog.destroy();
  });

  it('shows slow commands without their arguments; of one app nothing of another', async () => {
    await place.admin('CONFIG', 'SET', 'slowlog-log-slower-than', '0');
    await place.as('shop', 'SET', 'shop:canary-7', 'canary-7');
    await place.as('blog', 'SET', 'blog:b', 'canary-7');
    await place.admin('CONFIG', 'SET', 'slowlog-log-slower-than', '10000');
    const { statements } = await slow(place);
    expect(
      statements
        .filter(({ app }) => app !== null)
        .map(({ app, text }) => `${app} ${text}`)
        .toSorted(),
    ).toEqual(['blog SET blog:…', 'shop SET shop:…']);
    expect(JSON.stringify(statements)).not.toContain('canary-7');
    expect((await slow(place, 'shop')).statements).toMatchObject([{ app: 'shop', calls: 1 }]);
  });

  it('sends three commands for 40 apps as for 2, as the server counts them', async () => {
    const asked = async (): Promise<number> =>
      Number(/^total_commands_processed:(\d+)/m.exec(String(await place.admin('INFO', 'stats')))?.[1]);
    const sent = async (): Promise<number> => {
      const before = await asked();
      const own = (await asked()) - before;
      const start = await asked();
      expect((await rounds.round()).statements).toHaveLength(3);
      return (await asked()) - start - own;
    };
    expect(await sent()).toBe(3);
    const more = Array.from({ length: 38 }, (_, n) => `  a${n}: { uses: { main: {} } }\n`).join('');
    await place.write(manifest.replace('readers:', `${more}readers:`));
    expect((await place.apply()).ending).toBe('done');
    await rounds[Symbol.asyncDispose]();
    rounds = await watched(place);
    expect((await rounds.round()).apps).toHaveLength(41);
    expect(await sent()).toBe(3);
  });

  it('loses the figures of a command that is refused, and no others', async () => {
    await place.admin('CONFIG', 'SET', 'maxmemory', '0');
    const operator = server().user;
    await place.admin('ACL', 'SETUSER', operator, '-acl|log');
    const round = await rounds.round();
    await place.admin('ACL', 'SETUSER', operator, '+acl|log');
    expect(round.lost).toMatchObject([{ statement: 'denials', why: expect.stringContaining('NOPERM') as unknown }]);
    expect(of(round, 'shop').connections).not.toBe(null);
    expect((await rounds.round()).lost).toEqual([]);
  });
});
