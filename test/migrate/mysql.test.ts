import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ready } from '../../src/app/migrate/ready.ts';
import { manifestOf, workplace, type Workplace } from '../engines/mysql/lifecycle/harness.ts';
import { describeEachMysql } from '../support/engines-mysql.ts';
import { alembicProject } from './alembic.ts';
import { toolAt } from './tools.ts';
import { down, files, rows, up } from './ways.ts';

const alembic = toolAt('alembic');

const APPS = `apps:
  shop: { uses: { main: { connections: 5 } }, migrations: { tool: alembic, directory: shop }, requires: { tables: [people], columns: { people: [name] } } }
  wiki: { after: [shop], uses: { main: { connections: 5 } }, migrations: { tool: sql, directory: wiki } }
`;

describeEachMysql('migrations', { versions: 'both' }, (server) => {
  describe.skipIf(alembic === null)('with Alembic and plain files', () => {
    let place: Workplace;

    beforeAll(async () => {
      place = await workplace(server(), manifestOf(APPS), { PATH: `${dirname(alembic ?? '/bin')}:/usr/bin:/bin`, HOME: '/tmp' });
      await alembicProject(join(place.folder, 'shop'), [
        { id: 'a1', up: 'CREATE TABLE people (id int PRIMARY KEY)', down: 'DROP TABLE people' },
        { id: 'b2', up: 'ALTER TABLE people ADD name text', down: 'ALTER TABLE people DROP COLUMN name' },
      ]);
      await files(place, 'wiki', {
        '1_first.sql': `CREATE TABLE pages (id int, t text); -- a note; with a semicolon\nINSERT INTO pages VALUES (1, 'a;b')`,
        '1_first.down.sql': 'DROP TABLE pages',
        '2_second.sql': 'CREATE INDEX pages_id ON pages (id)',
      });
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      return async () => await place[Symbol.asyncDispose]();
    });

    test('come up in their order, once, and back; what is missing is told', { timeout: 120_000 }, async () => {
      expect(await rows(place)).toMatchObject({
        shop: { state: 'behind', pending: ['a1', 'b2'], place: 'shop' },
        wiki: { state: 'behind', pending: ['1_first', '2_second'] },
      });
      expect((await ready(await place.open(), { app: 'shop' })).missing.map(({ what }) => what)).toEqual([
        '2 pending: a1, b2',
        'table "people" is missing',
        'column "name" of "people" is missing',
      ]);
      const came = await up(place);
      expect(came).toMatchObject({ ending: 'done', steps: ['shop done', 'wiki done'], diagnostics: [] });
      expect(await rows(place)).toMatchObject({
        shop: { state: 'current', current: ['b2'] },
        wiki: { state: 'current', current: ['2_second'] },
      });
      expect(await place.as('wiki', 'SELECT t FROM pages')).toEqual([{ t: 'a;b' }]);
      expect((await up(place)).ending).toBe('nothing-to-do');
      expect((await ready(await place.open(), { app: 'shop' })).ready).toBe(true);
      expect(await down(place, 'shop', { steps: 1 }, { confirm: ['shop'] })).toMatchObject({
        ending: 'done',
        loses: 'column name of people',
      });
      expect((await rows(place))['shop']).toMatchObject({ current: ['a1'], pending: ['b2'] });
    });

    test('what is half done is told: no transaction takes a table back here', { timeout: 120_000 }, async () => {
      await alembicProject(join(place.folder, 'shop'), [
        { id: 'a1', up: 'CREATE TABLE people (id int PRIMARY KEY)' },
        { id: 'b2', up: 'py:op.execute("CREATE TABLE half (id int)"); op.execute("SELECT nonsense")' },
      ]);
      const { diagnostics } = await up(place, { apps: ['shop'] });
      expect(diagnostics.join()).toMatch(
        /CT4102 shop: .*Left behind: the ledger has not moved, and .*shop\.half is new.* It stands at a1, and b2 is next/s,
      );
    });

    test('nothing of an app runs with the operator’s rights: a view in the place of a ledger', async () => {
      await place.as('wiki', 'RENAME TABLE cotenant_migrations TO kept');
      await place.as('wiki', 'CREATE VIEW cotenant_migrations AS SELECT * FROM kept');
      expect((await rows(place))['wiki']?.drift).toEqual([expect.stringContaining('it is no table')]);
      await place.as('wiki', 'DROP VIEW cotenant_migrations');
      await place.as('wiki', 'RENAME TABLE kept TO cotenant_migrations');
    });

    test('a table of another app, through a wall that somebody has opened; and code that lies in it', { timeout: 240_000 }, async () => {
      await place.root(`GRANT ALL ON wiki.* TO 'shop_user'@'%'`);
      const tried = async (sql: string): Promise<string> => {
        await alembicProject(join(place.folder, 'shop'), [
          { id: 'a1', up: 'CREATE TABLE people (id int PRIMARY KEY)' },
          { id: 'b2', up: sql },
        ]);
        const { diagnostics } = await up(place, { apps: ['shop'] });
        await place.root(`UPDATE shop.alembic_version SET version_num = 'a1'`);
        return diagnostics.join();
      };
      expect(await tried('ALTER TABLE wiki.pages ADD planted int')).toMatch(
        /CT4103 shop: .*wiki\.pages of wiki, which is not the app's, has changed/,
      );
      const planted: readonly (readonly [string, RegExp])[] = [
        ['CREATE PROCEDURE wiki.planted() SELECT 1', /routine wiki\.planted of wiki.* is new/],
        ['ALTER PROCEDURE wiki.planted SQL SECURITY INVOKER', /routine wiki\.planted of wiki.* has changed/],
        ['CREATE VIEW wiki.seen AS SELECT id FROM wiki.pages', /view wiki\.seen of wiki.* is new/],
        ['CREATE EVENT wiki.daily ON SCHEDULE EVERY 1 DAY DO SELECT 1', /event wiki\.daily of wiki.* is new/],
        ['ALTER TABLE wiki.pages ADD CONSTRAINT few CHECK (id < 1000000)', /constraints of wiki\.pages of wiki.* is new/],
        ['DROP PROCEDURE wiki.planted', /routine wiki\.planted of wiki.* is gone/],
      ];
      for (const [sql, what] of planted) expect([sql, await tried(sql)]).toEqual([sql, expect.stringMatching(what)]);
      await place.root('DROP VIEW wiki.seen');
      await place.root('DROP EVENT wiki.daily');
      await place.root(`REVOKE ALL ON wiki.* FROM 'shop_user'@'%'`);
      await place.root(`GRANT ALL ON shop.* TO 'shop_user'@'%' WITH GRANT OPTION`);
      expect(await tried(`GRANT SELECT (id) ON people TO 'wiki_user'@'%'`)).toMatch(
        /CT4103 shop: .*rights on a column of shop\.'wiki_user'@'%' on people\.id of shop.* is new/,
      );
      await place.as('shop', 'CREATE PROCEDURE known() SELECT 1');
      expect(await tried(`GRANT EXECUTE ON PROCEDURE known TO 'wiki_user'@'%'`)).toMatch(
        /CT4103 shop: .*rights on a routine of shop\.'wiki_user'@'%' on procedure known of shop.* is new/,
      );
      await place.root(`REVOKE GRANT OPTION ON shop.* FROM 'shop_user'@'%'`);
      // What somebody gives elsewhere meanwhile is none of its doing.
      const run = tried('DO SLEEP(4)');
      await expect
        .poll(async () => await place.root(`SELECT 1 FROM information_schema.processlist WHERE info LIKE 'DO SLEEP%'`), { timeout: 60_000 })
        .toHaveLength(1);
      await place.root(`GRANT INSERT (id) ON wiki.pages TO 'wiki_user'@'%'`);
      expect(await run).toBe('');
      await place.root(`REVOKE INSERT (id) ON wiki.pages FROM 'wiki_user'@'%'`);
      // Of its own it may make all of these.
      expect(await tried('CREATE PROCEDURE mine() SELECT 1')).toBe('');
      expect(await tried('CREATE VIEW own AS SELECT id FROM people')).toBe('');
    });
  });
});
