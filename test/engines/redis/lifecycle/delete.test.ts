import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { ask } from '../../../../src/engines/redis/local/client.ts';
import { line } from './faults/harness.ts';
import type { Applied } from '../../../support/workplace.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const shop = '  shop: { uses: { main: {} } }\n';
const blog = '  blog: { uses: { main: {} } }\n';
const manifest = (apps: string, more = ''): string => manifestOf(`apps:\n${apps}${more}`);
const deleting = 'removal: delete\n';

describeEachRedis('deleting the keys of an app', {}, (server) => {
  let place: Workplace;
  beforeEach(async () => {
    await wipe(server());
    place = await workplace(server(), manifest(shop + blog));
    expect((await place.apply()).ending).toBe('done');
    await place.as('shop', 'MSET', 'shop:1', 'x', 'shop:2', 'x');
    await place.write(manifest(blog));
    expect((await place.apply()).ending).toBe('done');
    await place.write(manifest(blog, deleting));
  });
  afterEach(async () => await place[Symbol.asyncDispose]());

  const deleteShop = async (): Promise<Applied> => await place.apply({ confirm: ['shop', 'default'] });

  /** The delete is refused, by a message that names both, and nothing is gone. */
  async function refused(...names: readonly string[]): Promise<void> {
    const { ending, diagnostics } = await deleteShop();
    expect(ending).toBe('failed');
    const found = diagnostics.find(({ code }) => code === 'CT2006');
    for (const name of ['"shop"', ...names]) expect(found?.message).toContain(name);
    expect(await place.admin('EXISTS', 'shop:1', 'shop:2')).toBe(2);
  }

  it('says how many there are and about how large', async () => {
    const [data] = (await place.plan()).plan.steps;
    expect(data?.facts).toMatchObject({ app: 'shop', what: 'keys shop:*', keys: 2, bytes: expect.any(Number) as unknown });
    expect((await deleteShop()).ending).toBe('done');
    expect(await place.admin('EXISTS', 'shop:1', 'shop:2')).toBe(0);
  });

  it('reaches into no other database, whoever has keys of such a name there', async () => {
    await ask({ ...server(), database: 1 }, 'SET', 'shop:basket', 'x');
    expect((await deleteShop()).ending).toBe('done');
    expect(await ask({ ...server(), database: 1 }, 'GET', 'shop:basket')).toBe('x');
    expect(await place.admin('EXISTS', 'shop:1')).toBe(0);
  });

  for (const [name, rules] of [
    ['its prefix', '~shop:* +set'],
    ['a prefix inside', '~shop:eu:* +@write'],
    ['one key', '~shop:eu +set'],
    ['a pattern that meets it', '~s[a-h]op?* +set'],
    ['all keys', '~* +@all'],
    ['a pattern to write', '%W~shop* +hset'],
    ['a selector', '(~shop:* +set)'],
    ['a rule for a first argument', '~shop:* +set|x'],
  ] as const) {
    it(`is refused where a stranger has ${name}`, async () => {
      await place.admin('ACL', 'SETUSER', 'legacy', 'on', '>x', ...(rules.match(/\([^)]*\)|\S+/g) ?? []));
      await refused('"legacy"');
    });
  }

  it('is not refused for a stranger that reads, has other keys, or was an administrator', async () => {
    await place.admin('ACL', 'SETUSER', 'reader', 'on', '>x', '%R~*', '+@read');
    await place.admin('ACL', 'SETUSER', 'other', 'on', '>x', '~shop2:*', '~shop', '+@write');
    await place.admin('ACL', 'SETUSER', 'old-admin', 'off', '~*', '+@all');
    expect((await place.apply({ confirm: ['shop', 'default', 'reader'] })).ending).toBe('done');
  });

  it('tells what a known user can read there as known, and wants its name all the same', async () => {
    await place.admin('ACL', 'SETUSER', 'nri', 'on', '>x', '%R~*', '+@read');
    await place.write(manifest(blog, `known: [{ user: nri, on: main, why: monitoring }]\n${deleting}`));
    const losses = (await place.plan()).plan.steps.flatMap((one) => one.losses ?? []).filter(({ who }) => who === 'nri');
    expect(losses.map(({ of, confirm }) => [of, confirm])).toContainEqual(['nri', 'nri']);
    const { ending, diagnostics } = await deleteShop();
    expect(ending).toBe('refused');
    expect(diagnostics.flatMap(({ code, message }) => (code === 'CT4009' ? [message] : []))).toEqual([
      expect.stringContaining('"nri" would lose: ') as unknown,
    ]);
    expect((await place.apply({ confirm: ['shop', 'nri'] })).ending).toBe('done');
  });

  /** Whoever reads there has to agree by name; who cannot is not asked. */
  const readers: readonly (readonly [rules: string, reads: boolean])[] = [
    ['%R~* +@read', true],
    ['%R~shop:* +get', true],
    ['~s[a-h]op:1 +ttl', true],
    ['+ping (%R~shop:eu:* +hget)', true],
    ['~* +ping', false],
    ['(~shop:* +ping) (~blog:* +get)', false],
    ['%R~blog:* +@read', false],
    ['off %R~shop:* +@read', false],
  ];
  for (const [rules, reads] of readers) {
    it(`${reads ? 'tells, and wants the name of,' : 'asks for no name of'} a stranger with ${rules}`, async () => {
      await place.admin('ACL', 'SETUSER', 'nri', 'on', '>x', ...(rules.match(/\([^)]*\)|\S+/g) ?? []));
      const { plan } = await place.plan();
      const losses = plan.steps.flatMap((one) => one.losses ?? []).filter(({ who }) => who === 'nri');
      expect(losses.map(({ of, what }) => ({ of, what }))).toEqual(reads ? [{ of: null, what: ['keys shop:*, which it can read'] }] : []);
      if (reads) {
        const { ending, diagnostics } = await deleteShop();
        // It was made without a save, which is told too.
        expect({ ending, codes: diagnostics.map(({ code }) => code) }).toEqual({ ending: 'refused', codes: ['CT2050', 'CT4009'] });
        expect(await place.admin('EXISTS', 'shop:1', 'shop:2')).toBe(2);
      }
      expect((await place.apply({ confirm: ['shop', 'nri'] })).ending).toBe('done');
      expect(await place.admin('EXISTS', 'shop:1', 'shop:2')).toBe(0);
    });
  }

  it('tells of an operator that reads there, and asks for no name of it', async () => {
    await place.admin('ACL', 'SETUSER', 'backup', 'on', '>x');
    await place.write(manifest(blog, `${deleting}operators: { backup: { may: [read-all] } }\n`));
    expect((await place.apply({ confirm: ['default'] })).ending).toBe('refused');
    await place.write(manifest(blog, 'operators: { backup: { may: [read-all] } }\n'));
    expect((await place.apply()).ending).toBe('done');
    await place.write(manifest(blog, `${deleting}operators: { backup: { may: [read-all] } }\n`));
    const { plan } = await place.plan();
    expect(plan.steps.flatMap((one) => one.losses ?? []).map(({ who, of }) => ({ who, of }))).toEqual([{ who: 'backup', of: 'backup' }]);
    expect((await deleteShop()).ending).toBe('done');
  });

  it('stops where somebody who was not told of can read there by now', async () => {
    const consent = async (): Promise<boolean> => {
      await place.admin('ACL', 'SETUSER', 'late', 'on', '>x', '%R~shop:*', '+get');
      return true;
    };
    const { ending, diagnostics } = await place.apply({ confirm: ['shop'], consent });
    expect({ ending, code: diagnostics.at(-1)?.code }).toEqual({ ending: 'partly', code: 'CT2006' });
    expect(diagnostics.at(-1)?.message).toContain('"late"');
    expect(await place.admin('EXISTS', 'shop:1', 'shop:2')).toBe(2);
  });

  it('is refused where a stranger who is switched off may have left keys', async () => {
    await place.admin('ACL', 'SETUSER', 'legacy', 'off', '~shop:eu:*', '+set');
    await refused('"legacy"');
  });

  it('is refused where whoever connects without a login may have keys', async () => {
    await place.admin('ACL', 'SETUSER', 'default', 'on', 'nopass', '~*', '+@all');
    await refused('"default"');
    await place.write(manifestOf(`apps:\n${blog}${deleting}`, '    defaultUser: keep\n'));
    await refused('"default"');
  });

  for (const retired of [false, true]) {
    it(`is refused where ${retired ? 'a retired' : 'an'} app of another project has its keys inside`, async () => {
      // As it was left there by a version that did not compare prefixes.
      const mark = `(~cotenant:project=other:app=eu:access=prefix:prefix=shop%3Aeu%3A${retired ? ':retired=2026-01-01' : ''})`;
      await place.admin('ACL', 'SETUSER', 'eu', ...(retired ? ['off'] : ['on', '>x', '~shop:eu:*', '+set']), mark);
      await refused('"eu"', '"other"');
    });
  }

  it('is refused where a user of a live app was given more by hand', async () => {
    await place.admin('ACL', 'SETUSER', 'blog', '~shop:*');
    await refused('"blog"');
  });

  it('asks again before it begins, and before each piece', async () => {
    const consent = async (): Promise<boolean> => {
      await place.admin('ACL', 'SETUSER', 'late', 'on', '>x', '~shop:*', '+set');
      return true;
    };
    const { ending, diagnostics } = await place.apply({ confirm: ['shop'], consent });
    expect({ ending, code: diagnostics.at(-1)?.code }).toEqual({ ending: 'partly', code: 'CT2006' });
    expect(diagnostics.at(-1)?.message).toContain('"late"');
    expect(await place.admin('EXISTS', 'shop:1', 'shop:2')).toBe(2);
  });

  it('is given up where the app came back in the meantime', async () => {
    const stone = String(await place.admin('ACL', 'USERS'))
      .split(',')
      .find((name) => name.startsWith('shop__gone'));
    const consent = async (): Promise<boolean> => {
      await place.admin('ACL', 'DELUSER', stone ?? '');
      return true;
    };
    expect((await place.apply({ confirm: ['shop'], consent })).ending).toBe('partly');
    expect(await place.admin('EXISTS', 'shop:1', 'shop:2')).toBe(2);
  });

  it('goes on where it was cut off', async () => {
    for (let at = 0; at < 5; at++)
      await place.admin('MSET', ...Array.from({ length: 1000 }, (_, index) => [`shop:${at}:${index}`, 'x']).flat());
    await using wire = await line(server());
    await using there = await workplace({ ...server(), port: wire.port }, manifest(blog, deleting));
    await cp(join(place.folder, '.cotenant'), join(there.folder, '.cotenant'), { recursive: true });
    wire.cutAt(2, 'after');
    expect((await there.apply({ confirm: ['shop'] })).ending).toBe('failed');
    const left = Number(await place.admin('DBSIZE'));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(5002);
    wire.cutAt(Infinity, 'after');
    const [data] = (await place.plan()).plan.steps;
    expect(data?.facts['keys']).toBe(left);
    expect((await there.apply({ confirm: ['shop'] })).ending).toBe('done');
    expect(await place.admin('DBSIZE')).toBe(0);
    expect(String(await place.admin('ACL', 'USERS'))).not.toContain('shop');
  });

  it('does not replace a user of somebody else who happens to be called as a retired one', async () => {
    const today = new Date().toISOString().slice(0, 10).replaceAll('-', '');
    await place.admin('ACL', 'SETUSER', `blog__gone_${today}`, 'on', '>x', '~x:*', '+get');
    await place.write(manifest('  news: { uses: { main: {} } }\n'));
    expect((await place.apply()).ending).toBe('done');
    expect(await ask({ ...server(), user: `blog__gone_${today}`, password: 'x' }, 'GET', 'x:1')).toBeNull();
    expect((await place.restore('blog')).ending).toBe('done');
  });

  it('finds names that are no text', async () => {
    await place.admin('EVAL', 'return redis.call("SET", "shop:\\255\\254", "x")', '0');
    expect((await deleteShop()).ending).toBe('done');
    expect(await place.admin('DBSIZE')).toBe(0);
  });
});

describeEachRedis('deleting a database', { versions: ['valkey91'] }, (server) => {
  it('is refused where anybody else can get into it', async () => {
    const both = 'apps:\n  a: { uses: { main: { isolation: database } } }\n  b: { uses: { main: {} } }\n';
    const one = 'apps:\n  b: { uses: { main: {} } }\n';
    await using place = await workplace(server(), manifestOf(both));
    expect((await place.apply()).ending).toBe('done');
    await ask({ ...server(), database: 1 }, 'MSET', 'x', '1', 'y', '2');
    await place.write(manifestOf(one));
    expect((await place.apply()).ending).toBe('done');
    await place.write(manifestOf(one + deleting));
    const tried = async (): Promise<unknown> => {
      const { ending, diagnostics } = await place.apply({ confirm: ['a'] });
      return { ending, said: diagnostics.find(({ code }) => code === 'CT2006')?.message ?? '' };
    };
    for (const rules of [
      ['~x:*', '+set', '+select'],
      ['~x:*', '+set', '+copy', 'db=0,1'],
      ['(~x:* +set db=1)', '+select'],
    ]) {
      await place.admin('ACL', 'SETUSER', 'web', 'reset', 'on', '>x', ...rules);
      expect(await tried()).toEqual({ ending: 'failed', said: expect.stringContaining('"web"') as unknown });
    }
    await place.admin('ACL', 'SETUSER', 'web', 'reset', 'on', '>x', '~*', '+@all', 'db=0,2');
    await place.admin('SET', 'x', 'of web');
    const [data] = (await place.plan()).plan.steps;
    expect(data?.facts).toMatchObject({ what: 'database 1', keys: 2 });
    expect(await tried()).toEqual({ ending: 'done', said: '' });
    expect(await ask({ ...server(), database: 1 }, 'DBSIZE')).toBe(0);
    expect(await place.admin('GET', 'x')).toBe('of web');
  });
});

describeEachRedis('deleting the keys of an app beside one with a database of its own', { versions: ['valkey91'] }, (server) => {
  it('leaves the keys of that one', async () => {
    const d1 = '  d1: { uses: { main: { isolation: database } } }\n';
    await using place = await workplace(server(), manifest(shop + d1));
    expect((await place.apply()).ending).toBe('done');
    const { REDIS_USERNAME: user = '', REDIS_PASSWORD: password = '', REDIS_DB } = await place.reveal('d1');
    const own = { ...server(), user, password, database: Number(REDIS_DB) };
    await ask(own, 'SET', 'shop:basket:1', 'x');
    await place.as('shop', 'SET', 'shop:1', 'x');
    await place.write(manifest(d1));
    expect((await place.apply()).ending).toBe('done');
    await place.write(manifest(d1, deleting));
    expect((await place.apply({ confirm: ['shop'] })).ending).toBe('done');
    expect(await ask(own, 'GET', 'shop:basket:1')).toBe('x');
    expect(await place.admin('DBSIZE')).toBe(0);
  });
});
