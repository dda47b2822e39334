import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Drift, driftsOf, DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';

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

describeEachPostgres('shares across databases', { versions: 'each' }, (server, major) => {
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

  const on = 'wiki';
  const drifts: readonly Drift[] = [
    {
      name: 'server of another address',
      on,
      sql: `ALTER SERVER from_shop OPTIONS (SET host 'localhost')`,
      field: /^share wiki\/from_shop: foreign server host$/,
    },
    {
      name: 'server of another database',
      on,
      sql: `ALTER SERVER from_shop OPTIONS (SET dbname 'shared')`,
      field: /: foreign server dbname$/,
    },
    {
      name: 'writable server',
      on,
      sql: `ALTER SERVER from_shop OPTIONS (SET updatable 'true', DROP truncatable)`,
      field: [/foreign server updatable$/, /foreign server truncatable$/],
    },
    {
      name: 'server with an option',
      on,
      sql: `ALTER SERVER from_shop OPTIONS (ADD fetch_size '5')`,
      field: /foreign server fetch_size$/,
    },
    {
      name: 'USAGE on the server',
      on,
      sql: 'GRANT USAGE ON FOREIGN SERVER from_shop TO wiki_owner',
      field: /access to the foreign server of wiki_owner$/,
    },
    {
      name: 'USAGE on the server to all',
      on,
      sql: 'GRANT USAGE ON FOREIGN SERVER from_shop TO PUBLIC',
      field: /access to the foreign server of PUBLIC$/,
    },
    {
      name: 'server owned by the app',
      on,
      sql: 'GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO wiki_owner; ALTER SERVER from_shop OWNER TO wiki_owner; REVOKE USAGE ON FOREIGN DATA WRAPPER postgres_fdw FROM wiki_owner',
      field: /owner of the foreign server$/,
    },
    {
      name: 'server gone',
      on,
      sql: 'DROP SERVER from_shop CASCADE',
      field: [/: foreign server$/, /: user mapping$/, /: table orders$/, /: table people$/],
    },
    { name: 'mapping gone', on, sql: 'DROP USER MAPPING FOR wiki_from_shop SERVER from_shop', field: /: user mapping$/ },
    {
      name: 'mapping for all',
      on,
      sql: `CREATE USER MAPPING FOR PUBLIC SERVER from_shop OPTIONS (user 'wiki_reads_shop')`,
      field: /user mapping of PUBLIC$/,
    },
    {
      name: 'mapping for the app',
      on,
      sql: `CREATE USER MAPPING FOR wiki_owner SERVER from_shop OPTIONS (user 'wiki_reads_shop')`,
      field: /user mapping of wiki_owner$/,
    },
    {
      name: 'mapping of another login',
      on,
      sql: `ALTER USER MAPPING FOR wiki_from_shop SERVER from_shop OPTIONS (SET user 'postgres')`,
      field: /: user mapping user$/,
    },
    {
      name: 'mapping with another password',
      on,
      sql: `ALTER USER MAPPING FOR wiki_from_shop SERVER from_shop OPTIONS (SET password 'x')`,
      field: /password of the user mapping$/,
    },
    {
      name: 'mapping that needs no password',
      on,
      sql: `ALTER USER MAPPING FOR wiki_from_shop SERVER from_shop OPTIONS (ADD password_required 'false')`,
      field: /user mapping password_required$/,
    },
    { name: 'login with another password', sql: `ALTER ROLE wiki_reads_shop PASSWORD 'x'`, field: /^role wiki_reads_shop: password$/ },
    {
      name: 'login that may write',
      sql: 'ALTER ROLE wiki_reads_shop SET default_transaction_read_only = off',
      field: /^role wiki_reads_shop: setting default_transaction_read_only$/,
    },
    {
      name: 'login with more connections',
      sql: 'ALTER ROLE wiki_reads_shop CONNECTION LIMIT 50',
      field: /^role wiki_reads_shop: connectionLimit$/,
    },
    { name: 'login closed', sql: 'ALTER ROLE wiki_reads_shop NOLOGIN', field: /^role wiki_reads_shop: login$/ },
    {
      name: 'login without entry',
      sql: 'REVOKE CONNECT ON DATABASE shop FROM wiki_reads_shop',
      field: /^database shop: access of wiki_reads_shop$/,
    },
    {
      name: 'login in another database',
      sql: 'GRANT CONNECT ON DATABASE wiki TO wiki_reads_shop',
      field: /^database wiki: access of wiki_reads_shop$/,
    },
    {
      name: 'login with another column',
      on: 'shop',
      sql: 'GRANT SELECT (phone) ON people TO wiki_reads_shop',
      field: /access to column "public"."people" "phone"$/,
    },
    {
      name: 'login without its table',
      on: 'shop',
      sql: 'REVOKE ALL ON orders FROM wiki_reads_shop',
      field: /access to table "public"."orders"$/,
    },
    {
      name: 'login that is the owner',
      sql: 'GRANT shop_owner TO wiki_reads_shop',
      field: /^role wiki_reads_shop: member of shop_owner$/,
    },
    { name: 'holder that can log in', sql: 'ALTER ROLE wiki_from_shop LOGIN', field: /^role wiki_from_shop: login$/ },
    {
      name: 'holder that the app can be',
      sql: 'GRANT wiki_from_shop TO wiki_owner',
      field: /^role wiki_owner: member of wiki_from_shop$/,
    },
    {
      name: 'hidden schema opened',
      on,
      sql: 'GRANT USAGE ON SCHEMA cotenant_from_shop TO wiki_owner',
      field: /access to schema cotenant_from_shop of wiki_owner$/,
    },
    {
      name: 'hidden schema owned by the app',
      on,
      sql: 'ALTER SCHEMA cotenant_from_shop OWNER TO wiki_owner',
      field: /owner of schema cotenant_from_shop$/,
    },
    {
      name: 'schema of the views closed',
      on,
      sql: 'REVOKE USAGE ON SCHEMA from_shop FROM wiki_owner',
      field: /access to schema from_shop of wiki_owner$/,
    },
    {
      name: 'schema of the views writable',
      on,
      sql: 'GRANT CREATE ON SCHEMA from_shop TO wiki_owner',
      field: /access to schema from_shop of wiki_owner$/,
    },
    {
      name: 'schema of the extension opened',
      on,
      sql: 'GRANT USAGE ON SCHEMA cotenant TO PUBLIC',
      field: /^schema wiki\/cotenant: access of PUBLIC$/,
    },
    {
      name: 'view taken',
      on,
      sql: 'REVOKE SELECT ON from_shop.orders FROM wiki_owner',
      field: /access to from_shop.orders of wiki_owner$/,
    },
    { name: 'view for all', on, sql: 'GRANT SELECT ON from_shop.orders TO PUBLIC', field: /access to from_shop.orders of PUBLIC$/ },
    {
      name: 'view writable',
      on,
      sql: 'GRANT INSERT ON from_shop.orders TO wiki_owner',
      field: /access to from_shop.orders of wiki_owner$/,
    },
    {
      name: 'column of a view writable',
      on,
      sql: 'GRANT UPDATE (id) ON from_shop.orders TO wiki_owner',
      field: /access to from_shop.orders.id of wiki_owner$/,
    },
    {
      name: 'foreign table opened',
      on,
      sql: 'GRANT SELECT ON cotenant_from_shop.orders TO wiki_owner',
      field: /access to cotenant_from_shop.orders of wiki_owner$/,
    },
    { name: 'view owned by the app', on, sql: 'ALTER VIEW from_shop.orders OWNER TO wiki_owner', field: /owner of from_shop.orders$/ },
    {
      name: 'view changed',
      on,
      sql: `CREATE OR REPLACE VIEW from_shop.people AS SELECT f.id, 'x'::text AS name FROM cotenant_from_shop.people f`,
      field: /: table people$/,
    },
    {
      name: 'view with a filter',
      on,
      sql: `CREATE OR REPLACE VIEW from_shop.people AS SELECT f.id, f.name FROM cotenant_from_shop.people f WHERE id > 1`,
      field: /: table people$/,
    },
    { name: 'view with an option', on, sql: 'ALTER VIEW from_shop.people SET (security_barrier = true)', field: /: table people$/ },
    { name: 'view gone', on, sql: 'DROP VIEW from_shop.people', field: /: table people$/ },
    {
      name: 'another view',
      on,
      sql: 'CREATE VIEW from_shop.more AS SELECT 1 AS id; ALTER VIEW from_shop.more OWNER TO wiki_from_shop',
      field: /: table more$/,
    },
    { name: 'foreign table gone', on, sql: 'DROP FOREIGN TABLE cotenant_from_shop.people CASCADE', field: /: table people$/ },
    {
      name: 'foreign table of another table',
      on,
      sql: `ALTER FOREIGN TABLE cotenant_from_shop.people OPTIONS (SET table_name 'drafts')`,
      field: /: table people$/,
    },
    {
      name: 'foreign table with another column',
      on,
      sql: 'ALTER FOREIGN TABLE cotenant_from_shop.people ADD COLUMN phone text',
      field: /: table people$/,
    },
    {
      name: 'foreign table whose column has another name there',
      on,
      sql: `ALTER FOREIGN TABLE cotenant_from_shop.people ALTER COLUMN name OPTIONS (column_name 'phone')`,
      field: /: table people$/,
    },
    {
      name: 'another foreign table',
      on,
      sql: 'CREATE FOREIGN TABLE cotenant_from_shop.drafts (id int) SERVER from_shop; ALTER FOREIGN TABLE cotenant_from_shop.drafts OWNER TO wiki_from_shop',
      field: /: table drafts$/,
    },
  ];
  test.each(driftsOf(major, drifts))('drift: $name', async (drift) => {
    await world.expectMended(drift);
    expect(await wiki('SELECT * FROM from_shop.people')).toEqual([[1, 'Ann']]);
  });
});
