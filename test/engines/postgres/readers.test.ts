import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { envOfApp } from '../../../src/app/env.ts';
import { DriftWorld } from '../../support/drift.ts';
import { describeEachPostgres } from '../../support/engines.ts';
import { query } from '../../support/query.ts';
import { refused } from '../../support/refused.ts';

const yaml = `apps:
  shop: { uses: { main: { connections: 5 } } }
  wiki: { uses: { main: { connections: 5 } } }
  news: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
  mail: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
readers:
  audit: { reads: [shop, news], connections: 2 }
`;

describeEachPostgres('readers', { versions: 'each' }, (server) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), yaml, []);
    for (const [app, database] of [
      ['shop', 'shop'],
      ['wiki', 'wiki'],
      ['news', 'shared'],
      ['mail', 'shared'],
    ] as const) {
      await world.runAs(
        `${app}_user`,
        database,
        `CREATE TABLE before (id serial, word text); INSERT INTO before (word) VALUES ('${app}'); CREATE VIEW shown AS SELECT word FROM before; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
      );
    }
  });
  afterAll(async () => await world[Symbol.asyncDispose]());
  const read = async (database: string, sql: string): Promise<readonly unknown[][]> => await world.runAs('audit_user', database, sql);
  /** A session that has ended counts until its process has: then there is room again. */
  const code = async (database: string, sql: string): Promise<string | null> => {
    for (;;) {
      const refusal = await refused(read(database, sql));
      if (refusal !== '53300') return refusal;
    }
  };

  test('read the tables and views of the apps that are named, those of the future too', async () => {
    expect(await read('shop', 'SELECT b.word, s.word FROM before b, shown s')).toEqual([['shop', 'shop']]);
    expect(await read('shared', 'SELECT word FROM news.before')).toEqual([['news']]);
    await world.runAs('shop_user', 'shop', `CREATE SCHEMA later; CREATE TABLE later.things AS SELECT 5 AS n`);
    expect(await read('shop', 'SELECT n FROM later.things')).toEqual([[5]]);
    expect(await world.pending()).toEqual([]);
  });

  test('read nothing of the others', async () => {
    expect(await code('wiki', 'SELECT 1')).toBe('42501');
    expect(await code('postgres', 'SELECT 1')).toBe('42501');
    expect(await code('shared', 'SELECT * FROM mail.before')).toBe('42501');
  });

  describe.each(['shop', 'shared'])('write nothing in %s', (database) => {
    const schema = database === 'shop' ? 'public' : 'news';
    test.each([
      `INSERT INTO ${schema}.before (word) VALUES ('x')`,
      `UPDATE ${schema}.before SET word = 'x'`,
      `DELETE FROM ${schema}.before`,
      `TRUNCATE ${schema}.before`,
      `CREATE TABLE ${schema}.own (id int)`,
      'CREATE SCHEMA own',
      'CREATE TEMP TABLE own (id int)',
      `SELECT nextval('${schema}.before_id_seq')`,
      `SELECT ${schema}.f()`,
      `SET ROLE ${database === 'shop' ? 'shop' : 'news'}_owner`,
      `SET ROLE ${database === 'shop' ? 'shop' : 'news'}_rw`,
    ])('%s', async (sql) => {
      // Its sessions are read-only by default, which it may change: the rights alone must hold.
      expect(await code(database, `SET default_transaction_read_only = off; SET transaction_read_only = off; ${sql}`)).toBe('42501');
    });
  });

  test('have a URL for each app that they read, in whichever database it lies', async () => {
    const { variables } = await envOfApp(await world.project.open(), 'audit', {});
    for (const app of ['SHOP', 'NEWS']) {
      const url = variables.find(({ name }) => name === `AUDIT_${app}_URL`)?.value ?? '';
      const [{ database } = { database: '' }] = await query(url, 'SELECT current_database()::text AS database');
      expect([app, database]).toEqual([app, app === 'SHOP' ? 'shop' : 'shared']);
    }
  });

  test('go, come back, and go again on one day', async () => {
    const without = yaml.replace(/readers:[\s\S]*/, '');
    for (const text of [without, yaml, without, yaml]) {
      await world.manifest(text);
      await world.apply();
      expect(await world.pending()).toEqual([]);
    }
    expect(await read('shared', 'SELECT word FROM news.before')).toEqual([['news']]);
  });

  test('begin read-only, and hold no more sessions than they may', async () => {
    expect(await code('shop', `CREATE TABLE x (id int)`)).toBe('25006');
    await world.catalog.run('postgres', "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE usename = 'audit_user'");
    const first = await world.login('audit_user', 'shop');
    const second = await world.login('audit_user', 'shop');
    expect(await refused(read('shop', 'SELECT 1'))).toBe('53300');
    await first.end();
    await second.end();
  });
});
