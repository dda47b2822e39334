import { afterEach, expect, it } from 'vitest';
import { differences } from '../../../../src/backup/compare.ts';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { manifestOf, wipe, type Workplace, workplace } from '../lifecycle/harness.ts';
import { content } from './content.ts';
import { drilled, partsOf, saved, send } from './harness.ts';

describeEachRedis('a backup of a whole database', {}, (server, version) => {
  const fields = version === 'redis8' || version === 'valkey91';
  let place: Workplace;
  afterEach(async () => {
    await place[Symbol.asyncDispose]();
    await wipe(server());
  });

  it('comes back in a drill and in the database of another app', { timeout: 60_000 }, async () => {
    const level = version === 'valkey91' ? 'isolation: database' : 'isolation: database, unenforced: true';
    place = await workplace(
      server(),
      manifestOf(`apps:\n  shop: { uses: { main: { ${level} } } }\n  copy: { uses: { main: { ${level} } } }\n`),
    );
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    const numbers = await Promise.all(['shop', 'copy'].map(async (app) => Number((await place.reveal(app))['REDIS_DB'])));
    const [shop, copy] = numbers.map((database) => ({ ...server(), database }));
    if (!shop || !copy) throw new Error('both have a database');
    await send(shop, ...content('', fields));
    const kept = await saved(place, 'shop');
    expect(await drilled(kept, 'shop')).toEqual([]);
    expect(String(await place.admin('INFO', 'keyspace')).match(/^db\d+/gm)).toEqual([`db${shop.database}`]);
    expect(await kept.backup.present(kept.input, 'copy', kept.context)).toEqual([]);
    expect(differences(kept.part.objects, await kept.backup.load(kept.input, 'copy', kept.part, kept.context))).toEqual([]);
    expect(await send(copy, ['DBSIZE'])).toEqual(await send(shop, ['DBSIZE']));
    expect(await send(copy, ['GET', 's:number'])).toEqual(['9223372036854775807']);
    await expect(kept.backup.load(kept.input, 'copy', kept.part, kept.context)).rejects.toMatchObject({
      diagnostics: [{ code: 'CT4306' }],
    });
  });

  it('comes back where an app has the server to itself, database by database', { timeout: 60_000 }, async () => {
    place = await workplace(server(), manifestOf('apps:\n  solo: { uses: { main: { isolation: instance } } }\n'));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    await send({ ...server() }, ['SET', 'a', '1'], ['HSET', 'h', 'f', 'v']);
    await send({ ...server(), database: 3 }, ['SET', 'a', '3']);
    const kept = await saved(place, 'solo');
    expect(kept.part.objects.map(({ name, rows }) => [name, rows])).toEqual([
      ['hash in database 0', 1],
      ['string in database 0', 1],
      ['string in database 3', 1],
    ]);
    expect(await drilled(kept, 'solo')).toEqual([]);
    expect(String(await place.admin('INFO', 'keyspace')).match(/^db\d+/gm)).toEqual(['db0', 'db3']);
    await send({ ...server(), database: 3 }, ['SET', 'a', '4']);
    const changed = await saved(place, 'solo');
    expect(await drilled(changed, 'solo', kept.part)).toEqual(['keys of type string in database 3 is another one']);
    await place.admin('FLUSHALL');
    expect(differences(changed.part.objects, await kept.backup.load(kept.input, 'solo', changed.part, changed.context))).toEqual([]);
    expect(await send({ ...server(), database: 3 }, ['GET', 'a'])).toEqual(['4']);
  });

  it('does not come back at another level, and says so', async () => {
    place = await workplace(server(), manifestOf('apps:\n  shop: { uses: { main: {} } }\n'));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    const kept = await saved(place, 'shop');
    const part = { ...kept.part, place: { ...(kept.part.place as object), isolation: 'database' } };
    await expect(kept.backup.load(kept.input, 'shop', part, kept.context)).rejects.toMatchObject({ diagnostics: [{ code: 'CT4324' }] });
  });

  it('says in which databases it leaves keys out, of an app that may go there', async () => {
    place = await workplace(server(), manifestOf('apps:\n  shop: { uses: { main: { relax: { select: true } } } }\n'));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    await send(server(), ['SET', 'shop:a', '1']);
    await send({ ...server(), database: 5 }, ['SET', 'shop:b', '1']);
    await send({ ...server(), database: 6 }, ['SET', 'other', '1']);
    const { part } = await saved(place, 'shop');
    const left = part.left.filter((one) => one.includes('in database'));
    expect(left).toEqual([expect.stringContaining('the keys under "shop:" in database 5')]);
  });

  it('is made by whichever login reads, and brought back by one that writes', async () => {
    const logins = (as: string): string => manifestOf(`apps:\n  shop: { uses: { main: { logins: { app: ${as}, other: read } } } }\n`);
    place = await workplace(server(), logins('read'));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    await send(server(), ['SET', 'shop:a', '1']);
    const kept = await saved(place, 'shop');
    expect(await drilled(kept, 'shop')).toEqual([]);
    await place.admin('DEL', 'shop:a');
    await expect(kept.backup.load(kept.input, 'shop', kept.part, kept.context)).rejects.toMatchObject({
      diagnostics: [{ code: 'CT4320' }],
    });
    await place.write(logins('rw'));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    const now = await partsOf(place, kept.context.folder);
    expect(differences(kept.part.objects, await now.backup.load(now.input, 'shop', kept.part, now.context))).toEqual([]);
  });
});

const three = manifestOf('apps:\n  shop: { uses: { main: {} } }\n  copy: { uses: { main: {} } }\n');

describeEachRedis('a value that only the server itself can write', { versions: ['redis8'] }, (server) => {
  it('comes back by RESTORE, which a login has to be given', { timeout: 60_000 }, async () => {
    await using place = await workplace(server(), three);
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    const vectors = Array.from({ length: 300 }, (_, at) => [
      'VADD',
      'shop:v',
      'VALUES',
      '3',
      String(Math.sin(at)),
      String(Math.cos(at)),
      '1',
      `element ${at}`,
    ]);
    await send(server(), ...vectors, ['PEXPIREAT', 'shop:v', '1999999999999'], ['SET', 'shop:a', '1']);
    const kept = await saved(place, 'shop');
    expect(kept.part.objects.map(({ name, rows }) => [name, rows])).toEqual([
      ['other', 1],
      ['string', 1],
    ]);
    expect(await drilled(kept, 'shop')).toEqual([]);
    await send(server(), ['PERSIST', 'shop:v']);
    expect(await drilled(await saved(place, 'shop'), 'shop', kept.part)).toEqual(['keys of type other is another one']);
    await expect(kept.backup.load(kept.input, 'copy', kept.part, kept.context)).rejects.toMatchObject({
      diagnostics: [{ code: 'CT4325' }],
    });
    expect(await place.admin('KEYS', 'copy:*')).toEqual([]);
    await place.write(three.replace('copy: { uses: { main: {} } }', 'copy: { uses: { main: { relax: { restore: true } } } }'));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    const now = await partsOf(place, kept.context.folder);
    expect(differences(kept.part.objects, await now.backup.load(now.input, 'copy', kept.part, now.context))).toEqual([]);
    expect(await place.admin('VCARD', 'copy:v')).toBe(300);
  });
});
