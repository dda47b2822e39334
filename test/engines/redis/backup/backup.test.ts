import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import type { SavedPart } from '../../../../src/model/index.ts';
import { differences } from '../../../../src/backup/compare.ts';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { manifestOf, type Workplace } from '../lifecycle/harness.ts';
import { content } from './content.ts';
import { drilled, emptied, partsOf, saved, send } from './harness.ts';

const manifest = manifestOf('apps:\n  shop: { uses: { main: {} } }\n  copy: { uses: { main: {} } }\n  shopping: { uses: { main: {} } }\n');

describeEachRedis('a backup', {}, (server, version) => {
  let place: Workplace;
  let before: SavedPart | null = null;
  const fields = version === 'redis8' || version === 'valkey91';
  const has = async (app: string) => {
    const { REDIS_USERNAME: user = '', REDIS_PASSWORD: password = '' } = await place.reveal(app);
    return { host: server().host, port: server().port, user, password };
  };
  emptied(server, manifest, (made) => {
    place = made;
  });
  beforeEach(async () => {
    await send(await has('shop'), ...content('shop:', fields));
    await send(await has('shopping'), ['SET', 'shopping:a', 'of the neighbour'], ['RPUSH', 'shopping:l', 'of the neighbour']);
  });

  it('comes back in a drill, which leaves nothing', async () => {
    const kept = await saved(place, 'shop');
    const file = await readFile(join(kept.context.folder, 'keys.resp'), 'latin1');
    expect(await readdir(kept.context.folder)).toEqual(['keys.resp']);
    expect(file).not.toContain('neighbour');
    expect(kept.part.left).toEqual([]);
    const keys = Number(await place.admin('DBSIZE')) - 2;
    expect(kept.part.objects.reduce((sum, { rows }) => sum + (rows ?? 0), 0)).toBe(keys);
    const users = await place.admin('ACL', 'LIST');
    expect(await drilled(kept, 'shop')).toEqual([]);
    expect(await place.admin('ACL', 'LIST')).toEqual(users);
    expect(await place.admin('DBSIZE')).toBe(keys + 2);
    expect(String(await place.admin('INFO', 'keyspace')).match(/^db\d+/gm)).toEqual(['db0']);
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('is the same text where nothing has changed, and after a restart', async () => {
    const texts: string[] = [];
    for (const restart of [false, false, true]) {
      if (restart) {
        await place.admin('SAVE');
        await server().restart();
      }
      const kept = await saved(place, 'shop');
      texts.push(await readFile(join(kept.context.folder, 'keys.resp'), 'latin1'));
    }
    expect(texts[1] === texts[0]).toBe(true);
    expect(texts[2] === texts[0]).toBe(true);
  });

  it('comes back into another app, under its prefix, and over nothing', async () => {
    const { backup, input, context, part } = await saved(place, 'shop');
    expect(await backup.present(input, 'copy', context)).toEqual([]);
    expect(differences(part.objects, await backup.load(input, 'copy', part, context))).toEqual([]);
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await backup.present(input, 'copy', context)).toEqual([expect.stringContaining('key "copy:')]);
    await expect(backup.load(input, 'copy', part, context)).rejects.toMatchObject({ diagnostics: [{ code: 'CT4306' }] });
    // The server's own form of both is the same, where it depends on nothing but the value.
    for (const name of ['s:bytes', 's:hll', 's:large', 'l:small', 'l:large', 'set:numbers', 'z:odd', 'z:geo', 'h:small']) {
      const [one, other] = await send({ ...server() }, ['DUMP', `shop:${name}`], ['DUMP', `copy:${name}`]);
      expect([name, one === other]).toEqual([name, true]);
    }
    const stream = async (app: string): Promise<unknown> =>
      await send(
        await has(app),
        ['XINFO', 'GROUPS', `${app}:x:events`],
        ['XPENDING', `${app}:x:events`, 'workers'],
        ['XRANGE', `${app}:x:events`, '-', '+'],
      );
    expect(await stream('copy')).toEqual(await stream('shop'));
    expect(await place.as('copy', 'XINFO', 'STREAM', 'copy:x:events')).toEqual(await place.as('shop', 'XINFO', 'STREAM', 'shop:x:events'));
    expect(await place.as('copy', 'PEXPIRETIME', 'copy:s:ttl')).toBe(await place.as('shop', 'PEXPIRETIME', 'shop:s:ttl'));
    const again = await saved(place, 'copy');
    expect(differences(part.objects, again.part.objects)).toEqual([]);
  });

  it.each([
    ['a key is lost', ['DEL', 'shop:s:bytes'], 'keys of type string has'],
    ['a byte is another one', ['SETRANGE', 'shop:s:large', '1500000', 'x'], 'keys of type string is another one'],
    ['a time to live is lost', ['PERSIST', 'shop:s:ttl'], 'keys of type string is another one'],
    ['a time to live is another one', ['PEXPIREAT', 'shop:h:ttl', '1999999999999'], 'keys of type hash is another one'],
    ['the order of a list is another one', ['RPOPLPUSH', 'shop:l:small', 'shop:l:small'], 'keys of type list is another one'],
    ['a member is lost', ['SREM', 'shop:set:large', 'member 7 '.repeat(4)], 'keys of type set is another one'],
    ['a score is another one', ['ZINCRBY', 'shop:z:odd', '1e-16', 'c'], 'keys of type zset is another one'],
    ['a field is another one', ['HSET', 'shop:h:large', 'field 7', ''], 'keys of type hash is another one'],
    ['an entry is lost', ['XDEL', 'shop:x:events', '100-0'], 'keys of type stream is another one'],
    ['a group is lost', ['XGROUP', 'DESTROY', 'shop:x:events', 'late'], 'keys of type stream is another one'],
    ['a group is elsewhere', ['XGROUP', 'SETID', 'shop:x:events', 'late', '9-0'], 'keys of type stream is another one'],
    ['a consumer is lost', ['XGROUP', 'DELCONSUMER', 'shop:x:events', 'workers', 'idle'], 'keys of type stream is another one'],
    ['something pending is lost', ['XACK', 'shop:x:events', 'workers', '8-0'], 'keys of type stream is another one'],
    ['the last id is another one', ['XSETID', 'shop:x:empty', '10-0'], 'keys of type stream is another one'],
    ['a type is another one', ['RENAME', 'shop:set:small', 'shop:l:small'], 'keys of type list has'],
    ['something was not saved', ['SET', 'shop:new', ''], 'keys of type string has'],
    ...(fields
      ? [
          ['a field does not expire', ['HPERSIST', 'shop:h:fields', 'FIELDS', '1', 'goes'], 'keys of type hash is another one'] as const,
          [
            'a field expires at another time',
            ['HPEXPIREAT', 'shop:h:many', '1999999999999', 'FIELDS', '1', 'field 7'],
            'keys of type hash',
          ] as const,
        ]
      : []),
  ] as const)('a drill tells where %s', { timeout: 60_000 }, async (_name, words, said) => {
    // The same each time.
    const part = (before ??= (await saved(place, 'shop')).part);
    await place.as('shop', ...words);
    const changed = await saved(place, 'shop');
    expect((await drilled(changed, 'shop', part)).join('; ')).toContain(said);
  });

  it('is made with the rights of the app alone, but for the names of its keys', async () => {
    const parts = await partsOf(place);
    await place.admin('ACL', 'SETUSER', 'shop', '-@read');
    await expect(parts.backup.save(parts.input, 'shop', parts.context)).rejects.toMatchObject({ diagnostics: [{ code: 'CT4320' }] });
    await place.admin('ACL', 'SETUSER', 'shop', '+@read');
  });
});
