import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DriftWorld } from '../../support/drift.ts';
import { describeEachPostgres } from '../../support/engines.ts';
import { at, query } from '../../support/query.ts';
import { refused } from '../../support/refused.ts';
import { envOfApp } from '../../../src/app/env.ts';
import { restoreApp } from '../../../src/app/restore.ts';
import { verifyProject } from '../../../src/app/verify.ts';

const apps = `apps:
  shop: { uses: { main: { connections: 5, logins: { app: rw, migrator: owner, reports: { as: read, connections: 2, statementTimeout: 5s, validUntil: '2099-01-31T00:00:00+01:00' } } } } }
  news: { uses: { main: { connections: 5, isolation: schema, database: shared, logins: { web: rw, migrator: owner, reports: read } } } }
  mail: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
`;

const levels = [
  { app: 'shop', database: 'shop', schema: 'public', main: 'shop_user' },
  { app: 'news', database: 'shared', schema: 'news', main: 'news_web' },
] as const;

describeEachPostgres('logins of an app', { versions: 'ends' }, (server) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), apps, []);
    for (const { app, database } of levels)
      await world.runAs(
        `${app}_migrator`,
        database,
        `CREATE TABLE docs (id serial PRIMARY KEY, tenant int, body text);
         INSERT INTO docs (tenant, body) VALUES (1, 'one'), (2, 'two');
         ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
         CREATE POLICY own ON docs USING (tenant = current_setting('app.tenant', true)::int);
         CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
      );
  });
  afterAll(async () => await world[Symbol.asyncDispose]());
  const proof = async () => (await verifyProject(await world.project.open(), { seed: 7 })).report;

  test('a second apply has nothing to do', async () => {
    expect(await world.pending()).toEqual([]);
  });

  describe.each(levels)('at $app', ({ app, database, schema, main }) => {
    const code = async (login: string, sql: string): Promise<string | null> => await refused(world.runAs(login, database, sql));

    test('what the migrator makes is for the others at once, each as it may', async () => {
      expect(await world.runAs(main, database, "SET app.tenant = '1'; SELECT body FROM docs")).toEqual([['one']]);
      await world.runAs(main, database, `SET app.tenant = '2'; INSERT INTO docs (tenant, body) VALUES (2, 'more'); SELECT f()`);
      expect(await world.runAs(`${app}_reports`, database, "SET app.tenant = '1'; SELECT count(*)::int FROM docs")).toEqual([[1]]);
      expect(await world.runAs(`${app}_migrator`, database, 'SELECT count(*)::int FROM docs')).toEqual([[3]]);
    });

    test.each([
      'CREATE TABLE more (id int)',
      `CREATE SCHEMA more`,
      'ALTER TABLE docs DISABLE ROW LEVEL SECURITY',
      'DROP TABLE docs',
      'TRUNCATE docs',
      'CREATE POLICY mine ON docs USING (true)',
      'SET row_security = off; SELECT * FROM docs',
      `SET ROLE ${app}_owner`,
      `SET ROLE ${app}_migrator`,
    ])('rw and read are refused: %s', async (sql) => {
      expect(await code(main, sql)).toBe('42501');
      expect(await code(`${app}_reports`, sql)).toBe('42501');
    });

    test.each([
      "INSERT INTO docs (tenant, body) VALUES (1, 'x')",
      'UPDATE docs SET body = body',
      'DELETE FROM docs',
      `SELECT nextval('${schema}.docs_id_seq')`,
      'CREATE TEMP TABLE x (id int)',
      'SELECT f()',
    ])('read is refused: %s', async (sql) => {
      expect(await code(`${app}_reports`, `SET app.tenant = '1'; ${sql}`)).toBe('42501');
    });

    test('no login gets into another database', async () => {
      for (const login of [main, `${app}_migrator`, `${app}_reports`])
        for (const other of ['shop', 'shared', 'postgres'].filter((one) => one !== database))
          expect(await refused(world.runAs(login, other, 'SELECT 1'))).toBe('42501');
    });
  });

  test('each has its limits', async () => {
    const rows = await world.catalog.run(
      'postgres',
      `SELECT rolname::text, rolconnlimit FROM pg_roles WHERE rolname ~ '^(shop|news)_(user|web|migrator|reports)$' ORDER BY 1`,
    );
    expect(rows).toEqual([
      ['news_migrator', 5],
      ['news_reports', 5],
      ['news_web', 5],
      ['shop_migrator', 5],
      ['shop_reports', 2],
      ['shop_user', 5],
    ]);
    expect(await world.catalog.run('postgres', "SELECT datconnlimit FROM pg_database WHERE datname = 'shop'")).toEqual([[17]]);
    expect(await world.runAs('shop_reports', 'shop', 'SHOW statement_timeout')).toEqual([['5s']]);
    const end = `SELECT rolvaliduntil = '2099-01-30 23:00+00' FROM pg_roles WHERE rolname = 'shop_reports'`;
    expect(await world.catalog.run('postgres', end)).toEqual([[true]]);
  });

  test('each has its environment', async () => {
    const project = await world.project.open();
    const named = async (app: string, login?: string) =>
      new Map((await envOfApp(project, app, login === undefined ? {} : { login })).variables.map(({ name, value }) => [name, value]));
    const shop = await named('shop');
    expect(shop.get('DATABASE_URL')).toContain('//shop_user:');
    expect(shop.get('SHOP_MIGRATOR_URL')).toContain('//shop_migrator:');
    expect(shop.get('SHOP_REPORTS_URL')).toContain('//shop_reports:');
    expect((await named('news')).get('DATABASE_URL')).toContain('//news_web:');
    expect((await named('shop', 'migrator')).get('POSTGRES_USER')).toBe('shop_migrator');
    await expect(envOfApp(project, 'shop', { login: 'nobody' })).rejects.toMatchObject({
      diagnostics: [{ code: 'CT2049', hint: 'its logins are: app, migrator, reports' }],
    });
    await expect(envOfApp(project, 'mail', { login: 'migrator' })).rejects.toMatchObject({ diagnostics: [{ code: 'CT2049' }] });
  });

  test('the proof attacks with every login, and sees one that may do more than it should', async () => {
    expect((await proof()).findings.filter(({ verdict }) => verdict !== 'RESIDUAL')).toEqual([]);
    await world.catalog.run('postgres', 'GRANT shop_owner TO shop_reports; GRANT news_owner TO news_web');
    const { findings } = await proof();
    for (const [app, login] of [
      ['shop', 'shop_reports'],
      ['news', 'news_web'],
    ] as const)
      expect(
        findings.map(({ probe, verdict, from, to }) => ({ probe, verdict, from, to })),
        login,
      ).toContainEqual({
        probe: 'PG-L1',
        verdict: 'BREACH',
        from: app,
        to: app,
      });
    await world.apply();
    expect((await proof()).findings.filter(({ verdict }) => verdict !== 'RESIDUAL')).toEqual([]);
  });

  test('a right on one column that only looks is seen, on whichever table', async () => {
    const inShop = (sql: string) => query(at(server().url, { database: 'shop' }), sql);
    await inShop('CREATE TABLE zz_last (a int, b int); ALTER TABLE zz_last OWNER TO shop_owner');
    await world.apply();
    await inShop('GRANT UPDATE (b) ON zz_last TO shop_reports');
    const { findings } = await proof();
    expect(findings.map(({ probe, verdict, answer }) => ({ probe, verdict, answer }))).toContainEqual({
      probe: 'PG-L1',
      verdict: 'BREACH',
      answer: 'zz_last',
    });
    await world.apply();
    expect((await proof()).findings.filter(({ verdict }) => verdict !== 'RESIDUAL')).toEqual([]);
    await inShop('DROP TABLE zz_last');
  });

  test('another level, another login and none are ordinary edits', async () => {
    const edits = [
      apps.replace('app: rw, migrator: owner, reports: { as: read', 'app: owner, migrator: rw, reports: { as: rw'),
      apps.replace(/, logins: \{ app.*\} \} \} \}/, ' } } }'),
      apps,
    ];
    for (const text of edits) {
      await world.manifest(text);
      const plan = await world.apply();
      expect(plan.steps.map(({ cause }) => cause)).toEqual(plan.steps.map(() => 'intended'));
      expect(await world.pending()).toEqual([]);
      if (text === edits[0]) expect(await world.runAs('shop_user', 'shop', 'SELECT count(*)::int FROM docs')).toEqual([[3]]);
      if (text === edits[1]) expect(await refused(world.runAs('shop_migrator', 'shop', 'SELECT 1'))).toBe('28000');
    }
    expect(await world.runAs('shop_user', 'shop', "SET app.tenant = '1'; SELECT count(*)::int FROM docs")).toEqual([[1]]);
    expect((await proof()).findings.filter(({ verdict }) => verdict !== 'RESIDUAL')).toEqual([]);
  });

  test('an app that goes takes all of them, and brings them back', async () => {
    await world.manifest(apps.replace(/ {2}shop:.*\n/, ''));
    await world.apply();
    const open = `SELECT count(*)::int FROM pg_roles WHERE rolname LIKE 'shop%' AND rolcanlogin`;
    expect(await world.catalog.run('postgres', open)).toEqual([[0]]);
    await world.manifest(apps);
    for await (const event of restoreApp(await world.project.open(), 'shop', { consent: async () => Promise.resolve(true) }))
      if (event.type === 'result') expect(event.ending).toBe('done');
    await world.apply();
    expect(await world.pending()).toEqual([]);
    expect(await world.runAs('shop_migrator', 'shop', 'SELECT count(*)::int FROM docs')).toEqual([[3]]);
    expect(await world.runAs('shop_user', 'shop', "SET app.tenant = '1'; SELECT count(*)::int FROM docs")).toEqual([[1]]);
  });
});

const rows = `apps:
  pool_a: { uses: { main: { connections: 4, isolation: rows, database: pool, logins: { app: rw, reports: read } } } }
  pool_b: { uses: { main: { connections: 4, isolation: rows, database: pool } } }
`;

describeEachPostgres('logins of an app at level rows', { versions: 'ends' }, (server) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), rows, []);
    await world.runAs('pool_migrator', 'pool', 'CREATE TABLE docs (workspace text, n int, PRIMARY KEY (workspace, n))');
    await world.apply();
    await world.runAs('pool_a_user', 'pool', "INSERT INTO docs VALUES ('pool_a', 1)");
    await world.runAs('pool_b_user', 'pool', "INSERT INTO docs VALUES ('pool_b', 2)");
  });
  afterAll(async () => await world[Symbol.asyncDispose]());
  const proof = async () =>
    (await verifyProject(await world.project.open(), { seed: 7 })).report.findings.filter(({ verdict }) => verdict !== 'RESIDUAL');

  test('a login at read sees its own workspace, and writes nothing', async () => {
    expect(await world.pending()).toEqual([]);
    expect(await world.runAs('pool_a_reports', 'pool', 'SELECT n FROM docs')).toEqual([[1]]);
    for (const sql of [
      "INSERT INTO docs VALUES ('pool_a', 3)",
      'DELETE FROM docs',
      'UPDATE docs SET n = 5',
      'SET ROLE pool_rw',
      'CREATE TABLE x (n int)',
    ])
      expect(await refused(world.runAs('pool_a_reports', 'pool', sql)), sql).toBe('42501');
    expect(await proof()).toEqual([]);
  });

  test('it comes and goes as an ordinary edit', async () => {
    for (const text of [rows.replace(', logins: { app: rw, reports: read }', ''), rows, rows.replace('reports: read', 'reports: rw')]) {
      await world.manifest(text);
      const plan = await world.apply();
      expect(plan.steps.map(({ cause }) => cause)).toEqual(plan.steps.map(() => 'intended'));
      expect(await world.pending()).toEqual([]);
      expect(await world.runAs('pool_a_user', 'pool', 'SELECT n FROM docs')).toEqual([[1]]);
    }
    expect(await world.runAs('pool_a_reports', 'pool', "INSERT INTO docs VALUES ('pool_a', 3); SELECT count(*)::int FROM docs")).toEqual([
      [2],
    ]);
    expect(await refused(world.runAs('pool_a_reports', 'pool', "INSERT INTO docs VALUES ('pool_b', 3)"))).toBe('42501');
    expect(await proof()).toEqual([]);
  });

  test('every app shows the migrator where it is asked for', async () => {
    const { variables } = await envOfApp(await world.project.open(), 'pool_b', { login: 'migrator' });
    expect(variables.find(({ name }) => name === 'POSTGRES_USER')?.value).toBe('pool_migrator');
    const plain = await envOfApp(await world.project.open(), 'pool_b');
    expect(plain.variables.map(({ name }) => name)).not.toContain('POOL_B_MIGRATOR_URL');
  });

  test('none acts as the owner', async () => {
    await world.manifest(rows.replace('reports: read', 'reports: owner'));
    await expect(world.project.open()).rejects.toMatchObject({ diagnostics: [{ code: 'CT2048' }] });
    await world.manifest(rows);
  });
});
