import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Drift, driftsOf, DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';

const yaml = `apps:
  shop: { uses: { main: { connections: 5, advisoryLocks: deny } } }
  news: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
  mail: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
`;
const databases = ['shop', 'shared'];

const functions: readonly Drift[] = [
  {
    name: 'logical messages',
    on: 'shop',
    sql: 'GRANT EXECUTE ON FUNCTION pg_catalog.pg_logical_emit_message(boolean,text,text) TO PUBLIC',
    until: 16,
    field: /^builtin shop\/logical-messages: PUBLIC may execute$/,
  },
  {
    name: 'logical messages',
    on: 'shop',
    sql: 'GRANT EXECUTE ON FUNCTION pg_catalog.pg_logical_emit_message(boolean,text,text,boolean) TO PUBLIC',
    since: 17,
    field: /^builtin shop\/logical-messages: PUBLIC may execute$/,
  },
  {
    name: 'advisory locks',
    on: 'shop',
    sql: 'GRANT EXECUTE ON FUNCTION pg_catalog.pg_try_advisory_lock(bigint), pg_catalog.pg_advisory_unlock_all() TO PUBLIC',
    field: /^builtin shop\/advisory-locks: PUBLIC may execute$/,
  },
];

const defaults: readonly Drift[] = [
  {
    name: 'ours removed',
    on: 'shop',
    sql: 'ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner REVOKE SELECT ON TABLES FROM shop_ro',
    field: /^default-privileges shop\/shop: defaults shop_owner table$/,
  },
  {
    name: 'ours of the login removed',
    on: 'shop',
    sql: 'ALTER DEFAULT PRIVILEGES FOR ROLE shop_user REVOKE ALL ON SEQUENCES FROM shop_rw',
    field: /^default-privileges shop\/shop: defaults shop_user sequence$/,
  },
  {
    name: 'functions to PUBLIC again',
    on: 'shop',
    sql: 'ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC',
    field: /^default-privileges shop\/shop: defaults shop_owner function$/,
  },
  {
    name: 'tables to PUBLIC',
    on: 'shared',
    sql: 'ALTER DEFAULT PRIVILEGES FOR ROLE news_owner GRANT SELECT ON TABLES TO PUBLIC',
    field: /^default-privileges shared\/news: defaults news_owner table$/,
  },
  {
    name: 'tables to another app',
    on: 'shared',
    sql: 'ALTER DEFAULT PRIVILEGES FOR ROLE news_owner GRANT SELECT ON TABLES TO mail_rw',
    field: /^default-privileges shared\/news: defaults news_owner table$/,
  },
  {
    name: 'in one schema',
    on: 'shared',
    sql: 'ALTER DEFAULT PRIVILEGES FOR ROLE news_owner IN SCHEMA news GRANT ALL ON TABLES TO PUBLIC',
    field: /^default-privileges shared\/news: defaults news_owner news table$/,
  },
  {
    name: 'in one schema by the app itself',
    on: 'shared',
    as: 'news_user',
    sql: 'ALTER DEFAULT PRIVILEGES IN SCHEMA news GRANT SELECT ON TABLES TO mail_owner',
    field: /^default-privileges shared\/news: defaults news_owner news table$/,
  },
  {
    name: 'of the operator to PUBLIC',
    on: 'shop',
    sql: 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC',
    field: /^default-privileges shop\/shop: defaults postgres table$/,
  },
  {
    name: 'of the operator to an app',
    on: 'shared',
    sql: 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO news_ro',
    field: /^default-privileges shared\/(news|mail): defaults postgres table$/,
  },
  {
    name: 'to be granted on',
    on: 'shop',
    sql: 'ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner GRANT SELECT ON TABLES TO shop_ro WITH GRANT OPTION',
    field: /^default-privileges shop\/shop: defaults shop_owner table$/,
  },
  {
    name: 'schemas to PUBLIC',
    on: 'shop',
    sql: 'ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner GRANT USAGE ON SCHEMAS TO PUBLIC',
    field: /^default-privileges shop\/shop: defaults shop_owner schema$/,
  },
  {
    name: 'types not to PUBLIC',
    on: 'shop',
    sql: 'ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner REVOKE USAGE ON TYPES FROM PUBLIC',
    field: /^default-privileges shop\/shop: defaults shop_owner type$/,
  },
  {
    name: 'large objects to PUBLIC',
    on: 'shop',
    sql: 'ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner GRANT SELECT ON LARGE OBJECTS TO PUBLIC',
    since: 18,
    field: /^default-privileges shop\/shop: defaults shop_owner large object$/,
  },
];

describeEachPostgres('drift of rights to come', { versions: 'each' }, (server, major) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), yaml, databases);
  });
  afterAll(async () => await world[Symbol.asyncDispose]());

  test('nothing is left to do at the start', async () => expect(await world.pending()).toEqual([]));

  for (const [name, table] of Object.entries({ functions, defaults })) {
    describe(name, () => {
      test.each(driftsOf(major, table))('$name', async (drift) => await world.expectMended(drift));
    });
  }
});
