import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { refused } from '../../../support/refused.ts';
import { statusProject } from '../../../../src/app/status.ts';

const apps = `apps:
  shop: { uses: { main: { connections: 5 } } }
  wiki: { uses: { main: { connections: 5 } } }
  news: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
  mail: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
`;
const yaml = `${apps}shares:
  - { from: shop, tables: [orders], to: wiki, via: grant }
  - { from: shop, tables: [people], columns: [id, name], to: wiki, via: grant }
  - { from: shop, tables: [people], columns: [id], to: mail, via: grant }
  - { from: news, tables: [posts], to: wiki, via: grant }
`;

describeEachPostgres(
  'shares across databases',
  { versions: 'each', settings: { log_statement: 'all', log_min_duration_statement: 0 } },
  (server) => {
    let world: DriftWorld;
    beforeAll(async () => {
      world = await DriftWorld.make(server(), yaml, ['shop', 'wiki', 'shared']);
      await world.runAs(
        'shop_user',
        'shop',
        `CREATE TYPE mood AS ENUM ('glad', 'sad');
       CREATE TABLE orders (id int PRIMARY KEY, total numeric(8, 2), mood mood, moods mood[], made timestamptz, word varchar(5) COLLATE "C");
       INSERT INTO orders VALUES (1, 9.5, 'glad', '{glad,sad}', '2026-01-02T03:04:05Z', 'hello'), (2, NULL, NULL, NULL, NULL, NULL);
       CREATE TABLE people (id int PRIMARY KEY, name text, phone text); INSERT INTO people VALUES (1, 'Ann', 'secret');
       CREATE TABLE drafts (id int)`,
      );
      await world.runAs('news_user', 'shared', `CREATE TABLE posts (id int, "odd ""name" text); INSERT INTO posts VALUES (7, 'news')`);
      await world.apply();
    });
    afterAll(async () => await world[Symbol.asyncDispose]());
    const wiki = async (sql: string): Promise<readonly unknown[][]> => await world.runAs('wiki_user', 'wiki', sql);

    test('show the tables as views, and a second apply is silent', async () => {
      expect(await wiki('SELECT id, total, mood, moods, extract(year FROM made)::int, word FROM from_shop.orders ORDER BY id')).toEqual([
        [1, '9.50', 'glad', '{glad,sad}', 2026, 'hello'],
        [2, null, null, null, null, null],
      ]);
      expect(await wiki(`SELECT id FROM from_shop.orders WHERE mood = 'glad' AND word < 'i'`)).toEqual([[1]]);
      expect(await wiki('SELECT * FROM from_shop.people')).toEqual([[1, 'Ann']]);
      expect(await wiki('SELECT "odd ""name" FROM from_news.posts')).toEqual([['news']]);
      expect(await world.runAs('mail_user', 'shared', 'SELECT * FROM mail_from_shop.people')).toEqual([[1]]);
      expect(await world.pending()).toEqual([]);
    });

    test.each([
      ['wiki_user', 'wiki', 'SELECT * FROM cotenant_from_shop.orders'],
      ['wiki_user', 'wiki', "INSERT INTO from_shop.people VALUES (2, 'x')"],
      ['wiki_user', 'wiki', "UPDATE from_shop.people SET name = 'x'"],
      ['wiki_user', 'wiki', 'DELETE FROM from_shop.people'],
      ['wiki_user', 'wiki', 'TRUNCATE from_shop.people', '42809'],
      ['wiki_user', 'wiki', 'SELECT * FROM from_shop.people FOR UPDATE'],
      ['wiki_user', 'wiki', 'CREATE TABLE from_shop.own (id int)'],
      ['wiki_user', 'wiki', 'CREATE FOREIGN TABLE own (phone text) SERVER from_shop OPTIONS (table_name $$people$$)'],
      ['wiki_user', 'wiki', 'CREATE USER MAPPING FOR CURRENT_USER SERVER from_shop'],
      ['wiki_user', 'wiki', 'IMPORT FOREIGN SCHEMA public FROM SERVER from_shop INTO public'],
      ['wiki_user', 'wiki', 'CREATE SERVER own FOREIGN DATA WRAPPER postgres_fdw'],
      ['wiki_user', 'wiki', 'ALTER SERVER from_shop OPTIONS (SET dbname $$shared$$)'],
      ['wiki_user', 'wiki', 'DROP SERVER from_shop CASCADE'],
      ['wiki_user', 'wiki', 'SELECT umoptions FROM pg_user_mapping'],
      ['wiki_user', 'wiki', 'SELECT cotenant.postgres_fdw_disconnect_all()'],
      ['wiki_user', 'wiki', 'SET ROLE wiki_from_shop'],
      ['wiki_user', 'wiki', 'SET ROLE wiki_reads_shop'],
      ['wiki_user', 'wiki', 'DROP VIEW from_shop.people'],
      ['wiki_user', 'wiki', 'CREATE OR REPLACE VIEW from_shop.people AS SELECT 1 AS id'],
      ['wiki_user', 'shop', 'SELECT 1'],
      ['mail_user', 'shared', 'SELECT name FROM mail_from_shop.people', '42703'],
      ['news_user', 'shared', 'SELECT * FROM mail_from_shop.people'],
      ['wiki_reads_shop', 'shop', 'SELECT * FROM people'],
      ['wiki_reads_shop', 'shop', 'SELECT * FROM drafts'],
      ['wiki_reads_shop', 'shop', 'SET transaction_read_only = off; DELETE FROM orders'],
      ['wiki_reads_shop', 'shop', 'SET transaction_read_only = off; CREATE TEMP TABLE own (id int)'],
      ['wiki_reads_shop', 'wiki', 'SELECT 1'],
      ['wiki_reads_shop', 'postgres', 'SELECT 1'],
    ])('open nothing more: %s in %s %s', async (user, database, sql, code = '42501') => {
      expect(await refused(world.runAs(user, database, sql))).toBe(code);
    });

    test('nobody but the operator sees the password, and it is in no log', async () => {
      expect(await wiki('SELECT count(*)::int FROM pg_user_mappings WHERE umoptions IS NOT NULL')).toEqual([[0]]);
      const { secrets } = await world.project.open();
      const log = await readFile(server().logFile, 'utf8');
      expect(log).toContain('FOREIGN TABLE');
      expect(log).not.toContain('CREATE USER MAPPING FOR "');
      for (const login of ['wiki_reads_shop', 'mail_reads_shop', 'wiki_reads_news']) {
        const password = secrets.peek({ secret: `main/${login}` });
        expect(password).toHaveLength(43);
        expect(log).not.toContain(password);
      }
    });

    test('stand in the status', async () => {
      const shown = async (): Promise<unknown> => {
        const { shares } = await statusProject(await world.project.open());
        return shares.map(({ from, to, location, state }) => `${to} ${from} ${location} ${state}`);
      };
      expect(await shown()).toEqual(['wiki shop from_shop ready', 'mail shop mail_from_shop ready', 'wiki news from_news ready']);
      await world.catalog.run('wiki', 'DROP USER MAPPING FOR wiki_from_shop SERVER from_shop');
      await world.catalog.run('shared', 'REVOKE SELECT ON news.posts FROM wiki_reads_news');
      expect(await shown()).toEqual(['wiki shop from_shop incomplete', 'mail shop mail_from_shop ready', 'wiki news from_news absent']);
      await world.apply();
    });

    test('follow the tables that they show', async () => {
      await wiki('CREATE VIEW mine AS SELECT id, total FROM from_shop.orders');
      await world.runAs(
        'shop_user',
        'shop',
        'ALTER TABLE orders ADD COLUMN later int DEFAULT 3; ALTER TABLE people ALTER COLUMN name TYPE varchar(9)',
      );
      await world.apply();
      expect(await wiki('SELECT o.later, m.total FROM from_shop.orders o JOIN mine m USING (id) WHERE id = 1')).toEqual([[3, '9.50']]);
      expect(await world.pending()).toEqual([]);
      // What the other app has built on a view is not taken away for a new shape of the table: it is said.
      await world.runAs('shop_user', 'shop', 'ALTER TABLE orders DROP COLUMN total');
      const { plan } = await world.project.plan();
      expect([plan.steps, plan.diagnostics.filter((one) => one.code === 'CT2026').map((one) => one.message)]).toEqual([
        [],
        [expect.stringContaining('view public.mine') as unknown],
      ]);
      await wiki('DROP VIEW mine');
      await world.apply();
      expect(await wiki('SELECT id, later FROM from_shop.orders WHERE id = 1')).toEqual([[1, 3]]);
      expect(await world.pending()).toEqual([]);
    });
  },
);
