import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Drift, driftsOf, DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';

const yaml = `apps:
  shop: { uses: { main: { connections: 5, extensions: [citext], advisoryLocks: deny } } }
  blog: { uses: { main: { connections: 5, schema: blog } } }
  news: { uses: { main: { connections: 5, isolation: schema, database: shared, extensions: [citext] } } }
  mail: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
`;
const databases = ['shop', 'blog', 'shared', 'postgres', 'template1'];

const ofDatabases: readonly Drift[] = [
  { name: 'owner', sql: 'ALTER DATABASE shop OWNER TO shop_owner', field: /^database shop: owner$/ },
  { name: 'owner of a shared one', sql: 'ALTER DATABASE shared OWNER TO news_user', field: /^database shared: owner$/ },
  { name: 'connection limit', sql: 'ALTER DATABASE shop CONNECTION LIMIT -1', field: /^database shop: connectionLimit$/ },
  {
    name: 'connection limit of a shared one',
    sql: 'ALTER DATABASE shared CONNECTION LIMIT 1',
    field: /^database shared: connectionLimit$/,
  },
  { name: 'connections not allowed', sql: 'ALTER DATABASE shop ALLOW_CONNECTIONS false', field: /^database shop: allowConnections$/ },
  { name: 'template', sql: 'ALTER DATABASE shop IS_TEMPLATE true', field: /^database shop: template$/ },
  { name: 'mark removed', sql: 'COMMENT ON DATABASE shop IS NULL', field: /^database shop: mark$/ },
  {
    name: 'mark overwritten',
    sql: `COMMENT ON DATABASE shared IS 'the shared one'`,
    field: /^database shared: mark$/,
    undo: `COMMENT ON DATABASE shared IS 'cotenant {"project":"tests","app":null,"name":"shared"}'`,
  },
  {
    name: 'setting added',
    sql: 'ALTER DATABASE shop SET lo_compat_privileges = on',
    field: /^database shop: setting lo_compat_privileges$/,
  },
  {
    name: 'setting of a shared one added',
    sql: `ALTER DATABASE shared SET search_path = news`,
    field: /^database shared: setting search_path$/,
  },
  { name: 'CONNECT to PUBLIC', sql: 'GRANT CONNECT ON DATABASE shop TO PUBLIC', field: /^database shop: access of PUBLIC$/ },
  { name: 'all to PUBLIC', sql: 'GRANT ALL ON DATABASE shared TO PUBLIC', field: /^database shared: access of PUBLIC$/ },
  { name: 'CONNECT to another app', sql: 'GRANT CONNECT ON DATABASE shop TO blog_user', field: /^database shop: access of blog_user$/ },
  { name: 'CREATE to another app', sql: 'GRANT CREATE ON DATABASE shared TO news_owner', field: /^database shared: access of news_owner$/ },
  {
    name: 'TEMPORARY to all apps of a shared one',
    sql: 'GRANT TEMP ON DATABASE shared TO shared_tenants',
    field: /^database shared: access of shared_tenants$/,
  },
  { name: 'CREATE to the read-write group', sql: 'GRANT CREATE ON DATABASE shop TO shop_rw', field: /^database shop: access of shop_rw$/ },
  { name: 'CONNECT taken away', sql: 'REVOKE CONNECT ON DATABASE shop FROM shop_ro', field: /^database shop: access of shop_ro$/ },
  {
    name: 'everything taken away',
    sql: 'REVOKE ALL ON DATABASE shop FROM shop_owner, shop_rw, shop_ro',
    field: /^database shop: access of shop_owner$/,
  },
  {
    name: 'with grant option',
    sql: 'GRANT CONNECT ON DATABASE shop TO shop_owner WITH GRANT OPTION',
    field: /^database shop: access of shop_owner$/,
  },
  {
    name: 'with grant option, and passed on',
    sql: 'GRANT CONNECT ON DATABASE shop TO shop_owner WITH GRANT OPTION; SET ROLE shop_owner; GRANT CONNECT ON DATABASE shop TO blog_owner; RESET ROLE',
    field: /^database shop: access of blog_owner$/,
  },
  {
    name: 'CONNECT to a foreign role',
    sql: 'CREATE ROLE guest; GRANT CONNECT ON DATABASE shop TO guest',
    field: /^database shop: access of guest$/,
    undo: 'DROP ROLE guest',
  },
];

const perimeter: readonly Drift[] = [
  {
    name: 'CONNECT on postgres to PUBLIC',
    sql: 'GRANT CONNECT ON DATABASE postgres TO PUBLIC',
    field: /^perimeter postgres: PUBLIC on the database$/,
  },
  {
    name: 'TEMPORARY on template1 to PUBLIC',
    sql: 'GRANT TEMP ON DATABASE template1 TO PUBLIC',
    field: /^perimeter template1: PUBLIC on the database$/,
  },
  {
    name: 'CONNECT on postgres to an app',
    sql: 'GRANT CONNECT ON DATABASE postgres TO shop_user',
    field: /^perimeter postgres: access of shop_user$/,
  },
  {
    name: 'CONNECT on template1 to an app, to be granted on',
    sql: 'GRANT CONNECT ON DATABASE template1 TO shop_rw WITH GRANT OPTION',
    field: /^perimeter template1: access of shop_rw$/,
  },
  {
    name: 'USAGE on schema public of postgres to PUBLIC',
    sql: 'GRANT USAGE ON SCHEMA public TO PUBLIC',
    field: /^perimeter postgres: PUBLIC on schema public$/,
  },
  {
    name: 'CREATE on schema public of postgres to PUBLIC',
    sql: 'GRANT CREATE ON SCHEMA public TO PUBLIC',
    field: /^perimeter postgres: PUBLIC on schema public$/,
  },
  {
    name: 'CREATE on schema public of postgres to an app',
    sql: 'GRANT CREATE ON SCHEMA public TO shop_owner',
    field: /^perimeter postgres: access to schema public of shop_owner$/,
  },
];

const schemas: readonly Drift[] = [
  { name: 'owner of an app', on: 'blog', sql: 'ALTER SCHEMA blog OWNER TO blog_user', field: /^schema blog\/blog: owner$/ },
  { name: 'owner in a shared database', on: 'shared', sql: 'ALTER SCHEMA news OWNER TO mail_owner', field: /^schema shared\/news: owner$/ },
  { name: 'owner is a superuser', on: 'shared', sql: 'ALTER SCHEMA news OWNER TO postgres', field: /^schema shared\/news: owner$/ },
  { name: 'public of an app', on: 'shop', sql: 'ALTER SCHEMA public OWNER TO postgres', field: /^schema shop\/public: owner$/ },
  {
    name: 'public of a shared database',
    on: 'shared',
    sql: 'ALTER SCHEMA public OWNER TO news_owner',
    field: /^schema shared\/public: owner$/,
  },
  { name: 'USAGE to PUBLIC', on: 'shared', sql: 'GRANT USAGE ON SCHEMA news TO PUBLIC', field: /^schema shared\/news: access of PUBLIC$/ },
  {
    name: 'USAGE to another app',
    on: 'shared',
    sql: 'GRANT USAGE ON SCHEMA news TO mail_user',
    field: /^schema shared\/news: access of mail_user$/,
  },
  {
    name: 'CREATE to another app',
    on: 'shared',
    sql: 'GRANT CREATE ON SCHEMA news TO mail_owner WITH GRANT OPTION',
    field: /^schema shared\/news: access of mail_owner$/,
  },
  {
    name: 'CREATE to the read-write group',
    on: 'shop',
    sql: 'GRANT CREATE ON SCHEMA public TO shop_rw',
    field: /^schema shop\/public: access of shop_rw$/,
  },
  {
    name: 'CREATE in public to PUBLIC',
    on: 'shop',
    sql: 'GRANT ALL ON SCHEMA public TO PUBLIC',
    field: /^schema shop\/public: access of PUBLIC$/,
  },
  {
    name: 'CREATE in public of a shared database',
    on: 'shared',
    sql: 'GRANT CREATE ON SCHEMA public TO shared_tenants',
    field: /^schema shared\/public: access of shared_tenants$/,
  },
  {
    name: 'taken from the read-only group',
    on: 'shop',
    sql: 'REVOKE ALL ON SCHEMA public FROM shop_ro',
    field: /^schema shop\/public: access of shop_ro$/,
  },
  {
    name: 'taken from its owner',
    on: 'blog',
    sql: 'REVOKE ALL ON SCHEMA blog FROM blog_owner',
    field: /^schema blog\/blog: access of blog_owner$/,
  },
  {
    name: 'opened by the app itself',
    on: 'shared',
    as: 'news_user',
    sql: 'GRANT USAGE ON SCHEMA news TO mail_rw',
    field: /^schema shared\/news: access of mail_rw$/,
  },
  { name: 'public dropped', on: 'blog', sql: 'DROP SCHEMA public CASCADE', field: /^schema blog\/public: missing$/ },
  {
    name: 'public dropped by the app itself',
    on: 'blog',
    as: 'blog_user',
    sql: 'DROP SCHEMA public',
    field: /^schema blog\/public: missing$/,
  },
  { name: 'a schema of an app dropped', on: 'shared', sql: 'DROP SCHEMA news', field: /^schema shared\/news: missing$/ },
  { name: 'an extension dropped', on: 'shop', sql: 'DROP EXTENSION citext', field: /^extension shop\/citext: / },
  { name: 'an extension of a shared database dropped', on: 'shared', sql: 'DROP EXTENSION citext', field: /^extension shared\/citext: / },
  {
    name: 'a schema made by the login instead of the owner',
    on: 'shop',
    as: 'shop_user',
    sql: 'SET ROLE NONE; CREATE SCHEMA extra; GRANT USAGE ON SCHEMA extra TO PUBLIC',
    field: /^objects shop\/shop: owner of schema "extra"$/,
    holds: {
      sql: `SELECT nspowner::regrole || ': ' || (SELECT string_agg(x::text, ' ' ORDER BY x::text) FROM unnest(nspacl) x) FROM pg_namespace WHERE nspname = 'extra'`,
      is: 'shop_owner: shop_owner=UC/shop_owner shop_ro=U/shop_owner shop_rw=U/shop_owner',
    },
    undo: 'DROP SCHEMA extra',
  },
];

describeEachPostgres('drift of databases', { versions: 'each' }, (server, major) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), yaml, databases);
  });
  afterAll(async () => await world[Symbol.asyncDispose]());

  test('nothing is left to do at the start', async () => expect(await world.pending()).toEqual([]));

  for (const [name, table] of Object.entries({ ofDatabases, perimeter, schemas })) {
    describe(name, () => {
      test.each(driftsOf(major, table))('$name', async (drift) => await world.expectMended(drift));
    });
  }
});
