import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Mark, markRule } from '../../../../src/engines/redis/marks/mark.ts';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { ask } from '../../../../src/engines/redis/local/client.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const shop = '  shop: { uses: { main: {} } }\n';
const blog = '  blog: { uses: { main: {} } }\n';
const manifest = (apps: string, more = ''): string => manifestOf(`apps:\n${apps}${more}`);
const known = 'known: [{ user: victim, on: main, why: somebody }]\n';

describeEachRedis('a mark that came along with a line of the access list', {}, (server) => {
  let place: Workplace;
  beforeEach(async () => {
    await wipe(server());
    place = await workplace(server(), manifest(shop + blog));
    expect((await place.apply()).ending).toBe('done');
  });
  afterEach(async () => await place[Symbol.asyncDispose]());

  const stone = { retired: '2026-11-01', access: 'prefix', prefix: 'shop:' } as const;
  const cases: readonly (readonly [of: string, name: string, mark: Omit<Mark, 'project'>, more: string])[] = [
    ['of an app that is there', 'victim', { app: 'shop' }, ''],
    ['of an app that is nowhere', 'victim', { app: 'ghost' }, ''],
    ['of an app that is nowhere, on one that is called so and known', 'victim', { app: 'victim' }, known],
    ['of what is put aside', 'victim', { app: 'shop', was: 'shop', ...stone }, ''],
    ['of what is put aside, on a known one', 'victim', { app: 'shop', was: 'shop', ...stone }, known],
    ['of what is put aside, under a retired name', 'victim__gone_20261101', { app: 'shop', was: 'victim', ...stone }, ''],
    ['of what is put aside, under the name of another', 'victim__gone_20261101', { app: 'shop', was: 'shop', ...stone }, ''],
  ];
  for (const [of, name, mark, more] of cases) {
    it(`takes nothing from anybody: ${of}`, async () => {
      await place.admin(
        'ACL',
        'SETUSER',
        name,
        'on',
        '>word',
        '~own:*',
        '~shop:*',
        '+@all',
        '(~more:* +get)',
        markRule({ project: 'life', ...mark }),
      );
      await place.admin('ACL', 'SAVE');
      const line = async () => await place.admin('ACL', 'GETUSER', name);
      const before = await line();
      for (const [text, confirm] of [
        [manifest(shop + blog, more), []],
        [manifest(blog, more), []],
        [manifest(blog, `removal: delete\n${more}`), []],
      ] as const) {
        await place.write(text);
        const { plan } = await place.plan();
        expect(plan.steps.filter((step) => JSON.stringify(step.commands).includes(name))).toEqual([]);
        expect(plan.diagnostics.flatMap(({ code, message }) => (code === 'CT2071' ? [message] : []))).toEqual([
          expect.stringContaining(`user "${name}" on "main" bears the mark of app "${mark.app}", but nothing else shows`) as unknown,
        ]);
        await place.apply({ confirm: [...confirm] });
      }
      expect((await place.verify()).findings.flatMap(({ fix }) => fix).filter((fix) => JSON.stringify(fix).includes(name))).toEqual([]);
      expect(await line()).toEqual(before);
      expect(await ask({ ...server(), user: name, password: 'word' }, 'SET', 'own:x', '1')).toBe('OK');
      // Its keys may be among those of the app that is put aside.
      await ask({ ...server(), user: name, password: 'word' }, 'SET', 'shop:theirs', '1');
      expect((await place.apply({ confirm: ['shop', name] })).ending).toBe('failed');
      expect(await place.admin('GET', 'shop:theirs')).toBe('1');
      const [hint = ''] = (await place.plan()).plan.diagnostics.flatMap((one) => (one.code === 'CT2071' ? [one.hint ?? ''] : []));
      await place.admin(...(hint.replace(' takes the mark off', '').match(/\([^)]*\)|\S+/g) ?? []));
      expect((await place.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2071')).toEqual([]);
      expect(JSON.stringify(await line())).toContain('more:*');
    });
  }

  it('is told from that of an adopted user with a name of its own, whose password nobody handed in', async () => {
    await place.admin('ACL', 'SETUSER', 'hand', 'on', '>theirs', '~old:*', '+get');
    const old = '  old: { uses: { main: { adopt: true, user: hand } } }\n';
    await place.write(manifest(shop + blog + old));
    expect((await place.apply()).ending).toBe('done');
    await place.write(manifest(shop + blog));
    expect((await place.apply()).ending).toBe('done');
    expect(String(await place.admin('ACL', 'USERS'))).toMatch(/hand__gone_/);
    expect((await place.plan()).plan.steps).toEqual([]);
    await place.write(manifest(shop + blog + old));
    expect((await place.restore('old')).ending).toBe('done');
    expect((await place.apply()).ending).toBe('done');
    expect(await ask({ ...server(), user: 'hand', password: 'theirs' }, 'GET', 'old:x')).toBeNull();
  });

  it('is not needed by a stranger who later makes a user of the name that an adopted one had', async () => {
    await place.admin('ACL', 'SETUSER', 'hand', 'on', '>theirs', '~hand:*', '+get', '+set');
    await place.write(manifest(`${shop}${blog}  hand: { uses: { main: { adopt: true } } }\n`));
    expect((await place.apply()).ending).toBe('done');
    await place.write(manifest(shop + blog));
    expect((await place.apply()).ending).toBe('done');
    await place.admin('ACL', 'SETUSER', 'hand', 'on', '>stranger', '~mine:*', '+get', '+set');
    await place.admin('ACL', 'SAVE');
    const asStranger = async (...words: readonly string[]) => await ask({ ...server(), user: 'hand', password: 'stranger' }, ...words);
    await asStranger('SET', 'mine:x', '1');
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await place.restore('hand')).toMatchObject({ ending: 'failed' });
    await place.write(manifest(shop + blog, 'removal: delete\n'));
    expect((await place.apply({ confirm: ['hand'] })).ending).toBe('done');
    expect((await place.apply({ confirm: ['hand'] })).ending).toBe('nothing-to-do');
    expect(await asStranger('GET', 'mine:x')).toBe('1');
  });

  it('is told from that of an app that has left, whose passwords it has', async () => {
    await place.write(manifest(blog));
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2071')).toEqual([]);
    await place.write(manifest(shop + blog));
    expect((await place.restore('shop')).ending).toBe('done');
  });
});
