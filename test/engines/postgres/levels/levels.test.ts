import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at } from '../../../support/query.ts';
import { refused } from '../../../support/refused.ts';
import { asUrl } from '../../../../src/engines/postgres/local/client.ts';

const yaml = `apps:
  shop: { uses: { main: { connections: 5, extensions: [citext], advisoryLocks: deny } } }
  wiki: { uses: { main: { connections: 5, schema: wiki, tempFileLimit: 1GB, relax: { logicalMessages: true, unlimitedTempFiles: true } } } }
  news: { uses: { main: { connections: 5, isolation: schema, database: shared, extensions: [citext] } } }
  mail: { uses: { main: { connections: 5, isolation: schema, database: shared, relax: { createOnDatabase: true, temporary: true } } } }
`;

const homes = { shop: 'shop', wiki: 'wiki', news: 'shared', mail: 'shared' } as const;

describeEachPostgres('levels database and schema', { versions: 'ends' }, (server) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), yaml, []);
  });
  afterAll(async () => await world[Symbol.asyncDispose]());
  const run = async (app: keyof typeof homes, sql: string): Promise<readonly unknown[][]> =>
    await world.runAs(`${app}_user`, homes[app], sql);
  const denied = async (app: keyof typeof homes, sql: string): Promise<void> => expect(await refused(run(app, sql))).toBe('42501');

  describe('every app', () => {
    test.each(Object.keys(homes) as (keyof typeof homes)[])(
      '%s works as its owner role, and what it makes belongs to that',
      async (app) => {
        expect(await run(app, 'SELECT session_user, current_user')).toEqual([[`${app}_user`, `${app}_owner`]]);
        await run(app, `CREATE TABLE things (id serial PRIMARY KEY, word text); INSERT INTO things (word) VALUES ('a'), ('b')`);
        await run(
          app,
          `CREATE FUNCTION words() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM things'; CREATE VIEW short AS SELECT word FROM things; CREATE TYPE size AS ENUM ('s', 'l')`,
        );
        expect(await run(app, 'SELECT words(), (SELECT count(*) FROM short)')).toEqual([['2', '2']]);
        const made = `SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relname ~ '^(things|short)' UNION SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'words' UNION SELECT typowner::regrole::text FROM pg_type WHERE typname = 'size'`;
        expect(await run(app, `SELECT * FROM (${made}) x(o) WHERE o ~ '^${app}'`)).toEqual([[`${app}_owner`]]);
        expect(
          await run(app, `UPDATE things SET word = 'c' WHERE id = 1; DELETE FROM things WHERE id = 2; SELECT word FROM things`),
        ).toEqual([['c']]);
      },
    );

    test('what the apps made is no drift', async () => expect(await world.pending()).toEqual([]));

    test('cannot enter any other database', async () => {
      for (const [app, home] of Object.entries(homes)) {
        for (const database of ['shop', 'wiki', 'shared', 'postgres', 'template1'].filter((one) => one !== home)) {
          expect([app, database, await refused(world.runAs(`${app}_user`, database, 'SELECT 1'))]).toEqual([app, database, '42501']);
        }
      }
    });

    test('has one login that is open, with one password', async () => {
      const knock = async (user: string, password: string): Promise<string | null> =>
        await refused(asUrl(at(server().url, { user, password, database: 'shop' }), 'SELECT 1'));
      expect(await knock('shop_user', 'wrong')).toBe('28P01');
      expect(await knock('shop_owner', 'none')).toMatch(/^28/);
      expect(await knock('shop_user_2', 'none')).toMatch(/^28/);
    });

    test('cannot change what holds it', async () => {
      for (const sql of [
        'ALTER DATABASE shop CONNECTION LIMIT -1',
        'ALTER DATABASE shop SET search_path = evil',
        'DROP DATABASE shop',
        'GRANT CONNECT ON DATABASE shop TO wiki_user',
        'CREATE ROLE more LOGIN',
        'CREATE DATABASE more',
        'ALTER ROLE shop_user CONNECTION LIMIT -1',
        'SET ROLE NONE; ALTER ROLE shop_user CONNECTION LIMIT -1',
        'SET ROLE NONE; ALTER ROLE shop_user SET temp_file_limit = -1',
        `SET temp_file_limit = -1`,
        'GRANT wiki_owner TO shop_owner',
        `COMMENT ON DATABASE shop IS 'mine'`,
        `COPY (SELECT 1) TO PROGRAM 'true'`,
        'CREATE EXTENSION dblink',
      ]) {
        expect([sql, (await refused(run('shop', sql))) ?? (await grantedNothing(sql))]).toEqual([sql, '42501']);
      }
    });
  });

  /** A GRANT without the right to it is a warning only. */
  async function grantedNothing(sql: string): Promise<string | null> {
    return sql.startsWith('GRANT') && (await world.pending()).length === 0 ? '42501' : null;
  }

  describe('level database', () => {
    test('an app can make schemas, also those that are there', async () => {
      await run(
        'shop',
        'CREATE SCHEMA IF NOT EXISTS public; CREATE SCHEMA IF NOT EXISTS audit; CREATE TABLE audit.log (line text); DROP SCHEMA audit CASCADE',
      );
      expect(await world.pending()).toEqual([]);
    });

    test('an app has temporary tables, and its default schema', async () => {
      expect(await run('shop', 'CREATE TEMP TABLE t AS SELECT 7 AS n; SELECT n, current_schema() FROM t')).toEqual([
        [7, expect.stringMatching(/^(public|pg_temp)/)],
      ]);
      expect(await run('wiki', 'SELECT current_schema()')).toEqual([['wiki']]);
      expect(await run('wiki', `SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'things'`)).toEqual([['wiki']]);
    });

    test('its extensions lie in public and are not its own', async () => {
      expect(await run('shop', `SELECT 'A'::citext = 'a'::public.citext`)).toEqual([[true]]);
      expect(await refused(run('shop', 'DROP EXTENSION citext'))).toBe('42501');
      await run('shop', 'CREATE EXTENSION IF NOT EXISTS citext');
    });

    test('server functions are closed as the manifest says, and opened by name', async () => {
      await denied('shop', 'SELECT pg_advisory_lock(1)');
      await denied('shop', `SELECT pg_logical_emit_message(true, 'a', 'b')`);
      expect(await run('wiki', `SELECT pg_advisory_xact_lock(1), pg_logical_emit_message(true, 'a', 'b') IS NOT NULL`)).toHaveLength(1);
    });

    test('temporary files are limited, unless said otherwise', async () => {
      expect(await run('shop', 'SHOW temp_file_limit')).toEqual([['2GB']]);
      expect(await run('wiki', 'SHOW temp_file_limit')).toEqual([['-1']]);
    });
  });

  describe('level schema', () => {
    test('an app finds its schema, and the types of extensions in public', async () => {
      expect(await run('news', 'SHOW search_path')).toEqual([['news, public']]);
      await run('news', `CREATE TABLE people (mail public.citext UNIQUE, nick citext)`);
      expect(await run('news', `SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'people'`)).toEqual([['news']]);
    });

    test('an app cannot make anything elsewhere', async () => {
      await denied('news', 'CREATE TABLE public.planted (id int)');
      await denied('news', 'CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE sql AS $$SELECT 1::text$$');
      await denied('news', 'CREATE SCHEMA more');
      await denied('news', 'CREATE SCHEMA IF NOT EXISTS news');
      await denied('news', 'CREATE TEMP TABLE t (id int)');
      await denied('news', 'CREATE EXTENSION hstore');
      await denied('news', 'CREATE TABLE mail.planted (id int)');
    });

    test('an app cannot read its neighbour', async () => {
      await denied('news', 'SELECT * FROM mail.things');
      await denied('news', 'SELECT mail.words()');
      await denied('news', 'SELECT * FROM mail.short');
      await denied('news', 'DROP SCHEMA mail CASCADE');
      await denied('news', 'SET ROLE mail_owner');
      await denied('mail', `SELECT nextval('news.things_id_seq')`);
    });

    test('createOnDatabase and temporary open what they name, for that app', async () => {
      await run('mail', 'CREATE SCHEMA IF NOT EXISTS mail; CREATE SCHEMA IF NOT EXISTS mail_more; CREATE TABLE mail_more.things (id int)');
      expect(await world.pending()).toEqual([]);
      await run('mail', 'GRANT USAGE ON SCHEMA mail_more TO PUBLIC; GRANT SELECT ON mail_more.things TO news_user');
      await world.apply();
      await denied('news', 'SELECT * FROM mail_more.things');
      expect(await world.pending()).toEqual([]);
      expect(await run('mail', 'CREATE TEMP TABLE t AS SELECT 7 AS n; SELECT n FROM t')).toEqual([[7]]);
    });
  });

  test('every relaxation is listed, with the app that it is for', async () => {
    const { relaxations } = await world.project.plan();
    expect(relaxations.map(({ app, name }) => `${app} ${name}`).sort()).toEqual([
      'mail advisoryLocks: allow',
      'mail relax.createOnDatabase',
      'mail relax.temporary',
      'news advisoryLocks: allow',
      'wiki advisoryLocks: allow',
      'wiki relax.logicalMessages',
      'wiki relax.unlimitedTempFiles',
    ]);
  });
});
