import { readFile } from 'node:fs/promises';
import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, wipe, type Workplace, workplace } from '../lifecycle/harness.ts';

const adopting = manifestOf(`apps:
  shop: { uses: { main: { adopt: true, connections: 5, names: { login: shop } } } }
  blog: { uses: { main: { adopt: true, connections: 5, names: { login: blog } } } }
`);
const ours = manifestOf(`apps:
  news: { uses: { main: { connections: 5 } } }
  wiki: { uses: { main: { connections: 5 } } }
`);

describeEachPostgres(
  'a table that somebody does not let go',
  // The server writes down who waits for more than ten seconds.
  { versions: 'ends', settings: { max_prepared_transactions: '5', log_lock_waits: true, deadlock_timeout: '10s' } },
  (server) => {
    let place: Workplace;
    const inside = (database: string, user?: string) => at(server().url, { database, ...(user ? { user, password: `old-${user}` } : {}) });
    const owner = async (database: string, table = 'kept') =>
      (await query(inside(database), `SELECT pg_get_userbyid(relowner) AS o FROM pg_class WHERE relname = '${table}'`))[0]?.['o'];
    const saidIn = async () =>
      (await place.plan()).plan.diagnostics.map(({ code, message, hint }) => `${code} ${message} | ${hint}`).join('\n');
    const works = async (app: string) => await query(inside(app, app), 'INSERT INTO kept (x) VALUES (9)');
    const strangers = ['postgres', 'pgmon', 'shop', 'blog'];

    beforeEach(async () => {
      for (const row of await query(server().url, 'SELECT gid, database FROM pg_prepared_xacts'))
        await query(inside(String(row['database'])), `ROLLBACK PREPARED '${String(row['gid']).replaceAll("'", "''")}'`);
      await wipe(server().url);
      for (const app of ['shop', 'blog']) {
        await query(server().url, `CREATE ROLE ${app} LOGIN PASSWORD 'old-${app}'`);
        await query(server().url, `CREATE DATABASE ${app} OWNER ${app}`);
        await query(inside(app, app), 'CREATE TABLE kept (id serial PRIMARY KEY, x int)');
      }
    });

    it('of an app that is adopted: a prepared transaction is named, the app waits as it is, all else goes on', async () => {
      await query(inside('shop', 'shop'), `BEGIN; INSERT INTO kept (x) VALUES (1); PREPARE TRANSACTION 'it''s two'`);
      place = await workplace(server(), adopting);
      expect(await saidIn()).toMatch(
        /CT2031 app "shop": the prepared transaction 'it''s two' of "shop" holds "public"."kept" of database "shop" on "main"; nothing of it is adopted \| ROLLBACK PREPARED 'it''s two'/,
      );
      const roles = async () => await query(server().url, `SELECT rolname, rolconfig, rolconnlimit FROM pg_roles WHERE rolname = 'shop'`);
      const before = await roles();
      expect(await place.apply(strangers)).toMatchObject({ ending: 'waiting' });
      expect(await roles()).toEqual(before);
      expect([await owner('shop'), await owner('blog')]).toEqual(['shop', 'blog_owner']);
      await works('shop');
      await works('blog');
      // Nothing is left to do, and that is not the same as being done.
      expect((await place.plan()).plan.steps).toEqual([]);
      const nothing = await place.cli('apply', '--yes');
      expect([nothing.code, nothing.stdout + nothing.stderr]).toEqual([3, expect.stringContaining('On hold until somebody acts: shop.')]);
      const plan = await place.cli('plan', '--detailed-exitcode');
      expect([plan.code, plan.stdout]).toEqual([2, expect.stringContaining('Nothing to do now. On hold until somebody acts: shop.')]);

      await query(inside('shop'), `COMMIT PREPARED 'it''s two'`);
      expect(await place.apply(strangers)).toMatchObject({ ending: 'done' });
      expect(await owner('shop')).toBe('shop_owner');
      await works('shop');
      expect((await place.cli('plan', '--detailed-exitcode')).code).toBe(0);
    });

    it('whatever it did with it: what it dropped, made, handed on or locked is not waited for by a plan', async () => {
      await query(
        inside('shop', 'shop'),
        'CREATE TABLE second (x int); CREATE VIEW seen AS SELECT * FROM kept; CREATE MATERIALIZED VIEW old AS SELECT 1 AS one; CREATE TABLE parts (x int) PARTITION BY LIST (x)',
      );
      await query(
        inside('shop', 'shop'),
        `BEGIN; DROP TABLE second; ALTER TABLE kept ADD y int; CREATE TABLE third (x int); LOCK TABLE parts; GRANT SELECT ON old TO PUBLIC;
       CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; PREPARE TRANSACTION 'ddl'`,
      );
      place = await workplace(server(), adopting);
      const said = await saidIn();
      expect(said).toContain(`app "shop": the prepared transaction 'ddl' of "shop" holds`);
      expect(said).toMatch(/"kept".*nothing of it is adopted/);
      expect(await place.apply(strangers)).toMatchObject({ ending: 'waiting' });
      expect((await place.plan()).plan.steps).toEqual([]);
      expect(await readFile(server().logFile, 'utf8')).not.toContain('still waiting for');
      await query(inside('shop'), `COMMIT PREPARED 'ddl'`);
      expect(await place.apply(strangers)).toMatchObject({ ending: 'done' });
      expect(await owner('shop', 'third')).toBe('shop_owner');
      expect((await place.plan()).plan.steps).toEqual([]);
    });

    it('of an app that is there: the tables wait, and what does not concern them is corrected', async () => {
      place = await workplace(server(), ours);
      expect(await place.apply(strangers)).toMatchObject({ ending: 'done' });
      await query(inside('news'), 'CREATE TABLE kept (x int); ALTER TABLE kept OWNER TO news_user; CREATE TABLE other (x int)');
      await query(inside('wiki'), 'CREATE TABLE kept (x int); ALTER TABLE kept OWNER TO wiki_user');
      await query(server().url, `ALTER ROLE news_user CONNECTION LIMIT 77`);
      await query(inside('news'), `BEGIN; SELECT * FROM kept; PREPARE TRANSACTION 'one'`);
      expect(await saidIn()).toMatch(
        /app "news": the prepared transaction 'one' of "postgres" holds .*what would be changed there is left as it is/,
      );
      expect(await place.apply(strangers)).toMatchObject({ ending: 'waiting' });
      expect([await owner('news'), await owner('wiki')]).toEqual(['news_user', 'wiki_owner']);
      expect(await query(server().url, `SELECT rolconnlimit AS l FROM pg_roles WHERE rolname = 'news_user'`)).toEqual([{ l: 5 }]);
      expect((await place.plan()).plan.steps).toEqual([]);
      await query(inside('news'), `ROLLBACK PREPARED 'one'`);
      expect(await place.apply(strangers)).toMatchObject({ ending: 'done' });
      expect(await owner('news')).toBe('news_owner');
    });

    it('at level rows: nothing is opened before its guard stands, and the rest is corrected', async () => {
      const rows = manifestOf(`apps:
  team: { uses: { main: { isolation: rows, database: pool } } }
  wiki: { uses: { main: { connections: 5 } } }
`);
      place = await workplace(server(), rows);
      expect(await place.apply(strangers)).toMatchObject({ ending: 'done' });
      const migrator = (await query(server().url, `SELECT rolname AS r FROM pg_roles WHERE rolname LIKE 'pool%' AND rolcanlogin`))[0]?.[
        'r'
      ];
      await query(
        inside('pool'),
        `SET ROLE "${String(migrator).replace(/_user$/, '_owner')}"; CREATE TABLE notes (workspace text, what text)`,
      );
      await query(inside('pool'), `BEGIN; SELECT * FROM notes; PREPARE TRANSACTION 'g'`);
      await query(inside('wiki'), 'CREATE TABLE kept (x int); ALTER TABLE kept OWNER TO wiki_user');
      expect(await saidIn()).toMatch(
        /CT2031 what several apps share: the prepared transaction 'g' of "postgres" holds "public"."notes" of database "pool"/,
      );
      expect(await place.apply(strangers)).toMatchObject({ ending: 'waiting' });
      expect(await owner('wiki')).toBe('wiki_owner');
      expect((await place.plan()).plan.steps).toEqual([]);
      await query(inside('pool'), `ROLLBACK PREPARED 'g'`);
      expect(await place.apply(strangers)).toMatchObject({ ending: 'done' });
      expect((await place.plan()).plan.steps).toEqual([]);
    });

    it('of an app that is deleted: whoever holds it is named, and nothing is sent', async () => {
      const two = (rest: string) => manifestOf(`${rest}removal: delete\n`);
      const crm = '  crm: { uses: { main: { isolation: schema, database: shared } } }\n';
      const erp = '  erp: { uses: { main: { isolation: schema, database: shared } } }\n';
      place = await workplace(server(), two(`apps:\n${crm}${erp}`));
      expect(await place.apply(strangers)).toMatchObject({ ending: 'done' });
      await query(inside('shared'), 'CREATE TABLE crm.kept (x int); ALTER TABLE crm.kept OWNER TO crm_owner');
      await place.write(two(`apps:\n${erp}`));
      expect(await place.apply(strangers)).toMatchObject({ ending: 'done' });
      const [gone] = await query(inside('shared'), `SELECT relnamespace::regnamespace::text AS s FROM pg_class WHERE relname = 'kept'`);
      await query(inside('shared'), `BEGIN; SELECT * FROM "${String(gone?.['s'])}".kept; PREPARE TRANSACTION 'mine'`);
      const held = await place.apply(['crm', ...strangers]);
      expect(held.ending).toBe('failed');
      expect(held.diagnostics.map(({ message }) => message).join()).toMatch(
        /"crm" cannot be deleted.*prepared transaction 'mine' of "postgres" holds .*kept/,
      );
      await query(inside('shared'), `ROLLBACK PREPARED 'mine'`);
      expect(await place.apply(['crm', ...strangers])).toMatchObject({ ending: 'done' });
      expect(await query(inside('shared'), `SELECT 1 FROM pg_class WHERE relname = 'kept'`)).toEqual([]);
    });
  },
);
