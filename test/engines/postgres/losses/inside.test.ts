import { beforeAll, expect, test } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import type { Plan } from '../../../../src/model/index.ts';

const PASSWORD = 'word';

const head = (port: number): string => `cotenant: 1
project: losses
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 }, perimeter: warn } }
`;

const people = `operators: { exporter: { may: [monitor] }, dump: { may: [read-all] } }
known: [{ user: report, on: main, why: it stays }]
`;

const app = `apps:
  shop: { uses: { main: { connections: 5, adopt: true, database: shopdb, names: { login: shop } } } }
`;

function told(plan: Plan): readonly string[] {
  const all = plan.steps.flatMap(({ losses = [] }) => losses);
  return [...new Set(all.flatMap(({ who, of, what }) => what.map((one) => `${who} ${of}: ${one}`)))].sort();
}

describeEachPostgres('who loses what inside a database', { versions: 'ends' }, (server) => {
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const as = (user: string, sql: string, database = 'shopdb') => query(at(server().url, { user, password: PASSWORD, database }), sql);
  let project: TestProject;

  beforeAll(async () => {
    for (const login of ['shop', 'report', 'exporter', 'dump', 'alice', 'bob'])
      await root(`CREATE ROLE ${login} LOGIN PASSWORD '${PASSWORD}'`);
    await root('CREATE ROLE team NOLOGIN; GRANT team TO bob');
    await root('CREATE DATABASE shopdb OWNER shop');
    await root(
      `CREATE TABLE orders (n int, note text); CREATE TABLE notes (n int); CREATE SEQUENCE numbers; CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
       CREATE SCHEMA side; CREATE TABLE side.t (n int); GRANT USAGE ON SCHEMA side TO PUBLIC; CREATE TYPE mood AS ENUM ('a');
       GRANT SELECT ON orders TO PUBLIC; GRANT USAGE ON SEQUENCE numbers TO PUBLIC; GRANT SELECT (n) ON notes TO alice; GRANT INSERT ON notes TO team;
       ALTER TABLE side.t OWNER TO team; ALTER TABLE orders OWNER TO shop; ALTER TABLE notes OWNER TO shop; ALTER FUNCTION one() OWNER TO shop; ALTER SEQUENCE numbers OWNER TO shop; ALTER TYPE mood OWNER TO alice;
       ALTER DEFAULT PRIVILEGES FOR ROLE shop IN SCHEMA public GRANT SELECT ON TABLES TO alice; GRANT SELECT ON side.t TO dump`,
      'shopdb',
    );
    project = await testProject(head(server().port) + app + people, { ADMIN: server().password });
    return async () => await project[Symbol.asyncDispose]();
  });

  test('strangers lose the way in, what they had by name, and what they own', async () => {
    const { plan } = await project.plan();
    const where = 'in database "shopdb"';
    expect(told(plan).filter((one) => /^(alice|bob) /.test(one))).toEqual([
      `alice null: SELECT on column "n" of table "public"."notes" ${where}`,
      `alice null: SELECT on each future table of "shop" ${where}`,
      `alice null: USAGE on type public.mood ${where}`,
      'alice null: connect to database "shopdb"',
      `alice null: ownership of type public.mood ${where}`,
      'bob null: INSERT on table "public"."notes" in database "shopdb"',
      'bob null: connect to database "shopdb"',
    ]);
  });

  test('the app’s own login, which becomes the owner, loses nothing of its own but the database and its limit', async () => {
    const { plan } = await project.plan();
    expect(told(plan).filter((one) => one.startsWith('shop ') && !one.includes('pg_logical_emit_message'))).toEqual([
      'shop shop: idle_in_transaction_session_timeout above 10min (nothing was set for it)',
      'shop shop: more than 5 sessions at a time (there was no limit)',
      'shop shop: ownership of database "shopdb"',
      'shop shop: temp_file_limit above 2GB (nothing was set for it)',
    ]);
  });

  test('a known login keeps by name what everybody loses, and an operator loses what its words do not say', async () => {
    const { plan } = await project.plan();
    expect(told(plan).filter((one) => one.startsWith('report '))).toEqual([]);
    const lost = told(plan).filter((one) => one.startsWith('exporter '));
    expect(lost).toContain('exporter exporter: SELECT on table "public"."orders" in database "shopdb"');
    expect(told(plan).filter((one) => one.startsWith('dump ') && one.includes('SELECT'))).toEqual([]);
    expect(await project.apply({ confirm: ['alice', 'bob'] })).toMatchObject({ ending: 'refused' });
    expect(await project.apply({ confirm: ['alice', 'bob', 'dump', 'exporter'] })).toMatchObject({ ending: 'done', trouble: '' });
    expect((await project.plan()).plan.steps).toEqual([]);
    for (const sql of ['SELECT * FROM orders', `SELECT nextval('numbers')`, 'SELECT one()'])
      expect(await as('report', sql), sql).toBeDefined();
    await expect(as('exporter', 'SELECT * FROM orders')).rejects.toThrow(/permission denied/);
    expect(await as('exporter', `SELECT has_schema_privilege('public', 'USAGE') AS yes`)).toEqual([{ yes: true }]);
    expect(await as('dump', 'SELECT * FROM side.t')).toEqual([]);
  });

  test('what is granted by hand later is taken as drift, with the name of whom it reaches', async () => {
    await root('GRANT CONNECT ON DATABASE shopdb TO team, alice');
    await root('GRANT SELECT ON orders TO alice; GRANT USAGE ON SCHEMA public TO team; GRANT EXECUTE ON FUNCTION one() TO alice', 'shopdb');
    const { plan } = await project.plan();
    expect(told(plan)).toEqual([
      'alice null: EXECUTE on function public.one() in database "shopdb"',
      'alice null: SELECT on table "public"."orders" in database "shopdb"',
      'alice null: connect to database "shopdb"',
      'bob null: connect to database "shopdb"',
      'bob null: use schema "public" in database "shopdb"',
    ]);
    expect(await project.apply({ confirm: ['alice'] })).toMatchObject({ ending: 'refused' });
    expect(await as('bob', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await project.apply({ confirm: ['alice', 'bob'] })).toMatchObject({ ending: 'done', trouble: '' });
    expect((await project.plan()).plan.steps).toEqual([]);
  });

  test('a right that leads nowhere, since its login cannot come in, is nobody’s loss', async () => {
    await root('GRANT SELECT ON orders TO alice, team', 'shopdb');
    const { plan } = await project.plan();
    expect(told(plan)).toEqual([]);
    expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
  });

  test('what is many is listed whole', async () => {
    const tables = Array.from({ length: 15 }, (_, nth) => `many_${nth}`);
    await root(
      tables.map((name) => `CREATE TABLE ${name} (); ALTER TABLE ${name} OWNER TO shop; GRANT UPDATE ON ${name} TO bob`).join('; '),
      'shopdb',
    );
    await root('GRANT CONNECT ON DATABASE shopdb TO bob');
    const said = told((await project.plan()).plan)
      .filter((one) => one.startsWith('bob '))
      .join();
    for (const name of tables) expect(said).toContain(`"public"."${name}"`);
    await root('REVOKE CONNECT ON DATABASE shopdb FROM bob');
    await root(`DROP TABLE ${tables.join(', ')}`, 'shopdb');
  });
});
