import { beforeAll, expect, test } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { refused } from '../../../support/refused.ts';

const manifest = (port: number): string => `cotenant: 1
project: digi
instances:
  main: { engine: postgres, url: "postgres://steward@127.0.0.1:${port}/postgres", password: { env: PW } }
defaults: { postgres: { connections: 5 } }
apps:
  shop: { uses: { main: {} } }
  wiki: { uses: { main: {} } }
  news: { uses: { main: { isolation: schema, database: shared } } }
  mail: { uses: { main: { isolation: schema, database: shared } } }
shares:
  - { from: shop, tables: [orders], to: wiki, via: grant }
  - { from: news, tables: [posts], to: mail, via: grant }
`;

const watching = { shared_preload_libraries: 'pg_stat_statements', log_statement: 'all' };

describeEachPostgres('the password of a share', { versions: 'ends', settings: watching }, (server) => {
  test('is not among the statements that the server counts', async () => {
    const yaml = manifest(server().port).replace('postgres://steward@', 'postgres://postgres@');
    await query(server().url, 'CREATE EXTENSION pg_stat_statements');
    await using project = await testProject(yaml, { PW: server().password });
    expect((await project.apply()).trouble).toBe('');
    const rows = await query(server().url, 'SELECT query FROM pg_stat_statements');
    const counted = rows.map((row) => String(row['query'])).join('\n');
    expect(counted).toContain('CREATE SERVER');
    expect(counted).not.toMatch(/USER MAPPING/);
  });
});

describeEachPostgres('the address of the server for itself', { versions: 'newest' }, (server) => {
  test('is what the manifest says', async () => {
    const yaml = manifest(server().port)
      .replace('postgres://steward@', 'postgres://postgres@')
      .replace('password:', 'loopback: { host: localhost }, sslmode: disable, password:');
    await using project = await testProject(yaml, { PW: server().password });
    const { ending, trouble } = await project.apply();
    expect([ending, trouble]).toEqual(['done', '']);
    const [row] = await query(at(server().url, { database: 'wiki' }), 'SELECT srvoptions FROM pg_foreign_server');
    expect(row?.['srvoptions']).toEqual(expect.arrayContaining(['host=localhost', `port=${server().port}`, 'dbname=shop']));
  });
});

describeEachPostgres("shares, as a managed service's admin", { versions: 'ends' }, (server) => {
  let project: TestProject;
  const root = async (database: string, sql: string): Promise<unknown> => await query(at(server().url, { database }), sql);
  const as = async (app: string, database: string, sql: string): Promise<unknown> => {
    const { secrets } = await project.open();
    const password = secrets.peek({ secret: `main/${app}_user` }) ?? '';
    return await query(at(server().url, { database, user: `${app}_user`, password }), sql);
  };
  const codes = async (): Promise<readonly string[]> =>
    [...new Set((await project.plan()).plan.diagnostics.map(({ code }) => code))].sort();
  const apply = async (): Promise<unknown> => {
    const { ending, trouble } = await project.apply();
    return [ending, trouble];
  };
  beforeAll(async () => {
    await root('postgres', `CREATE ROLE steward LOGIN CREATEROLE CREATEDB PASSWORD 'steward'`);
    project = await testProject(manifest(server().port), { PW: 'steward' });
    expect(await apply()).toEqual(['done', '']);
    await as('shop', 'shop', 'CREATE TABLE orders AS SELECT 1 AS id');
    await as('news', 'shared', 'CREATE TABLE posts AS SELECT 2 AS id');
    expect(await apply()).toEqual(['done', '']);
    return async () => await project[Symbol.asyncDispose]();
  });

  test('work inside one database, and the way to another one is named as what it cannot build', async () => {
    expect(await as('mail', 'shared', 'SELECT id FROM news.posts')).toEqual([{ id: 2 }]);
    expect(await refused(as('wiki', 'wiki', 'SELECT id FROM from_shop.orders'))).toBe('42P01');
    const { plan } = await project.plan();
    expect(plan.steps).toEqual([]);
    expect(plan.diagnostics.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('extension "postgres_fdw" of database "wiki" can only be installed by a superuser'),
    );
  });

  test('work across databases where it may use the wrapper', async () => {
    await root('wiki', 'CREATE EXTENSION postgres_fdw SCHEMA cotenant; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO steward');
    expect(await codes()).toContain('CT2027');
    expect(await apply()).toEqual(['done', '']);
    expect(await as('wiki', 'wiki', 'SELECT id FROM from_shop.orders')).toEqual([{ id: 1 }]);
    expect(await codes()).not.toContain('CT2027');
    expect((await project.plan()).plan.steps).toEqual([]);
  });

  test('go when they are taken out of the manifest', async () => {
    await project.write(manifest(server().port).replace(/shares:[\s\S]*/, ''));
    expect(await apply()).toEqual(['done', '']);
    expect(await root('wiki', 'SELECT count(*)::int AS n FROM pg_foreign_server')).toEqual([{ n: 0 }]);
    expect(await root('postgres', `SELECT count(*)::int AS n FROM pg_roles WHERE rolname LIKE 'wiki%shop%'`)).toEqual([{ n: 0 }]);
    expect((await project.plan()).plan.steps).toEqual([]);
  });
});
