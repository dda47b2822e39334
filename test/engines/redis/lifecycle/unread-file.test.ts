import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { changedOthers, othersOf } from '../../../../src/engines/redis/observe/others.ts';
import { ask } from '../../../../src/engines/redis/local/client.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const shop = '  shop: { uses: { main: {} } }\n';
const blog = '  blog: { uses: { main: {} } }\n';
const manifest = (apps: string, more = ''): string => manifestOf(`apps:\n${apps}${more}`, '    tls: { mode: disable }\n');

for (const saving of ['aclfile', 'config'] as const) {
  describeEachRedis(`a file of users, the ${saving}`, { saving }, (server) => {
    let place: Workplace;
    const save = async (): Promise<void> => void (await ask(server(), ...(saving === 'aclfile' ? ['ACL', 'SAVE'] : ['CONFIG', 'REWRITE'])));
    const file = (): string => join(server().dataDir, saving === 'aclfile' ? 'users.acl' : 'server.conf');
    /** A host that is this machine, and that does not look like it. */
    const begin = async (host: string): Promise<void> => {
      await wipe(server()).catch(save);
      await ask(server(), 'ACL', 'SETUSER', 'legacy', 'on', '>x', '~old:*', '+get');
      await save();
      place = await workplace({ ...server(), host }, manifest(shop));
    };
    afterEach(async () => await place[Symbol.asyncDispose]());

    const told = async (): Promise<readonly string[]> =>
      (await place.plan()).plan.diagnostics.map(({ code, message }) => `${code} ${message}`);

    describe('that can be read', () => {
      beforeEach(async () => {
        await begin('127.0.0.1');
        expect(await place.apply()).toEqual({ ending: 'done', diagnostics: [] });
        await place.write(manifest(shop + blog));
      });

      it('is told to get whom only the server has', async () => {
        await place.admin('ACL', 'SETUSER', 'late', 'on', '>x', '~late:*', '+get');
        expect(await told()).toEqual([expect.stringMatching(/^CT2050 this plan writes into .* lacks of the user "late": all of it$/)]);
      });

      it('is told to get back whom somebody took out of it', async () => {
        const text = await readFile(file(), 'utf8');
        await writeFile(file(), text.replace(/^user legacy .*$/m, ''));
        expect(await told()).toEqual([expect.stringMatching(/^CT2050 this plan writes into .* lacks of the user "legacy": all of it$/)]);
      });

      it('is told to get what the server alone gives a user', async () => {
        await place.admin('ACL', 'SETUSER', 'legacy', '+set', '~new:*', '>other');
        expect(await told()).toEqual([expect.stringMatching(/"legacy": connect with another password; run SET; keys new:\*$/)]);
        expect((await place.apply()).ending).toBe('done');
        expect(await told()).toEqual([]);
      });

      it('loses a line of somebody only by name, whatever its form', async () => {
        const text = (await readFile(file(), 'utf8')).replace(/^user legacy (.*)$/m, 'user  legacy  $1 +del');
        await writeFile(file(), saving === 'config' ? text : text.replaceAll('  ', ' '));
        const { plan } = await place.plan();
        expect(plan.steps.flatMap(({ losses = [] }) => losses.map(({ who, of, what }) => ({ who, of, what })))).toEqual([
          { who: 'legacy', of: null, what: ['in the file: run DEL'] },
        ]);
        expect((await place.apply()).ending).toBe('refused');
      });

      it('loses it only by name too where nothing but the ledger is written', async () => {
        await writeFile(file(), `${await readFile(file(), 'utf8')}user ghost on nopass ~ghost:* +get\n`);
        await place.write(manifest(shop, 'operators: { other: { may: [connect] } }\n'));
        const { ending, diagnostics } = await place.apply();
        expect({ ending, codes: diagnostics.map(({ code }) => code) }).toEqual({
          ending: 'refused',
          codes: expect.arrayContaining(['CT2050', 'CT4009']) as unknown,
        });
        expect(await readFile(file(), 'utf8')).toContain('user ghost');
        expect((await place.apply({ confirm: ['ghost'] })).ending).toBe('done');
        expect(await readFile(file(), 'utf8')).not.toContain('user ghost');
      });

      it('is not spoken of by a plan that does not write it', async () => {
        await place.write(manifest(shop));
        await place.admin('ACL', 'SETUSER', 'late', 'on', '>x', '~late:*', '+get');
        expect((await place.plan()).plan).toMatchObject({ steps: [], diagnostics: [] });
      });
    });

    describe('that cannot be read from here', () => {
      beforeEach(async () => await begin('0.0.0.0'));

      it('is spoken of at first, and then by the users of others who are not as they were', async () => {
        await place.write(manifest(shop, 'operators: { legacy: { may: [connect] } }\n'));
        expect(await told()).toContainEqual(
          expect.stringMatching(/^CT2050 this plan writes .*cannot be read from here: what somebody has put into it/),
        );
        expect((await place.apply()).ending).toBe('done');
        expect((await place.plan()).plan.steps).toEqual([]);
        await place.write(manifest(shop + blog));
        const { plan } = await place.plan();
        expect(plan.diagnostics).toEqual([]);
        expect(plan.steps.find(({ title }) => title.startsWith('save'))?.facts).toMatchObject({
          lost: expect.stringContaining('only in the file') as unknown,
        });
        await place.admin('ACL', 'SETUSER', 'late', 'on', '>x', '~late:*', '+get');
        await place.admin('ACL', 'SETUSER', 'legacy', '+set');
        expect(await told()).toEqual([
          expect.stringMatching(/^CT2050 this plan writes .* not as they were when it last did: "legacy" \(changed\), "late" \(new\)$/),
        ]);
        expect((await place.apply()).ending).toBe('done');
        expect((await place.plan()).plan).toMatchObject({ steps: [], diagnostics: [] });
        await place.admin('ACL', 'DELUSER', 'legacy');
        await place.write(manifest(blog, 'known: [{ user: late, why: test }]\n'));
        expect(await told()).toEqual([expect.stringMatching(/last did: "legacy" \(gone\)$/)]);
        expect((await place.apply()).ending).toBe('done');
        await server().restart();
        expect((await place.plan()).plan).toMatchObject({ steps: [], diagnostics: [] });
        expect(await ask({ ...server(), user: 'late', password: 'x' }, 'GET', 'late:1')).toBeNull();
      });

      it('is spoken of by a return of an app too', async () => {
        await place.apply();
        await place.write(manifest(blog));
        expect((await place.apply()).ending).toBe('done');
        await place.admin('ACL', 'SETUSER', 'late', 'on', '>x', '~late:*', '+get');
        const { ending, diagnostics } = await place.restore('shop');
        expect({ ending, said: diagnostics.map(({ code }) => code) }).toEqual({ ending: 'done', said: ['CT2050'] });
      });
    });
  });
}

describeEachRedis('a configuration file that includes another one', { saving: 'config' }, (server) => {
  it('with users is never written: the server would not start any more', async () => {
    const folder = server().dataDir;
    const config = join(folder, 'server.conf');
    await writeFile(join(folder, 'more-users.conf'), 'user inc on nopass ~inc:* +get\n');
    await writeFile(config, `${await readFile(config, 'utf8')}include ${join(folder, 'more-*.conf')}\n`);
    await server().restart();
    await using place = await workplace(server(), manifest(shop));
    const { ending, diagnostics } = await place.apply();
    expect({ ending, said: diagnostics.find(({ severity }) => severity === 'error')?.message }).toEqual({
      ending: 'failed',
      said: expect.stringMatching(/includes \("inc"\): CONFIG REWRITE would write them a second time/) as unknown,
    });
    await server().restart();
    expect(await ask({ ...server(), user: 'inc', password: '' }, 'GET', 'inc:1')).toBeNull();
  });
});

it('users are noted whatever they are called, and not too many', () => {
  const lines = ['user admin on', 'user a=b,c on ~x', 'user x)* on', 'user eu on (~cotenant:project=p:app=eu)', 'user cotenant:p off'];
  const before = othersOf(lines, 'admin');
  expect(changedOthers(before, othersOf(lines, 'admin'))).toEqual([]);
  expect(changedOthers(before, othersOf([...lines.slice(2), 'user ü off'], 'admin'))).toEqual(['"a=b,c" (gone)', '"ü" (new)']);
  expect(changedOthers(null, before)).toBeNull();
  expect(
    othersOf(
      Array.from({ length: 301 }, (_, index) => `user u${index} on`),
      'admin',
    ),
  ).toBe('');
});
