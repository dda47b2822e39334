import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { refused } from '../../../support/refused.ts';
import { ident, qualified } from '../../../../src/engines/postgres/quote.ts';

const hostile: Readonly<Record<string, string>> = {
  quotes: `q"u"o't'e`,
  sql: `x"; DROP ROLE admin; --`,
  upper: 'UPPERlower',
  umlaut: 'größe日本😀',
  backslash: 'back\\slash\\',
  slash: 'a/b=c,d',
  colon: ':password',
  word: 'select',
  letter: 'f',
};
/** As long as the name of an app can be here. */
const long = { from: 'f'.repeat(40), to: 't'.repeat(40) };

const shares = [
  ...Object.entries(hostile).map(([app, word]) => ({
    from: app,
    tables: [word, `${word} text`],
    columns: [word, 'id'],
    to: 'reader-app',
    via: 'grant',
  })),
  { from: long.from, tables: ['x'.repeat(63)], to: long.to, via: 'grant' },
];
const apps = Object.fromEntries(
  [...Object.keys(hostile), 'reader-app', long.from, long.to].map((app) => {
    const word = hostile[app];
    const pooled = app === long.to ? { isolation: 'schema', database: 'pool' } : {};
    return [
      app,
      { uses: { main: { connections: 1, ...pooled, ...(word === undefined ? {} : { database: `${word}d`, schema: `${word}s` }) } } },
    ];
  }),
);

describeEachPostgres('shares of tables with odd names', { versions: 'each', settings: { max_connections: 200 } }, (server) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), stringify({ apps, shares }), []);
    for (const [app, word] of Object.entries(hostile))
      await world.runAs(
        `${app}_user`,
        `${word}d`,
        `CREATE TYPE ${ident(`${word} type`)} AS ENUM ('one');
         CREATE TABLE ${ident(word)} (id int, ${ident(word)} text, hidden text); INSERT INTO ${ident(word)} VALUES (1, 'hello', 'no');
         CREATE TABLE ${ident(`${word} text`)} (id int, ${ident(word)} ${ident(`${word} type`)}); INSERT INTO ${ident(`${word} text`)} VALUES (1, 'one')`,
      );
    await world.runAs(`${long.from}_user`, long.from, `CREATE TABLE ${'x'.repeat(63)} (id int)`);
    await world.apply();
  });
  afterAll(async () => await world[Symbol.asyncDispose]());

  test.each(Object.entries(hostile))('%s', async (app, word) => {
    const read = async (table: string): Promise<unknown> =>
      await world.runAs('reader_app_user', 'reader-app'.replace('-', '_'), `SELECT ${ident(word)} FROM ${qualified(`from_${app}`, table)}`);
    expect([await read(word), await read(`${word} text`)]).toEqual([[['hello']], [['one']]]);
  });

  test('the longest ones, whose roles and schemas are cut', async () => {
    const [[schema] = []] = await world.catalog.run('pool', `SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'ttt%_from_%'`);
    expect(String(schema)).toHaveLength(63);
    expect(await world.runAs(`${long.to}_user`, 'pool', `SELECT * FROM ${qualified(String(schema), 'x'.repeat(63))}`)).toEqual([]);
  });

  test('a second apply is silent', async () => expect(await world.pending()).toEqual([]));
});

describeEachPostgres('names that a share needs', { versions: 'newest' }, (server) => {
  const two = `apps:\n  shop: { uses: { main: { connections: 5 } } }\n  wiki: { uses: { main: { connections: 5 } } }\n`;
  const share = 'shares: [{ from: shop, tables: [orders], to: wiki, via: grant }]\n';
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), two, []);
    await world.runAs('shop_user', 'shop', 'CREATE TABLE orders (id int)');
  });
  afterAll(async () => await world[Symbol.asyncDispose]());
  const errors = async (): Promise<unknown> => {
    const { plan } = await world.project.plan();
    return plan.diagnostics.filter(({ severity }) => severity === 'error').map(({ code, message }) => [code, message]);
  };

  test.each(['from_shop', 'cotenant_from_shop', 'cotenant'])('are not taken from the app that has them: %s', async (schema) => {
    await world.runAs('wiki_user', 'wiki', `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.orders AS SELECT 5 AS mine`);
    await world.manifest(two + share);
    expect(await errors()).toEqual([['CT2005', expect.stringContaining(`schema "${schema}" of database "wiki"`) as unknown]]);
    expect((await world.project.apply()).ending).toBe('failed');
    expect(await world.runAs('wiki_user', 'wiki', `SELECT mine FROM ${schema}.orders`)).toEqual([[5]]);
    await world.runAs('wiki_user', 'wiki', `DROP SCHEMA ${schema} CASCADE`);
    await world.manifest(two);
  });

  test('what is no view is never dropped for one', async () => {
    await world.manifest(two + share);
    await world.apply();
    await world.catalog.run('wiki', 'DROP VIEW from_shop.orders; CREATE TABLE from_shop.orders AS SELECT 5 AS kept');
    const { plan } = await world.project.plan();
    expect([plan.steps, plan.diagnostics.map(({ code }) => code)]).toEqual([[], ['CT2026']]);
    await world.manifest(two);
    await world.apply();
    expect(await world.catalog.run('wiki', 'SELECT kept FROM from_shop.orders')).toEqual([[5]]);
    expect(await refused(world.runAs('wiki_user', 'wiki', 'SELECT * FROM from_shop.orders'))).toBe('42501');
    expect(await world.pending()).toEqual([]);
  });
});
