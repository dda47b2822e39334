import { join } from 'node:path';
import { execFile } from '../../support/children.ts';
import { expect, test } from 'vitest';
import { DriftWorld } from '../../support/drift.ts';
import { describeEachMajor, describeEachPostgres, freshPostgres } from '../../support/engines.ts';
import { tempDir } from '../../support/temp-dir.ts';

const yaml = (relax = ''): string => `apps:
  shop: { uses: { main: { connections: 5 } } }
  news: { uses: { main: { connections: 5, isolation: schema, database: shared${relax} } } }
  mail: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
`;

describeEachMajor('a migration', { versions: 'ends' }, (major) => {
  test('that names its own login does not work as the owner role, and does in the words of the docs', async () => {
    await using server = await freshPostgres({ major });
    await using world = await DriftWorld.make(server, yaml(), ['shop', 'shared']);
    await world.runAs('shop_user', 'shop', 'CREATE TABLE t (id int)');
    for (const refused of [
      'ALTER TABLE t OWNER TO shop_user',
      'CREATE SCHEMA s AUTHORIZATION shop_user',
      'ALTER DEFAULT PRIVILEGES FOR ROLE shop_user GRANT SELECT ON TABLES TO shop_ro',
    ])
      await expect(world.runAs('shop_user', 'shop', refused)).rejects.toMatchObject({ code: '42501' });
    await world.runAs(
      'shop_user',
      'shop',
      'ALTER TABLE t OWNER TO CURRENT_USER; CREATE SCHEMA s AUTHORIZATION CURRENT_USER; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO shop_ro',
    );
    await world.apply();
    // As the login itself: what it makes is the owner's after the next apply.
    await world.runAs(
      'shop_user',
      'shop',
      'SET ROLE NONE; ALTER TABLE t OWNER TO shop_user; CREATE SCHEMA own AUTHORIZATION shop_user; ALTER TABLE t ADD COLUMN n int',
    );
    // Until then the owner role has lost what it gave away.
    await expect(world.runAs('shop_user', 'shop', 'SELECT FROM t')).rejects.toMatchObject({ code: '42501' });
    await world.apply();
    expect(await world.runAs('shop_user', 'shop', 'SELECT count(*)::int FROM t')).toEqual([[0]]);
    const owners = await world.catalog.run(
      'shop',
      `SELECT relowner::regrole::text FROM pg_class WHERE relname = 't' UNION ALL SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname IN ('s', 'own')`,
    );
    expect(owners).toEqual([['shop_owner'], ['shop_owner'], ['shop_owner']]);
    expect(await world.pending()).toEqual([]);
  });

  test('that drops its schema at level schema needs a relaxation to make it again, and loses nothing but what it dropped', async () => {
    await using server = await freshPostgres({ major });
    await using world = await DriftWorld.make(server, yaml(), ['shop', 'shared']);
    await world.runAs('news_user', 'shared', 'CREATE TABLE t (id int)');
    await world.runAs('mail_user', 'shared', 'CREATE TABLE t (id int); INSERT INTO t VALUES (1)');
    await world.runAs('news_user', 'shared', 'DROP SCHEMA news CASCADE');
    await expect(world.runAs('news_user', 'shared', 'CREATE SCHEMA news')).rejects.toMatchObject({ code: '42501' });
    await world.apply();
    await world.runAs('news_user', 'shared', 'CREATE TABLE t (id int)');
    await world.manifest(yaml(', relax: { createOnDatabase: true }'));
    await world.apply();
    await world.runAs('news_user', 'shared', 'DROP SCHEMA news CASCADE; CREATE SCHEMA news; CREATE TABLE news.t (id int)');
    await world.apply();
    expect(await world.runAs('news_user', 'shared', 'SELECT count(*)::int FROM t')).toEqual([[0]]);
    expect(await world.runAs('mail_user', 'shared', 'SELECT count(*)::int FROM t')).toEqual([[1]]);
    expect(await world.pending()).toEqual([]);
  });
});

describeEachPostgres('pg_restore --clean by an app', { versions: 'newest', needs: ['clients'] }, (server) => {
  test('works at level schema without the schema itself in the list', async () => {
    await using world = await DriftWorld.make(server(), yaml(), ['shop', 'shared']);
    await using folder = await tempDir();
    await world.runAs(
      'news_user',
      'shared',
      "CREATE TABLE t (id serial PRIMARY KEY, note text); INSERT INTO t (note) VALUES ('kept'); CREATE VIEW v AS SELECT * FROM t; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    );
    const { secrets } = await world.project.open();
    const env = {
      ...process.env,
      PGPASSWORD: secrets.peek({ secret: 'main/news_user' }) ?? '',
      PGHOST: server().host,
      PGPORT: String(server().port),
      PGUSER: 'news_user',
      PGDATABASE: 'shared',
    };
    const tool = async (name: string, args: readonly string[]): Promise<string> =>
      (await execFile(join(server().binDir, name), [...args], { env })).stdout;
    const [dump, list] = [join(folder.path, 'dump'), join(folder.path, 'list')];
    await tool('pg_dump', ['-Fc', '-n', 'news', '-f', dump]);
    await world.runAs('news_user', 'shared', "UPDATE t SET note = 'changed'");
    await tool('pg_restore', ['-l', '-f', list, dump]);
    await execFile('sed', ['-i', '/ SCHEMA - /d', list]);
    await tool('pg_restore', ['--clean', '--if-exists', '--no-owner', '--no-privileges', '-L', list, '-d', 'shared', dump]);
    expect(await world.runAs('news_user', 'shared', 'SELECT note, f() FROM v')).toEqual([['kept', 1]]);
    await world.apply();
    expect(await world.pending()).toEqual([]);
  });
});
