import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { manifestOf, urlOf, wipe, workplace } from '../lifecycle/harness.ts';

const rest = 'apps:\n  shop: { uses: { main: { connections: 3 } } }\n';
const blog = '  blog: { uses: { main: { connections: 3 } } }\n';

describeEachPostgres('one word and two consents', { versions: 'newest' }, (server) => {
  it('who agrees that an app is deleted has not agreed that a login of that name loses something', { timeout: 90_000 }, async () => {
    await wipe(server().url);
    await using place = await workplace(server(), manifestOf(`${rest}${blog}removal: delete\n`));
    expect((await place.apply()).ending).toBe('done');
    await query(await urlOf(place, 'blog'), 'CREATE TABLE precious (id int)');
    await place.write(manifestOf(`${rest}removal: delete\n`));
    expect((await place.apply()).ending).toBe('done');
    await query(server().url, `CREATE ROLE blog LOGIN PASSWORD 'pw'`);
    await query(server().url, 'GRANT CONNECT ON DATABASE shop TO blog');
    const databases = async (): Promise<number> => (await query(server().url, `SELECT 1 FROM pg_database WHERE datname ~ '^blog'`)).length;
    for (const words of [['--confirm=blog'], ['--confirm=login:blog']]) {
      const { code, stderr } = await place.cli('apply', '--yes', ...words);
      expect([code, stderr]).toEqual([
        7,
        expect.stringContaining(words[0] === '--confirm=blog' ? '--confirm=login:blog' : '--confirm=blog'),
      ]);
      expect(await databases()).toBe(1);
    }
    const done = await place.cli('apply', '--yes', '--confirm=blog', '--confirm=login:blog');
    expect([done.code, await databases()]).toEqual([0, 0]);
  });
});
