import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { differences } from '../../../../src/backup/compare.ts';
import { drillName } from '../../../../src/engine/index.ts';
import { makeClient } from '../../../../src/engines/redis/connect/client.ts';
import { encode } from '../../../../src/engines/redis/backup/resp.ts';
import { secretName } from '../../../../src/engines/redis/names.ts';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { manifestOf, type Workplace } from '../lifecycle/harness.ts';
import { drilled, emptied, partsOf, saved, send } from './harness.ts';

const manifest = manifestOf('apps:\n  shop: { uses: { main: {} } }\n  copy: { uses: { main: {} } }\n  blog: { uses: { main: {} } }\n');

/** A signal that is asked in the middle of the work. */
function looking(each: () => void): AbortSignal {
  const { signal } = new AbortController();
  Object.defineProperty(signal, 'throwIfAborted', { value: each });
  return signal;
}

describeEachRedis('trouble with a backup', {}, (server, version) => {
  let place: Workplace;
  const has = async (app: string) => {
    const { REDIS_USERNAME: user = '', REDIS_PASSWORD: password = '' } = await place.reveal(app);
    return { host: server().host, port: server().port, user, password };
  };
  /** Nothing but what the apps have, and nobody else. */
  const clean = async (): Promise<void> => {
    expect(String(await place.admin('INFO', 'keyspace')).match(/^db\d+/gm) ?? []).not.toContain('db15');
    expect(String(await place.admin('ACL', 'USERS'))).not.toContain('drill');
    expect(await place.admin('KEYS', 'cotenant:*')).toEqual([]);
  };
  emptied(server, manifest, (made) => {
    place = made;
  });

  it('that somebody could look at who may not look at the app: a drill is refused', { timeout: 60_000 }, async () => {
    await send(await has('shop'), ['SET', 'shop:a', '1']);
    const kept = await saved(place, 'shop');
    const drill = async () => await drilled(kept, 'shop');
    await place.admin('ACL', 'SETUSER', 'eve', 'on', '>x', '~cotenant*', '+@read', '+select');
    try {
      await expect(drill()).rejects.toMatchObject({
        diagnostics: [{ code: 'CT4327', message: expect.stringContaining('"eve" (cotenant*)') }],
      });
      await place.admin('ACL', 'SETUSER', 'eve', 'reset', 'on', '>x', '~other:*', '+@read', '+select', '(~co* +get)');
      await expect(drill()).rejects.toMatchObject({ diagnostics: [{ code: 'CT4327' }] });
      await place.admin('ACL', 'SETUSER', 'eve', 'reset', 'on', '>x', '~*', '+@read', '+select');
      expect(await drill()).toEqual([]);
      expect(kept.said.join()).toContain('"eve"');
    } finally {
      await place.admin('ACL', 'DELUSER', 'eve');
    }
    await clean();
  });

  it('that is written to meanwhile: each key is as it was at one moment, and that is told', { timeout: 60_000 }, async () => {
    const shop = await has('shop');
    await send(shop, ...Array.from({ length: 3000 }, (_, at) => ['SET', `shop:still:${at}`, String(at)]));
    await send(shop, ['RPUSH', 'shop:list', ...Array.from({ length: 40_000 }, (_, at) => `${at} `.repeat(3))]);
    const state = { stop: false };
    let rounds = 0;
    const writing = (async (): Promise<void> => {
      while (!state.stop) {
        // A list that is turned is never shorter or longer, and never has an element two times.
        await send(shop, ...Array.from({ length: 20 }, () => ['LMOVE', 'shop:list', 'shop:list', 'RIGHT', 'LEFT']), [
          'SET',
          `shop:new:${rounds}`,
          '',
        ]);
        rounds += 1;
        await sleep(rounds < 6 ? 30 : 5);
      }
    })();
    const { part, context } = await saved(place, 'shop');
    state.stop = true;
    await writing;
    expect(part.left.join('; ')).toContain('one moment of all keys together');
    const text = await readFile(join(context.folder, 'keys.resp'), 'latin1');
    for (const at of [0, 1, 2999]) expect(text).toContain(`shop:still:${at}\r\n`);
    const elements = [...text.matchAll(/\$\d+\r\n((\d+) \2 \2 )\r\n/g)].map(([, , number]) => Number(number));
    const torn = part.left.some((one) => one.includes('"list"'));
    if (!torn) expect(elements.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40_000 }, (_, at) => at));
  });

  it('of keys that have expired: a drill has all of them, a restore leaves them out and says so', { timeout: 60_000 }, async () => {
    const shop = await has('shop');
    const soon = String(Date.now() + 8000);
    await send(shop, ['SET', 'shop:a', 'stays'], ['SET', 'shop:b', 'goes', 'PXAT', soon]);
    const fields = version === 'redis8' || version === 'valkey91';
    if (fields)
      await send(
        shop,
        ['HSET', 'shop:h', 'stays', '1', 'goes', '2'],
        ['HPEXPIREAT', 'shop:h', soon, 'FIELDS', '1', 'goes'],
        ['HSET', 'shop:all', 'goes', '2'],
        ['HPEXPIREAT', 'shop:all', soon, 'FIELDS', '1', 'goes'],
      );
    const kept = await saved(place, 'shop');
    expect(await send(shop, ['EXISTS', 'shop:b'])).toEqual([1]);
    await sleep(Number(soon) - Date.now() + 200);
    expect(await drilled(kept, 'shop')).toEqual([]);
    expect(differences(kept.part.objects, await kept.backup.load(kept.input, 'copy', kept.part, kept.context))).toEqual([]);
    expect(kept.said.join('; ')).toContain(`${fields ? 3 : 1} had expired since they were saved`);
    expect((await place.admin('KEYS', 'copy:*')) as string[]).toHaveLength(fields ? 2 : 1);
  });

  it.each([
    ['a key of somebody else', encode(['SET', 'blog:x', 'mine']), 'CT4321'],
    ['another command', encode(['FLUSHALL', 'shop:x']), 'CT4321'],
    ['a script', encode(['EVAL', 'return 1', '0']), 'CT4321'],
    ['half a command', Buffer.from('*3\r\n$3\r\nSET\r\n$6\r\nshop:x\r\n$90000\r\nx'), 'CT4321'],
    ['no command', Buffer.from('SET shop:x 1\r\n'), 'CT4321'],
    ['a RESTORE that the backup does not name', encode(['RESTORE', 'shop:x', '0', 'x']), 'CT4321'],
    ['a number beyond all', Buffer.from('*3\r\n$99999999999\r\n'), 'CT4321'],
  ])('with %s in its file is refused, and nothing of it stays', async (_name, bytes, code) => {
    await send(await has('shop'), ['SET', 'shop:a', '1']);
    const kept = await saved(place, 'shop');
    await appendFile(join(kept.context.folder, 'keys.resp'), bytes);
    await expect(drilled(kept, 'shop')).rejects.toMatchObject({ diagnostics: [{ code }] });
    await clean();
    await expect(kept.backup.load(kept.input, 'copy', kept.part, kept.context)).rejects.toMatchObject({ diagnostics: [{ code }] });
    expect(await place.admin('KEYS', '*')).toEqual(['shop:a']);
  });

  it('whose last key is damaged in its middle leaves nothing of it', { timeout: 60_000 }, async () => {
    await send(await has('shop'), ['RPUSH', 'shop:a', ...Array.from({ length: 3000 }, (_, at) => `${at} `.repeat(500))]);
    const kept = await saved(place, 'shop');
    const file = join(kept.context.folder, 'keys.resp');
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length - 20));
    await expect(kept.backup.load(kept.input, 'copy', kept.part, kept.context)).rejects.toMatchObject({
      diagnostics: [{ code: 'CT4321' }],
    });
    expect(await place.admin('KEYS', 'copy:*')).toEqual([]);
  });

  it('that loses its connection takes back over another one what it wrote', { timeout: 60_000 }, async () => {
    await send(await has('shop'), ...Array.from({ length: 20_000 }, (_, at) => ['SET', `shop:${at}`, String(at)]));
    const kept = await saved(place, 'shop');
    let looks = 0;
    const signal = looking(() => {
      looks += 1;
      if (looks === 3) void send(server(), ['CLIENT', 'KILL', 'USER', 'copy']);
    });
    await expect(kept.backup.load(kept.input, 'copy', kept.part, { ...kept.context, signal })).rejects.toMatchObject({
      diagnostics: [{ code: 'CT3004' }],
    });
    // What was under way then may have come or not: that is told.
    const stayed = ((await place.admin('KEYS', 'copy:*')) as string[]).length;
    expect([0, 500]).toContain(stayed);
    if (stayed > 0) expect(kept.said.join('; ')).toContain('up to 500 keys of the backup may stay');
  });

  it('whose drill is not given RESTORE without need, nor a database in which somebody stands', async () => {
    await send(await has('shop'), ['SET', 'shop:a', '1']);
    const kept = await saved(place, 'shop');
    const { host, port, user, password } = server();
    const client = makeClient(2, { host, port, tls: null, login: { user, password }, deadline: 10_000 });
    await client.connect();
    try {
      await client.sendCommand(['SELECT', '15']);
      const rights: Promise<unknown>[] = [];
      const signal = looking(() => {
        if (rights.length === 0) rights.push(client.sendCommand(['ACL', 'LIST']), client.sendCommand(['CLIENT', 'LIST']));
      });
      expect(await drilled({ ...kept, context: { ...kept.context, signal } }, 'shop')).toEqual([]);
      const [list, clients] = (await Promise.all(rights)).map(String);
      expect(list).toMatch(/cotenant:drill-/);
      const line = list?.split(/,(?=user )/).find((one) => one.includes('user cotenant:drill-'));
      expect(line).not.toContain('+restore');
      expect(/ db=(\d+) .*user=cotenant:drill-/.exec(clients ?? '')?.[1]).toBe('14');
    } finally {
      client.destroy();
    }
  });

  it('for which the machine has no memory is told where the server sets itself no limit', async () => {
    await send(await has('shop'), ['SET', 'shop:a', '1']);
    const kept = await saved(place, 'shop');
    const part = { ...kept.part, place: { ...(kept.part.place as object), memory: 1e15 } };
    await send(server(), ['CONFIG', 'SET', 'maxmemory', '0']);
    await expect(drilled({ ...kept, part }, 'shop')).rejects.toMatchObject({ diagnostics: [{ code: 'CT4322' }] });
    await send(server(), ['CONFIG', 'SET', 'maxmemory', '268435456']);
  });

  it('that lacks a key in its file, or has another byte, turns a drill red', async () => {
    await send(await has('shop'), ['SET', 'shop:a', 'value'], ['SET', 'shop:b', 'value']);
    const kept = await saved(place, 'shop');
    const file = join(kept.context.folder, 'keys.resp');
    const text = await readFile(file, 'latin1');
    await writeFile(file, text.replace('*3\r\n$3\r\nSET\r\n$6\r\nshop:a\r\n$5\r\nvalue\r\n', ''));
    expect(await drilled(kept, 'shop')).toEqual(['keys of type string has 1 rows, and had 2']);
    await writeFile(file, text.replace('value', 'velue'));
    expect(await drilled(kept, 'shop')).toEqual(['keys of type string is another one']);
  });

  it('that comes to a key that is there ends before it, and takes back what it wrote', { timeout: 60_000 }, async () => {
    await send(await has('shop'), ...Array.from({ length: 3000 }, (_, at) => ['SET', `shop:${at}`, String(at)]));
    const kept = await saved(place, 'shop');
    const text = await readFile(join(kept.context.folder, 'keys.resp'), 'latin1');
    const names = [...text.matchAll(/shop:(\d+)/g)].map(([, name]) => name ?? '');
    let looks = 0;
    const signal = looking(() => {
      looks += 1;
      if (looks === 2) void send(server(), ['SET', `copy:${names.at(-1)}`, 'of the app']);
    });
    const context = { ...kept.context, signal };
    await expect(kept.backup.load(kept.input, 'copy', kept.part, context)).rejects.toMatchObject({ diagnostics: [{ code: 'CT4306' }] });
    expect(await send(await has('copy'), ['GET', `copy:${names.at(-1)}`])).toEqual(['of the app']);
    expect(await place.admin('KEYS', 'copy:*')).toEqual([`copy:${names.at(-1)}`]);
  });

  it('for which there is no memory is told before anything is written, and nobody else is harmed', async () => {
    await send(await has('shop'), ...Array.from({ length: 200 }, (_, at) => ['SETRANGE', `shop:${at}`, '20000', 'x']));
    await send(await has('blog'), ['SET', 'blog:x', '1']);
    const kept = await saved(place, 'shop');
    const used = Number(/used_memory:(\d+)/.exec(String(await place.admin('INFO', 'memory')))?.[1]);
    for (const policy of ['noeviction', 'allkeys-lru']) {
      await send(server(), ['CONFIG', 'SET', 'maxmemory', String(used + 2_000_000)], ['CONFIG', 'SET', 'maxmemory-policy', policy]);
      await expect(drilled(kept, 'shop')).rejects.toMatchObject({ diagnostics: [{ code: 'CT4322' }] });
      await expect(kept.backup.load(kept.input, 'copy', kept.part, kept.context)).rejects.toMatchObject({
        diagnostics: [{ code: 'CT4322' }],
      });
      // Where it takes more than it should: the server itself says no, or the look meanwhile.
      const wrong = { ...kept.part, place: { ...(kept.part.place as object), memory: 0 } };
      await send(server(), ['CONFIG', 'SET', 'maxmemory', String(Math.round(used * 1.3))]);
      await expect(drilled({ ...kept, part: wrong }, 'shop')).rejects.toMatchObject({ diagnostics: [{ code: 'CT4322' }] });
      await clean();
      await expect(kept.backup.load(kept.input, 'copy', wrong, kept.context)).rejects.toMatchObject({ diagnostics: [{ code: 'CT4322' }] });
      expect(await place.admin('KEYS', 'copy:*')).toEqual([]);
      expect(await place.as('blog', 'GET', 'blog:x')).toBe('1');
      expect(await place.admin('DBSIZE')).toBe(201);
    }
    await send(server(), ['CONFIG', 'SET', 'maxmemory', '268435456'], ['CONFIG', 'SET', 'maxmemory-policy', 'noeviction']);
  });

  it('whose drill was killed leaves what the next one removes, and nothing of anybody else', async () => {
    await send(await has('shop'), ['SET', 'shop:a', '1']);
    const kept = await saved(place, 'shop');
    const project = await place.open();
    const password = project.secrets.peek({ secret: secretName('main', 'shop') }) ?? '';
    const ours = drillName('cotenant:drill-', { project: 'life', instance: 'main', app: 'shop', password });
    const foreign = drillName('cotenant:drill-', { project: 'life', instance: 'main', app: 'shop', password: 'guessed' });
    for (const name of [ours, foreign])
      await send({ ...server(), database: 15 }, ['SET', `${name}:0:a`, '1'], ['RPUSH', `${name}:0:b`, '1'], ['ACL', 'SETUSER', name, 'on']);
    await send({ ...server(), database: 3 }, ['SET', `${ours}:0:c`, '1']);
    expect(await drilled(kept, 'shop')).toEqual([]);
    expect(String(await send({ ...server(), database: 15 }, ['KEYS', '*']))).not.toContain(ours);
    expect(await send({ ...server(), database: 15 }, ['EXISTS', `${foreign}:0:a`, `${foreign}:0:b`])).toEqual([2]);
    expect(await send({ ...server(), database: 3 }, ['DBSIZE'])).toEqual([0]);
    const users = String(await place.admin('ACL', 'USERS'));
    expect([users.includes(ours), users.includes(foreign)]).toEqual([false, true]);
    // What is left of a drill is in no backup.
    const again = await saved(place, 'shop');
    expect(again.part.objects).toEqual(kept.part.objects);
    await place.admin('ACL', 'DELUSER', foreign);
  });

  it('that is stopped in the middle leaves nothing', async () => {
    await send(await has('shop'), ...Array.from({ length: 3000 }, (_, at) => ['SET', `shop:${at}`, String(at)]));
    const kept = await saved(place, 'shop');
    let looks = 0;
    const signal = looking(() => {
      looks += 1;
      if (looks === 4) throw new Error('stopped');
    });
    await expect(drilled({ ...kept, context: { ...kept.context, signal } }, 'shop')).rejects.toThrow('stopped');
    await clean();
    looks = 0;
    await expect(kept.backup.load(kept.input, 'copy', kept.part, { ...kept.context, signal })).rejects.toThrow('stopped');
    expect(await place.admin('KEYS', 'copy:*')).toEqual([]);
  });

  it('shows no password anywhere', async () => {
    await send(await has('shop'), ['SET', 'shop:a', '1']);
    const kept = await saved(place, 'shop');
    expect(await drilled(kept, 'shop')).toEqual([]);
    const { password } = await has('shop');
    const files = await Promise.all(
      (await readdir(kept.context.folder)).map(async (name) => await readFile(join(kept.context.folder, name), 'latin1')),
    );
    const texts = [
      JSON.stringify(kept.part),
      kept.said.join('\n'),
      ...files,
      String(await place.admin('SLOWLOG', 'GET', '500')),
      String(await place.admin('ACL', 'LOG')),
    ];
    for (const text of texts) for (const secret of [password, server().password]) expect(text.includes(secret)).toBe(false);
  });

  it('of a login that cotenant does not know is told', async () => {
    const parts = await partsOf(place);
    const context = { ...parts.context, env: { secret: () => null } };
    await expect(parts.backup.save(parts.input, 'shop', context)).rejects.toMatchObject({ diagnostics: [{ code: 'CT5007' }] });
  });
});
