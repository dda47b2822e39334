import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { ask } from '../../../../src/engines/redis/local/client.ts';
import type { RedisServer } from '../runtime.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const shop = '  shop: { uses: { main: {} } }\n';
const blog = '  blog: { uses: { main: {} } }\n';
const manifest = (apps: string, instance = ''): string => manifestOf(`apps:\n${apps}`, instance);

/** The server writes a new file beside the old one: where the folder cannot be written, a save fails, as on a full disk. */
const locked = async (server: RedisServer): Promise<void> => await chmod(server.dataDir, 0o555);
const unlocked = async (server: RedisServer): Promise<void> => await chmod(server.dataDir, 0o755);

for (const saving of ['aclfile', 'config'] as const) {
  describeEachRedis(`users that are kept in the ${saving}`, { saving }, (server) => {
    let place: Workplace;
    beforeEach(async () => {
      // A server without a file of its own for users refuses the save at the end.
      await wipe(server()).catch(async () => await ask(server(), 'CONFIG', 'REWRITE'));
      place = await workplace(server(), manifest(shop + blog));
      expect((await place.apply()).ending).toBe('done');
    });
    afterEach(async () => {
      await unlocked(server());
      await place[Symbol.asyncDispose]();
    });

    /** Whatever is asked for: while no save comes to an end no apply says that it is done, and the one after that makes it so. */
    const changes: readonly (readonly [string, () => Promise<void>, () => Promise<void>])[] = [
      [
        'a breach that is closed, and a new app',
        async () => {
          await place.admin('ACL', 'SETUSER', 'shop', '~blog:*');
          await place.admin(...(saving === 'aclfile' ? ['ACL', 'SAVE'] : ['CONFIG', 'REWRITE']));
          await place.write(manifest(`${shop}${blog}  fresh: { uses: { main: {} } }\n`));
        },
        async () => {
          await expect(place.as('shop', 'GET', 'blog:x')).rejects.toThrow(/^NOPERM/);
          expect(await place.as('fresh', 'PING')).toBe('PONG');
        },
      ],
      [
        'an app that leaves',
        async () => await place.write(manifest(blog)),
        async () => expect(String(await place.admin('ACL', 'LIST'))).not.toMatch(/user shop /),
      ],
      [
        'the user `default` that is closed',
        async () => {
          await place.admin('ACL', 'SETUSER', 'default', 'on', 'nopass', '~*', '+@all');
          await place.admin(...(saving === 'aclfile' ? ['ACL', 'SAVE'] : ['CONFIG', 'REWRITE']));
        },
        async () => expect(String(await place.admin('ACL', 'LIST'))).toMatch(/user default off/),
      ],
    ];
    for (const [what, change, holds] of changes) {
      it(`${what}: a save that failed is not forgotten`, async () => {
        await change();
        await locked(server());
        for (let run = 1; run <= 4; run++) {
          const { ending } = await place.apply();
          expect({ run, ending }).toEqual({ run, ending: expect.stringMatching(/^(?:failed|partly)$/) as unknown });
          expect((await place.plan()).plan.steps).not.toEqual([]);
        }
        await unlocked(server());
        expect((await place.apply()).ending).toBe('done');
        expect((await place.plan()).plan.steps).toEqual([]);
        await server().restart();
        expect((await place.plan()).plan.steps).toEqual([]);
        await holds();
      });
    }
  });
}

describeEachRedis('a file of users that somebody has changed', {}, (server) => {
  let place: Workplace;
  const file = (): string => join(server().dataDir, 'users.acl');
  beforeEach(async () => {
    await wipe(server());
    place = await workplace(server(), manifest(shop + blog));
    expect((await place.apply()).ending).toBe('done');
  });
  afterEach(async () => await place[Symbol.asyncDispose]());

  it('is written again where it gives an app more than it has', async () => {
    await place.admin('ACL', 'SETUSER', 'shop', '~blog:*');
    await place.admin('ACL', 'SAVE');
    const mark = /\(~cotenant\S*[^)]*\)/.exec(
      String(await place.admin('ACL', 'LIST'))
        .split(',')
        .find((one) => one.startsWith('user shop ')) ?? '',
    );
    await place.admin('ACL', 'SETUSER', 'shop', 'resetkeys', '~shop:*', 'clearselectors', mark?.[0] ?? '');
    expect(await latent(place)).toEqual([['shop', null, expect.stringContaining('blog:*')]]);
    const { plan } = await place.plan();
    expect(plan.steps.map(({ title, cause }) => `${cause} ${title}`)).toEqual(['drift save the users to disk']);
    expect((await place.apply()).ending).toBe('done');
    await server().restart();
    await expect(place.as('shop', 'GET', 'blog:x')).rejects.toThrow(/^NOPERM/);
    expect(await latent(place)).toEqual([]);
  });

  it('is a finding where it gives a stranger what it does not have, and none where that is nobody’s', async () => {
    await place.admin('ACL', 'SETUSER', 'web', 'on', '>word', '~web:*', '+get');
    await place.admin('ACL', 'SAVE');
    const text = await readFile(file(), 'utf8');
    await writeFile(file(), text.replace(/^(user web .*)~web:\*/m, '$1~web:* ~theirs:* ~shop:*'));
    expect(await latent(place)).toEqual([['web', 'shop', expect.stringContaining('begin with shop:')]]);
    await writeFile(file(), text.replace(/^(user web .*)~web:\*/m, '$1~web:* ~theirs:*'));
    expect(await latent(place)).toEqual([]);
    await writeFile(file(), text.replace(/^user web .*$/m, '$& +config|set'));
    expect(await latent(place)).toEqual([['web', null, expect.stringContaining('config|set')]]);
    await writeFile(file(), text);
  });

  it('is told where it has a user of somebody else, who loses the line only by name', async () => {
    await writeFile(file(), `${await readFile(file(), 'utf8')}user backdoor on nopass ~* &* +@all\n`);
    const found = await latent(place);
    expect(found).toContainEqual(['backdoor', 'shop', expect.stringContaining('reach keys')]);
    expect(found).toContainEqual(['backdoor', null, expect.stringContaining('without a password')]);
    const { plan } = await place.plan();
    expect(plan.steps).toEqual([]);
    expect(plan.diagnostics.map(({ code, severity, message }) => `${severity} ${code} ${message}`)).toEqual([
      expect.stringMatching(/^warning CT2050 .*"backdoor" is in it and not on the server/),
    ]);
    await losesByName('');
  });

  it('so does one of an operator', async () => {
    await writeFile(file(), `${await readFile(file(), 'utf8')}user backdoor on #${'0'.repeat(64)} +ping\n`);
    await losesByName('operators: { backdoor: { may: [connect] } }\n');
  });

  const losesByName = async (people: string): Promise<void> => {
    await place.write(manifest(blog) + people);
    const refused = await place.apply();
    expect(refused.ending).toBe('refused');
    expect(refused.diagnostics.map(({ code }) => code)).toEqual([people === '' ? 'CT2050' : 'CT2060', 'CT4009']);
    expect(await readFile(file(), 'utf8')).toContain('backdoor');
    expect((await place.apply({ confirm: ['backdoor'] })).ending).toBe('done');
    expect(await readFile(file(), 'utf8')).not.toContain('backdoor');
  };
});

describeEachRedis('an apply after one’s own edit', {}, (server) => {
  beforeEach(async () => await wipe(server()));

  const team = '  team: { uses: { main: {} } }\n';
  const edits: readonly (readonly [string, string])[] = [
    ['the first app leaves', blog + team],
    ['the last app leaves', shop + blog],
    ['two apps leave', blog],
    ['a relaxation is added', `  shop: { uses: { main: { relax: { scan: true } } } }\n${blog}${team}`],
    ['a new app comes first', `  aaa: { uses: { main: {} } }\n${shop}${blog}${team}`],
    ['all apps leave', ''],
  ];
  for (const [what, apps] of edits) {
    it(`is nobody's drift, and the next one is silent: ${what}`, async () => {
      await using place = await workplace(server(), manifest(shop + blog + team));
      expect((await place.apply()).ending).toBe('done');
      await place.write(apps === '' ? manifestOf('') : manifest(apps));
      const { plan } = await place.plan();
      expect(plan.steps.filter(({ cause }) => cause === 'drift')).toEqual([]);
      expect((await place.apply()).ending).toBe('done');
      expect((await place.plan()).plan.steps).toEqual([]);
      if (!plan.steps.some(({ app, title }) => app === 'shop' && title.startsWith('close app'))) return;
      expect((await place.restore('shop')).ending).toBe('done');
      await place.write(manifest(shop + blog + team));
      if (what !== 'the first app leaves') return;
      const after = (await place.plan()).plan;
      expect(after.steps.filter(({ cause }) => cause === 'drift')).toEqual([]);
      expect((await place.apply()).ending).toBe('done');
      expect((await place.plan()).plan.steps).toEqual([]);
      expect((await place.verify()).findings).toEqual([]);
    });
  }
});

/** What a restart would bring, as `verify` says it. */
async function latent(place: Workplace): Promise<readonly unknown[]> {
  const { findings } = await place.verify();
  return findings.flatMap(({ probe, verdict, from, to, answer }) =>
    probe === 'RD-P2' && verdict === 'LATENT' ? [[from, to, answer]] : [],
  );
}
