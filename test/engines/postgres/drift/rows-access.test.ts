import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Drift, driftsOf, DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';

const yaml = `apps:
  alpha: { uses: { main: { connections: 5, isolation: rows, database: pool, workspace: A } } }
  beta: { uses: { main: { connections: 5, isolation: rows, database: pool } } }
  shop: { uses: { main: { connections: 5 } } }
`;

const made = `
  CREATE TABLE docs (workspace text NOT NULL, id uuid PRIMARY KEY DEFAULT gen_random_uuid(), body text);
  CREATE TABLE events (workspace varchar(40) NOT NULL, day date NOT NULL, what text) PARTITION BY RANGE (day);
  CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE TABLE prices (id int, price int);
  CREATE VIEW all_docs AS SELECT * FROM docs;
  CREATE MATERIALIZED VIEW counts AS SELECT workspace, count(*) AS n FROM docs GROUP BY 1;
  CREATE SEQUENCE numbers;
  CREATE FUNCTION every_doc() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT count(*) FROM public.docs';
  CREATE FUNCTION half(int) RETURNS int LANGUAGE sql AS 'SELECT $1 / 2';
`;

const on = 'pool';

const access: readonly Drift[] = [
  {
    name: 'table without the column',
    on,
    sql: 'GRANT SELECT ON prices TO pool_rw',
    field: /^objects pool\/pool: access to table "public"."prices"$/,
  },
  {
    name: 'table without the column, by the migrator',
    on,
    as: 'pool_migrator',
    sql: 'GRANT SELECT ON prices TO alpha_user',
    field: /^objects pool\/pool: access to table "public"."prices"$/,
  },
  { name: 'TRUNCATE', on, sql: 'GRANT TRUNCATE ON docs TO pool_rw', field: /^objects pool\/pool: access to table "public"."docs"$/ },
  { name: 'one login', on, sql: 'GRANT SELECT ON docs TO alpha_user', field: /^objects pool\/pool: access to table "public"."docs"$/ },
  { name: 'PUBLIC', on, sql: 'GRANT SELECT ON docs TO PUBLIC', field: /^objects pool\/pool: access to table "public"."docs"$/ },
  {
    name: 'a partition',
    on,
    sql: 'GRANT SELECT ON events_2026 TO pool_rw',
    field: /^objects pool\/pool: access to table "public"."events_2026"$/,
  },
  {
    name: 'a view of its owner',
    on,
    sql: 'GRANT SELECT ON all_docs TO pool_rw',
    field: /^objects pool\/pool: access to view "public"."all_docs"$/,
  },
  {
    name: 'a view that was made to check, no longer',
    on,
    as: 'pool_migrator',
    since: 15,
    sql: 'ALTER VIEW all_docs SET (security_invoker = true)',
    field: /^objects pool\/pool: access to view "public"."all_docs"$/,
    undo: 'ALTER VIEW all_docs RESET (security_invoker); REVOKE ALL ON all_docs FROM pool_rw',
  },
  {
    name: 'a materialized view',
    on,
    sql: 'GRANT SELECT ON counts TO pool_rw',
    field: /^objects pool\/pool: access to view "public"."counts"$/,
  },
  {
    name: 'the last value of a sequence',
    on,
    sql: 'GRANT SELECT, UPDATE ON numbers TO pool_rw',
    field: /^objects pool\/pool: access to sequence "public"."numbers"$/,
  },
  {
    name: 'a definer function',
    on,
    sql: 'GRANT EXECUTE ON FUNCTION every_doc() TO pool_rw',
    field: /^objects pool\/pool: access to function "?public"?\.every_doc\(\)$/,
  },
  {
    name: 'a table owned by a login',
    on,
    sql: 'GRANT CREATE ON SCHEMA public TO alpha_user; ALTER TABLE docs OWNER TO alpha_user',
    field: /^objects pool\/pool: owner of table "public"."docs"$/,
  },
  {
    name: 'one column',
    on,
    sql: 'GRANT SELECT (body) ON docs TO shop_user',
    field: /^objects pool\/pool: access to column .*"docs".* "body"$/,
  },
  {
    name: 'tables to come',
    on,
    as: 'pool_migrator',
    sql: 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pool_rw',
    field: /^default-privileges pool\/pool: defaults pool_owner table$/,
  },
  {
    name: 'tables to come in the schema',
    on,
    sql: 'ALTER DEFAULT PRIVILEGES FOR ROLE pool_owner IN SCHEMA public GRANT ALL ON TABLES TO PUBLIC',
    field: /^default-privileges pool\/pool: defaults pool_owner public table$/,
  },
  {
    name: 'another schema, by the migrator',
    on,
    as: 'pool_migrator',
    sql: 'CREATE SCHEMA side; CREATE TABLE side.leak AS SELECT * FROM public.docs; GRANT USAGE ON SCHEMA side TO pool_rw; GRANT SELECT ON side.leak TO pool_rw',
    field: /^objects pool\/pool: access to schema "side"$/,
    holds: { sql: `SELECT has_schema_privilege('alpha_user', 'side', 'USAGE')`, is: false },
    undo: 'DROP SCHEMA side CASCADE',
  },
  {
    name: 'CREATE on the database',
    on,
    sql: 'GRANT CREATE, TEMP ON DATABASE pool TO pool_rw',
    field: /^database pool: access of pool_rw$/,
  },
  { name: 'CREATE in the schema', on, sql: 'GRANT CREATE ON SCHEMA public TO pool_rw', field: /^schema pool\/public: access of pool_rw$/ },
  { name: 'a login as owner', on, sql: 'GRANT pool_owner TO alpha_user', field: /^role alpha_user: member of pool_owner$/ },
  { name: 'a login past row security', on, sql: 'ALTER ROLE alpha_user BYPASSRLS', field: /^role alpha_user: bypassRls$/ },
  { name: 'the group past row security', on, sql: 'ALTER ROLE pool_rw BYPASSRLS', field: /^role pool_rw: bypassRls$/ },
];

describeEachPostgres('drift of access to shared rows', { versions: 'each' }, (server, major) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), yaml, ['pool']);
    await world.runAs('pool_migrator', 'pool', made);
    await world.apply();
  });
  afterAll(async () => await world[Symbol.asyncDispose]());

  test('nothing is left to do at the start', async () => expect(await world.pending()).toEqual([]));

  test('a foreign table, which no guard can hold, stays closed', async () => {
    await world.catalog.run(
      'pool',
      'CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER nowhere FOREIGN DATA WRAPPER nowhere; CREATE FOREIGN TABLE far (workspace text) SERVER nowhere',
    );
    await world.apply();
    expect(await world.catalog.run('pool', `SELECT has_table_privilege('alpha_user', 'far', 'SELECT')`)).toEqual([[false]]);
    await world.catalog.run('pool', 'DROP FOREIGN DATA WRAPPER nowhere CASCADE');
    expect(await world.pending()).toEqual([]);
  });

  test('nothing is opened before its guard stands', async () => {
    await world.runAs('pool_migrator', 'pool', 'SET ROLE NONE; CREATE TABLE public.stray (workspace text)');
    const { plan } = await world.project.plan();
    const guard = plan.steps.find(({ address }) => address.kind === 'row-guard');
    const objects = plan.steps.find(({ address }) => address.kind === 'objects');
    expect(objects?.needs).toContain(guard?.id);
    expect(guard?.commands.map(({ text }) => text).join()).toContain('"stray" ENABLE ROW LEVEL SECURITY');
    await world.apply();
    await world.runAs('pool_migrator', 'pool', 'DROP TABLE stray');
    expect(await world.pending()).toEqual([]);
  });

  for (const [name, table] of Object.entries({ access })) {
    describe(name, () => {
      test.each(driftsOf(major, table))('$name', async (drift) => await world.expectMended(drift));
    });
  }
});
