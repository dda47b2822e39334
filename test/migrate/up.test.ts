import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifestOf, urlOf, wipe, workplace, type Workplace } from '../engines/postgres/lifecycle/harness.ts';
import type { PostgresServer } from '../engines/postgres/runtime.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { query } from '../support/query.ts';
import { alembicProject } from './alembic.ts';
import { toolAt } from './tools.ts';
import { files, rows, up } from './ways.ts';

const alembic = toolAt('alembic');

const APPS = `apps:
  shop: { uses: { main: {} }, migrations: { tool: alembic, directory: shop } }
  blog: { after: [shop], uses: { main: { isolation: schema, database: shared } }, migrations: { tool: alembic, directory: blog } }
  wiki: { after: [blog], uses: { main: { isolation: schema, database: shared } }, migrations: { tool: sql, directory: wiki } }
`;

async function world(server: PostgresServer, apps = APPS): Promise<Workplace> {
  await wipe(server.url);
  const place = await workplace(server, manifestOf(apps), { PATH: `${dirname(alembic ?? '/bin')}:/usr/bin:/bin`, HOME: '/tmp' });
  await alembicProject(join(place.folder, 'shop'), [
    { id: 'a1', up: 'CREATE TABLE people (id int PRIMARY KEY)', down: 'DROP TABLE people' },
    { id: 'b2', up: 'ALTER TABLE people ADD name text', down: 'ALTER TABLE people DROP name' },
  ]);
  await alembicProject(join(place.folder, 'blog'), [{ id: 'a1', up: 'CREATE TABLE posts (id int)', down: 'DROP TABLE posts' }]);
  await files(place, 'wiki', {
    '1_first.sql': 'CREATE TABLE pages (id int); -- a note',
    '1_first.down.sql': 'DROP TABLE pages',
    '2_index.sql': '-- cotenant: no transaction\nCREATE INDEX CONCURRENTLY pages_id ON pages (id)',
  });
  const { ending } = await place.apply();
  if (ending !== 'done') throw new Error('not applied');
  return place;
}

describeEachPostgres('migrate up', { versions: 'ends' }, (server) => {
  describe.skipIf(alembic === null)('with Alembic and plain files', () => {
    test('runs all in their order, with the app’s login, once', async () => {
      await using place = await world(server());
      const came = await up(place);
      expect(came.diagnostics).toEqual([]);
      expect(came).toMatchObject({ ending: 'done', steps: ['shop done', 'blog done', 'wiki done'] });
      expect(await rows(place)).toMatchObject({
        shop: { state: 'current', current: ['b2'], last: { ending: 'done', by: expect.stringMatching(/^\S+@\S+$/) as unknown } },
        blog: { state: 'current', current: ['a1'] },
        wiki: { state: 'current', current: ['2_index'] },
      });
      const owners = await query(
        await urlOf(place, 'wiki'),
        `SELECT tableowner, schemaname FROM pg_tables WHERE tablename IN ('pages', 'posts', 'alembic_version', 'cotenant_migrations') ORDER BY 1, 2`,
      );
      expect(owners).toEqual(['blog', 'blog', 'wiki', 'wiki'].map((app) => ({ tableowner: `${app}_owner`, schemaname: app })));
      expect((await up(place)).ending).toBe('nothing-to-do');
      expect((await place.plan()).plan.steps).toEqual([]);
    });

    test('a failed app stops those after it alone; a second run goes on where it stopped', async () => {
      await using place = await world(server(), `${APPS}  free: { uses: { main: {} }, migrations: { tool: sql, directory: free } }\n`);
      await files(place, 'free', { '1_a.sql': 'SELECT 1' });
      await alembicProject(join(place.folder, 'blog'), [{ id: 'a1', up: 'CREATE TABLE posts (id int); SELECT 1/0' }]);
      const came = await up(place);
      expect(came).toMatchObject({ ending: 'partly' });
      expect([...came.steps].sort()).toEqual(['blog failed', 'free done', 'shop done', 'wiki not-executed']);
      expect(came.diagnostics.join()).toMatch(
        /CT4102 blog: alembic ended with code 1; it said last: .*division by zero.*It stands at its beginning, and a1 is next/,
      );
      await alembicProject(join(place.folder, 'blog'), [{ id: 'a1', up: 'CREATE TABLE posts (id int)' }]);
      expect(await up(place)).toMatchObject({ ending: 'done', steps: ['blog done', 'wiki done'] });
    });

    test('--keep-going also runs what comes after a failed app', async () => {
      await using place = await world(server());
      await alembicProject(join(place.folder, 'blog'), [{ id: 'a1', up: 'SELECT 1/0' }]);
      const came = await up(place, { keepGoing: true });
      expect(came).toMatchObject({ ending: 'partly', steps: ['shop done', 'blog failed', 'wiki done'] });
      expect(await rows(place)).toMatchObject({ blog: { state: 'behind', last: { ending: 'failed' } }, wiki: { state: 'current' } });
      await alembicProject(join(place.folder, 'blog'), [{ id: 'a1', up: 'CREATE TABLE posts (id int)' }]);
      expect(await up(place)).toMatchObject({ ending: 'done', steps: ['blog done'] });
    });

    test('--concurrency: so many databases at the same time, and no more', async () => {
      const names = ['aa', 'bb', 'cc'];
      const apps = names
        .map((app) => `  ${app}: { uses: { main: { connections: 3 } }, migrations: { tool: sql, directory: ${app} } }\n`)
        .join('');
      await using place = await world(server(), `${APPS}${apps}`);
      // Each waits until so many are at work, itself among them, and stays long enough to be seen. It fails where there are more, or fewer.
      const together = (count: number): string => `DO $$ DECLARE n int; BEGIN
        FOR i IN 1..600 LOOP
          PERFORM pg_stat_clear_snapshot();
          SELECT count(*) INTO n FROM pg_stat_activity WHERE application_name = 'cotenant migrate';
          IF n > ${count} THEN RAISE EXCEPTION '% at work', n; END IF;
          IF n = ${count} THEN PERFORM pg_sleep(3); RETURN; END IF;
          PERFORM pg_sleep(0.1);
        END LOOP;
        RAISE EXCEPTION 'only % at work', n;
      END $$`;
      for (const app of names) await files(place, app, { '1_alone.sql': together(1) });
      expect(await up(place, { apps: names, concurrency: 1 })).toMatchObject({ ending: 'done', diagnostics: [] });
      for (const app of names) await files(place, app, { '2_all.sql': together(3) });
      expect(await up(place, { apps: names, concurrency: 3 })).toMatchObject({ ending: 'done', diagnostics: [] });
      const { code, stderr } = await place.cli('migrate', 'up', '--concurrency', '0');
      expect([code, stderr]).toEqual([64, expect.stringContaining('at least 1')]);
    });

    test('a canary goes first; to a revision; a dry run; nothing that is not there', async () => {
      await using place = await world(server());
      await writeFile(join(place.folder, 'cotenant.yaml'), manifestOf(APPS.replaceAll(/after: \[\w+\], /g, '')));
      await files(place, 'wiki', { '1_first.sql': 'SELECT nonsense' });
      expect(await up(place, { canary: 'wiki' })).toMatchObject({
        ending: 'failed',
        steps: ['wiki failed', 'shop not-executed', 'blog not-executed'],
      });
      expect((await up(place, { apps: ['shop'], to: 'a1' }, { dryRun: true })).steps).toEqual(['shop would-run']);
      expect(await up(place, { apps: ['shop'], to: 'a1' })).toMatchObject({ ending: 'done' });
      expect((await rows(place))['shop']).toMatchObject({ current: ['a1'], pending: ['b2'] });
      await expect(up(place, { apps: ['shop'], to: 'zz' })).rejects.toMatchObject({ diagnostics: [{ code: 'CT4112' }] });
      await expect(up(place, { to: 'b2' })).rejects.toMatchObject({ diagnostics: [{ code: 'CT4112' }] });
    });

    test('drift holds an app and those after it, and says so', async () => {
      await using place = await world(server());
      await alembicProject(join(place.folder, 'blog'), [{ id: 'z9', up: '', after: null }]);
      const came = await up(place);
      expect(came).toMatchObject({ ending: 'waiting', steps: ['shop done'] });
      expect(came.diagnostics).toEqual([
        expect.stringMatching(/^CT4106 blog: .*2 heads/),
        expect.stringMatching(/^CT4107 wiki: it comes after blog/),
      ]);
    });
  });
});
