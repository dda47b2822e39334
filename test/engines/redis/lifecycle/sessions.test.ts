import { beforeEach, expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { makeClient } from '../../../../src/engines/redis/connect/client.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const manifest = manifestOf('apps:\n  shop: { uses: { main: {} } }\n  blog: { uses: { main: {} } }\n');

interface OpenSession extends AsyncDisposable {
  isOpen(): Promise<boolean>;
  send(...words: readonly string[]): Promise<unknown>;
}

async function session(place: Workplace, app: string): Promise<OpenSession> {
  const { REDIS_HOST: host = '', REDIS_PORT: port, REDIS_USERNAME: user = '', REDIS_PASSWORD: password = '' } = await place.reveal(app);
  const client = makeClient(3, { host, port: Number(port), tls: null, login: { user, password }, deadline: 10_000 });
  await client.connect();
  return {
    isOpen: async () =>
      await client.sendCommand(['PING']).then(
        () => true,
        () => false,
      ),
    send: async (...words) => await client.sendCommand([...words]),
    [Symbol.asyncDispose]: async () => {
      if (client.isOpen) client.destroy();
      await Promise.resolve();
    },
  };
}

describeEachRedis('sessions', {}, (server) => {
  beforeEach(async () => await wipe(server()));

  it('end where something is taken from their user, and only there', async () => {
    await using place = await workplace(server(), manifest);
    await place.apply();
    await using shop = await session(place, 'shop');
    await using blog = await session(place, 'blog');
    await place.admin('ACL', 'SETUSER', 'shop', '+scan');
    await place.admin('ACL', 'SETUSER', 'blog', '-get');
    expect((await place.apply()).ending).toBe('done');
    expect([await shop.isOpen(), await blog.isOpen()]).toEqual([false, true]);
    await using again = await session(place, 'shop');
    await place.write(manifest.replace(/ {2}shop: .*\n/, ''));
    expect((await place.apply()).ending).toBe('done');
    expect([await again.isOpen(), await blog.isOpen()]).toEqual([false, true]);
  });

  it('that go on with what their user has lost are seen by verify', async () => {
    await using place = await workplace(server(), manifest);
    await place.apply();
    await place.admin('ACL', 'SETUSER', 'shop', '+client|tracking', '+monitor');
    await using feed = await session(place, 'shop');
    await using watcher = await session(place, 'shop');
    await feed.send('CLIENT', 'TRACKING', 'ON', 'BCAST');
    void watcher.send('MONITOR').catch(() => undefined);
    while (!String(await place.admin('CLIENT', 'LIST')).match(/flags=O[^\n]* user=shop /))
      await new Promise((resolve) => setTimeout(resolve, 5));
    await place.admin('ACL', 'SETUSER', 'shop', '-client|tracking', '-monitor');
    const seen = (await place.verify()).findings.map(({ probe, from }) => `${probe} ${from}`);
    expect([...new Set(seen)].toSorted()).toEqual(['RD-K12 shop', 'RD-K21 shop']);
    await place.admin('CLIENT', 'KILL', 'USER', 'shop');
    expect((await place.verify()).findings).toEqual([]);
  });
});
