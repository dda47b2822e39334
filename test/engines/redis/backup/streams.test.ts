import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { makeClient } from '../../../../src/engines/redis/connect/client.ts';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { manifestOf, type Workplace } from '../lifecycle/harness.ts';
import { drilled, emptied, saved, send } from './harness.ts';

const manifest = manifestOf('apps:\n  shop: { uses: { main: {} } }\n');

describeEachRedis('a backup of a stream that is at work', {}, (server) => {
  let place: Workplace;
  emptied(server, manifest, (made) => {
    place = made;
  });

  /** Sends the same again and again until `work` is over. */
  const during = async <T>(commands: readonly (readonly string[])[], work: () => Promise<T>): Promise<T> => {
    const { host, port, user, password } = server();
    const client = makeClient(2, { host, port, tls: null, login: { user, password }, deadline: 10_000 });
    await client.connect();
    const state = { stop: false };
    const busy = (async (): Promise<void> => {
      while (!state.stop) {
        await Promise.all(commands.map(async (words) => await client.sendCommand([...words])));
        await sleep(5);
      }
    })();
    try {
      return await work();
    } finally {
      state.stop = true;
      await busy;
      client.destroy();
    }
  };
  const filled = async (count: number): Promise<void> => {
    const entries = Array.from({ length: count }, (_, at) => ['XADD', 'shop:x', '*', 'n', String(at)]);
    await send(server(), ...entries, ['XGROUP', 'CREATE', 'shop:x', 'g', '0']);
  };

  it.each([
    ['a producer writes', [['XADD', 'shop:x', '*', 'n', '1']]],
    [
      'a worker takes what a producer writes',
      [
        ['XADD', 'shop:x', '*', 'n', '1'],
        ['XREADGROUP', 'GROUP', 'g', 'w', 'COUNT', '1000', 'STREAMS', 'shop:x', '>'],
      ],
    ],
    [
      'a worker has done it too, and deletes it',
      [
        ['XADD', 'shop:x', '*', 'n', '1'],
        ['XREADGROUP', 'GROUP', 'g', 'w', 'COUNT', '1', 'STREAMS', 'shop:x', '>'],
        ['XTRIM', 'shop:x', 'MAXLEN', '1200'],
      ],
    ],
  ] as const)('comes back where %s meanwhile', { timeout: 120_000 }, async (_name, commands) => {
    await filled(1300);
    await send(server(), ['XREADGROUP', 'GROUP', 'g', 'w', 'COUNT', '1100', 'STREAMS', 'shop:x', '>']);
    const kept = await during(commands, async () => await saved(place, 'shop'));
    expect(kept.part.objects.map(({ name, rows }) => [name, rows])).toEqual([['stream', 1]]);
    expect(await drilled(kept, 'shop')).toEqual([]);
  });

  it('has what is pending of entries that were trimmed', async () => {
    await filled(20);
    await send(server(), ['XREADGROUP', 'GROUP', 'g', 'w', 'STREAMS', 'shop:x', '>'], ['XTRIM', 'shop:x', 'MAXLEN', '5']);
    const kept = await saved(place, 'shop');
    expect(await drilled(kept, 'shop')).toEqual([]);
  });

  it('has what is pending behind the last id of a group that was set back', async () => {
    await filled(20);
    await send(server(), ['XREADGROUP', 'GROUP', 'g', 'w', 'STREAMS', 'shop:x', '>'], ['XGROUP', 'SETID', 'shop:x', 'g', '0']);
    const kept = await saved(place, 'shop');
    expect(await drilled(kept, 'shop')).toEqual([]);
    await send(
      server(),
      ['XGROUP', 'DESTROY', 'shop:x', 'g'],
      ['XGROUP', 'CREATE', 'shop:x', 'g', '0'],
      ['XGROUP', 'CREATECONSUMER', 'shop:x', 'g', 'w'],
    );
    expect(await drilled(await saved(place, 'shop'), 'shop', kept.part)).toEqual(['keys of type stream is another one']);
  });
});
