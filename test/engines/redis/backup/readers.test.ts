import { expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { manifestOf, wipe, workplace } from '../lifecycle/harness.ts';
import { drilled, saved, send } from './harness.ts';

/** Each level, what a key of the app is called there, the rules of a stranger, and what a refused drill says of it; null: it is told. */
const CASES: readonly (readonly [level: 'database' | 'instance' | 'prefix', rules: string, said: string | null])[] = [
  ['database', '~cotenant* +@read +select', 'cotenant*'],
  ['database', '~*:* +@read +select', '*:*'],
  ['database', '%R~cotenant* %W~* +@all', '%R~cotenant*'],
  ['database', '~* +@read +select', null],
  ['database', '~other:* +@read +select (~* +@read)', null],
  ['instance', '~cotenant* +@read +select', 'cotenant*'],
  ['instance', '~?otenant* +@read +select', '?otenant*'],
  ['instance', '~* +@read +select', null],
  ['prefix', '~shop:public:* ~cotenant* +@read +select', 'cotenant*'],
  ['prefix', '~shop ~*t:* +@read +select', '*t:*'],
  ['prefix', '~shop:* +type +select (~cotenant* +@read)', 'cotenant*'],
  ['prefix', '~other:* +@read +select (~co* +get)', 'co*'],
  ['prefix', '~shop:* ~cotenant* +@read +select', null],
  ['prefix', '~s* +@read +select (~co* +get)', null],
  ['prefix', '~cotenant* +@read', 'none'],
];

describeEachRedis('a drill among strangers', {}, (server, version) => {
  const open = version === 'valkey91' ? '' : ', unenforced: true';
  const manifests = {
    database: `apps:\n  shop: { uses: { main: { isolation: database${open} } } }\n`,
    instance: 'apps:\n  shop: { uses: { main: { isolation: instance } } }\n',
    prefix: 'apps:\n  shop: { uses: { main: {} } }\n',
  };

  it.each(Object.keys(manifests) as (keyof typeof manifests)[])(
    'is for those alone who may look at all of the app: %s',
    { timeout: 120_000 },
    async (level) => {
      await using place = await workplace(server(), manifestOf(manifests[level]));
      try {
        expect(await place.apply()).toMatchObject({ ending: 'done' });
        const { REDIS_DB: database = '0' } = await place.reveal('shop');
        await send({ ...server(), database: Number(database) }, ['SET', level === 'prefix' ? 'shop:a' : 'a', '1']);
        const kept = await saved(place, 'shop');
        for (const [, rules, said] of CASES.filter(([of]) => of === level)) {
          const words = rules.match(/\([^)]*\)|\S+/g) ?? [];
          await place.admin('ACL', 'SETUSER', 'eve', 'reset', 'on', '>x', ...words);
          const before = kept.said.length;
          const found = await drilled(kept, 'shop').catch((error: unknown) => error);
          if (said === null || said === 'none') {
            expect([rules, found]).toEqual([rules, []]);
            expect([rules, kept.said.slice(before).join().includes('"eve"')]).toEqual([rules, said === null]);
          } else
            expect([rules, found]).toMatchObject([
              rules,
              { diagnostics: [{ code: 'CT4327', message: expect.stringContaining(`"eve" (${said})`) as unknown }] },
            ]);
          expect(String(await place.admin('ACL', 'USERS'))).not.toContain('drill');
        }
      } finally {
        await place.admin('ACL', 'DELUSER', 'eve');
        await wipe(server());
      }
    },
  );
});
