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
const guard = 'cotenant_guard';
const test_ = '(workspace = (SELECT cotenant.workspace()))';

const ofTables: readonly Drift[] = [
  {
    name: 'security disabled',
    on,
    sql: 'ALTER TABLE docs DISABLE ROW LEVEL SECURITY',
    field: /^row-guard pool\/public: row security of docs$/,
  },
  {
    name: 'security of a partitioned table disabled',
    on,
    sql: 'ALTER TABLE events DISABLE ROW LEVEL SECURITY',
    field: /^row-guard pool\/public: row security of events$/,
  },
  {
    name: 'security of a partition disabled',
    on,
    sql: 'ALTER TABLE events_2026 DISABLE ROW LEVEL SECURITY',
    field: /^row-guard pool\/public: row security of events_2026$/,
  },
  {
    name: 'security not forced',
    on,
    sql: 'ALTER TABLE docs NO FORCE ROW LEVEL SECURITY',
    field: /^row-guard pool\/public: forced row security of docs$/,
  },
  {
    name: 'security not forced, by the migrator',
    on,
    as: 'pool_migrator',
    sql: 'ALTER TABLE docs NO FORCE ROW LEVEL SECURITY',
    field: /^row-guard pool\/public: forced row security of docs$/,
  },
  { name: 'guard dropped', on, sql: `DROP POLICY ${guard} ON docs`, field: /^row-guard pool\/public: policy cotenant_guard on docs$/ },
  {
    name: 'guard of a partition dropped',
    on,
    sql: `DROP POLICY ${guard} ON events_2026`,
    field: /^row-guard pool\/public: policy cotenant_guard on events_2026$/,
  },
  {
    name: 'guard OR true',
    on,
    sql: `ALTER POLICY ${guard} ON docs USING (${test_} OR true)`,
    field: /^row-guard pool\/public: policy cotenant_guard on docs$/,
  },
  {
    name: 'guard without its check',
    on,
    sql: `ALTER POLICY ${guard} ON docs WITH CHECK (true)`,
    field: /^row-guard pool\/public: policy cotenant_guard on docs$/,
  },
  {
    name: 'guard for a workspace that is set',
    on,
    sql: `ALTER POLICY ${guard} ON docs USING (workspace = current_setting('app.workspace', true))`,
    field: /^row-guard pool\/public: policy cotenant_guard on docs$/,
  },
  {
    name: 'guard for other roles',
    on,
    sql: `ALTER POLICY ${guard} ON docs TO alpha_user`,
    field: /^row-guard pool\/public: policy cotenant_guard on docs$/,
  },
  {
    name: 'guard for PUBLIC',
    on,
    sql: `ALTER POLICY ${guard} ON docs TO PUBLIC`,
    field: /^row-guard pool\/public: policy cotenant_guard on docs$/,
  },
  {
    name: 'guard permissive instead',
    on,
    sql: `DROP POLICY ${guard} ON docs; CREATE POLICY ${guard} ON docs TO pool_rw USING ${test_} WITH CHECK ${test_}`,
    field: /^row-guard pool\/public: policy cotenant_guard on docs$/,
  },
  {
    name: 'guard for SELECT only',
    on,
    sql: `DROP POLICY ${guard} ON docs; CREATE POLICY ${guard} ON docs AS RESTRICTIVE FOR SELECT TO pool_rw USING ${test_}`,
    field: /^row-guard pool\/public: policy cotenant_guard on docs$/,
  },
  {
    name: 'guard with an operator of its own',
    on,
    sql: `CREATE SCHEMA evil; CREATE FUNCTION evil.yes(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true'; CREATE OPERATOR evil.= (leftarg = text, rightarg = text, function = evil.yes);
      ALTER POLICY ${guard} ON docs USING (workspace OPERATOR(evil.=) (SELECT cotenant.workspace())) `,
    field: /^row-guard pool\/public: policy cotenant_guard on docs$/,
    undo: 'DROP SCHEMA evil CASCADE',
  },
  {
    name: 'policy that opens what the guard leaves',
    on,
    sql: 'DROP POLICY cotenant_rows ON docs',
    field: /^row-guard pool\/public: policy cotenant_rows on docs$/,
  },
  {
    name: 'policy of the owner',
    on,
    sql: 'ALTER POLICY cotenant_owner ON docs USING (false)',
    field: /^row-guard pool\/public: policy cotenant_owner on docs$/,
  },
  {
    name: 'a new table with the column',
    on,
    as: 'pool_migrator',
    sql: 'CREATE TABLE fresh (workspace text, id uuid)',
    field: /^row-guard pool\/public: row security of fresh$/,
    holds: {
      sql: `SELECT relforcerowsecurity::text || has_table_privilege('alpha_user', oid, 'SELECT') FROM pg_class WHERE relname = 'fresh'`,
      is: 'truetrue',
    },
    undo: 'DROP TABLE fresh',
  },
  {
    name: 'the column taken from a table',
    on,
    as: 'pool_migrator',
    sql: 'CREATE TABLE later (workspace text)',
    field: /^row-guard pool\/public: row security of later$/,
    undo: 'DROP TABLE later',
  },
];

const machinery: readonly Drift[] = [
  {
    name: 'function replaced',
    on,
    sql: `CREATE OR REPLACE FUNCTION cotenant.workspace() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT current_setting(''app.workspace'')'`,
    field: /^row-guard pool\/public: guard's own function$/,
  },
  {
    name: 'function without its search path',
    on,
    sql: 'ALTER FUNCTION cotenant.workspace() RESET search_path',
    field: /^row-guard pool\/public: guard's own function$/,
  },
  {
    name: 'function with the rights of the caller',
    on,
    sql: 'ALTER FUNCTION cotenant.workspace() SECURITY INVOKER',
    field: /^row-guard pool\/public: guard's own function$/,
  },
  {
    name: 'function owned by a tenant',
    on,
    sql: 'ALTER FUNCTION cotenant.workspace() OWNER TO pool_owner',
    field: /^row-guard pool\/public: guard's own function$/,
  },
  {
    name: 'function taken from the group',
    on,
    sql: 'REVOKE ALL ON FUNCTION cotenant.workspace() FROM pool_rw',
    field: /^row-guard pool\/public: guard's own function$/,
  },
  {
    name: 'function granted to others',
    on,
    sql: 'GRANT EXECUTE ON FUNCTION cotenant.workspace() TO PUBLIC, shop_user',
    field: /^row-guard pool\/public: access to the guard's own function of shop_user$/,
  },
  {
    name: 'table granted to a tenant',
    on,
    sql: 'GRANT SELECT, UPDATE ON cotenant.workspaces TO alpha_user',
    field: /^row-guard pool\/public: access to the guard's own table of alpha_user$/,
  },
  {
    name: 'table with a rule',
    on,
    sql: `CREATE RULE evil AS ON INSERT TO cotenant.workspaces DO INSTEAD NOTHING`,
    field: /^row-guard pool\/public: guard's own table$/,
  },
  {
    name: 'table with a trigger',
    on,
    sql: `CREATE FUNCTION public.evil() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER evil BEFORE INSERT ON cotenant.workspaces FOR EACH ROW EXECUTE FUNCTION public.evil()`,
    field: /^row-guard pool\/public: guard's own table$/,
    undo: 'DROP FUNCTION public.evil()',
  },
  {
    name: 'table owned by a tenant',
    on,
    sql: 'GRANT ALL ON SCHEMA cotenant TO pool_owner; ALTER TABLE cotenant.workspaces OWNER TO pool_owner',
    field: /^row-guard pool\/public: guard's own table$/,
  },
  { name: 'table dropped', on, sql: 'DROP TABLE cotenant.workspaces', field: /^row-guard pool\/public: guard's own table$/ },
  {
    name: 'schema owned by a tenant',
    on,
    sql: 'ALTER SCHEMA cotenant OWNER TO pool_owner',
    field: /^row-guard pool\/public: guard's own schema$/,
  },
  {
    name: 'CREATE in its schema',
    on,
    sql: 'GRANT CREATE ON SCHEMA cotenant TO pool_rw',
    field: /^row-guard pool\/public: guard's own schema$/,
  },
  {
    name: 'all dropped',
    on,
    sql: 'DROP SCHEMA cotenant CASCADE',
    field: [/^row-guard pool\/public: guard's own schema$/, /policy cotenant_guard on docs$/],
  },
  {
    name: 'workspace changed',
    on,
    sql: `UPDATE cotenant.workspaces SET workspace = 'A' WHERE login = 'beta_user'`,
    field: /^row-guard pool\/public: workspace of beta_user$/,
  },
  {
    name: 'workspace added',
    on,
    sql: `INSERT INTO cotenant.workspaces VALUES ('shop_user', 'A')`,
    field: /^row-guard pool\/public: workspace of shop_user$/,
  },
  {
    name: 'workspace removed',
    on,
    sql: `DELETE FROM cotenant.workspaces WHERE login = 'alpha_user'`,
    field: /^row-guard pool\/public: workspace of alpha_user$/,
  },
];

describeEachPostgres('drift of shared rows', { versions: 'each' }, (server, major) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), yaml, ['pool']);
    await world.runAs('pool_migrator', 'pool', made);
    await world.apply();
  });
  afterAll(async () => await world[Symbol.asyncDispose]());

  test('nothing is left to do at the start', async () => expect(await world.pending()).toEqual([]));

  for (const [name, table] of Object.entries({ ofTables, machinery })) {
    describe(name, () => {
      test.each(driftsOf(major, table))('$name', async (drift) => await world.expectMended(drift));
    });
  }
});
