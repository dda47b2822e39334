import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freshPostgres } from '../../../support/engines.ts';
import { everyday } from '../../../support/sample.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { applyFixes, fixPlan } from '../../../../src/app/fix.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import type { VerifyReport } from '../../../../src/model/index.ts';
import type { PostgresServer } from '../runtime.ts';

const APPS = `apps:
  shop: { uses: { main: { connections: 5 } } }
  blog: { uses: { main: { connections: 5 } } }
  news: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
  mail: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
readers:
  analytics: { reads: [shop, news], connections: 2 }
`;

interface CatalogSnapshot extends AsyncDisposable {
  readonly server: PostgresServer;
  readonly project: TestProject;
  sql(database: string, text: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** With the password that the store has. */
  as(login: string, database: string, text: string): Promise<unknown>;
  verify(): Promise<VerifyReport>;
  /** Gives how it ended, and what was said. */
  fix(report: VerifyReport, confirm?: readonly string[]): Promise<readonly string[]>;
}

async function world(apps = APPS, config = ''): Promise<CatalogSnapshot> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await freshPostgres());
  const instance = `{ engine: postgres, url: 'postgres://postgres@${server.host}:${server.port}/postgres', password: { env: ADMIN }${config} }`;
  const project = stack.use(
    await testProject(`cotenant: 1\nproject: tests\ninstances: { main: ${instance} }\n${apps}`, { ADMIN: server.password }),
  );
  const { trouble } = await project.apply();
  expect(trouble).toBe('');
  const all = stack.move();
  return {
    server,
    project,
    sql: async (database, text) => await query(at(server.url, { database }), text),
    as: async (login, database, text) => {
      const { secrets } = await project.open();
      return await query(at(server.url, { user: login, password: secrets.peek({ secret: `main/${login}` }) ?? '', database }), text);
    },
    verify: async () => (await verifyProject(await project.open(), { seed: 7 })).report,
    fix: async (report, confirm = []) => {
      const said: string[] = [];
      for await (const event of applyFixes(await project.open(), report, { consent: () => Promise.resolve(true), confirm })) {
        if (event.type === 'diagnostic') said.push(event.diagnostic.message);
        if (event.type === 'result') said.unshift(event.ending);
      }
      return said;
    },
    [Symbol.asyncDispose]: async () => await all.disposeAsync(),
  };
}

const statements = (report: VerifyReport): readonly string[] => [
  ...new Set(report.findings.flatMap(({ fix }) => fix.map(({ statement }) => statement.text))),
];

describe('a fix', () => {
  const memberships = [
    ['shop_ro', 'blog_user'],
    ['shop_owner', 'blog_user'],
    ['shop_rw', 'blog_owner'],
    ['news_ro', 'mail_owner'],
    ['news_owner', 'shop_user'],
    ['shop_ro', 'mail_rw'],
  ] as const;
  test.each(everyday(memberships, { oneOf: 6 }))(
    'of a membership in %s that %s should not have is that membership and nothing else',
    async (group, member) => {
      await using it = await world();
      await it.as(
        'shop_user',
        'shop',
        "CREATE TABLE orders (id serial PRIMARY KEY); INSERT INTO orders DEFAULT VALUES; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      );
      await it.as('news_user', 'shared', 'CREATE TABLE letters (id int)');
      await it.sql('postgres', `GRANT ${group} TO ${member}`);
      const report = await it.verify();
      expect(report.findings.length).toBeGreaterThan(0);
      expect(statements(report)).toEqual([expect.stringMatching(new RegExp(`^REVOKE "${group}" FROM "${member}"`))]);
      const alone = report.findings.filter(({ fix, under }) => fix.length === 0 && under === undefined);
      expect(alone.map((one) => `${one.probe} ${one.half} ${one.from} > ${one.to}: ${one.statement} | ${one.answer}`)).toEqual([]);
      for (const { under } of report.findings.filter(({ fix }) => fix.length === 0)) expect(under).toContain(`${member} → ${group}`);
      expect(await it.fix(report)).toEqual(['done']);
      expect((await it.verify()).findings).toEqual([]);
      expect(await it.as('analytics_user', 'shop', 'SELECT count(*)::int AS n FROM orders')).toEqual([{ n: 1 }]);
      expect((await it.project.plan()).plan.steps).toEqual([]);
    },
  );

  test("of what a reader's group has too much takes that, and leaves what it should have", async () => {
    await using it = await world();
    await it.as('shop_user', 'shop', 'CREATE TABLE orders (id serial PRIMARY KEY)');
    await it.sql('shop', 'GRANT INSERT ON orders TO shop_ro');
    const report = await it.verify();
    expect(statements(report)).toEqual(['REVOKE INSERT ON TABLE "public"."orders" FROM "shop_ro" CASCADE']);
    expect(await it.fix(report)).toEqual(['done']);
    expect(await it.as('analytics_user', 'shop', 'SELECT * FROM orders')).toEqual([]);
  });

  test('that takes something from a stranger wants their name', async () => {
    await using it = await world();
    await it.as('shop_user', 'shop', 'CREATE TABLE orders (id serial PRIMARY KEY)');
    await it.sql('postgres', "CREATE USER bi PASSWORD 'x'; CREATE ROLE club; GRANT club TO bi");
    await it.sql('shop', 'GRANT SELECT ON orders TO bi; GRANT USAGE ON SCHEMA public TO club; GRANT shop_ro TO bi');
    const report = await it.verify();
    const losses = fixPlan(await it.project.open(), report).steps.flatMap((step) => step.losses ?? []);
    expect([...new Set(losses.map(({ who, of }) => `${who} ${of}`))]).toEqual(['bi null']);
    const refused = await it.fix(report);
    expect(refused[0]).toBe('refused');
    expect(refused.join('\n')).toContain('"bi"');
    expect(await it.fix(report, ['bi'])).toEqual(['done']);
  });

  test('touches nothing of a database that is not adopted, nor of one of another project: the finding says what does', async () => {
    await using it = await world('apps:\n  shop: { uses: { main: { connections: 5 } } }\n');
    const { host, port, password } = it.server;
    await using others = await testProject(
      `cotenant: 1\nproject: others\ninstances: { main: { engine: postgres, url: 'postgres://postgres@${host}:${port}/postgres', password: { env: ADMIN } } }\napps: { tool: { uses: { main: { isolation: schema, database: shared, connections: 5 } } } }\n`,
      { ADMIN: password },
    );
    expect((await others.apply()).trouble).toBe('');
    await it.sql(
      'postgres',
      "CREATE USER hand_o PASSWORD 'x'; CREATE USER bi PASSWORD 'x'; CREATE ROLE hand_user LOGIN PASSWORD 'x' CREATEDB",
    );
    await it.sql('postgres', 'CREATE DATABASE hand OWNER hand_o');
    await it.sql('hand', 'CREATE TABLE t (x int); ALTER TABLE t OWNER TO hand_o; GRANT ALL ON t TO bi; GRANT ALL ON SCHEMA public TO bi');
    const own = await readFile(join(it.project.path, 'cotenant.yaml'), 'utf8');
    await it.project.write(
      `${own}  hand: { uses: { main: { connections: 5 } } }\n  blog: { uses: { main: { isolation: schema, database: shared, connections: 5 } } }\n`,
    );
    const report = await it.verify();
    expect(statements(report)).toEqual([]);
    const why = report.findings.map((finding) => finding.why).join('\n');
    expect(why).toContain('Database "hand" is not cotenant\'s: with `adopt: true` in the placement');
    expect(why).toContain('Role "hand_user" is not cotenant\'s');
    expect(why).toContain('Role "shared_tenants" belongs to project "others"');
  });

  test('does not drop an extension that nobody asked for: the finding names the entry that does, and closes it', async () => {
    await using it = await world('apps:\n  shop: { uses: { main: { connections: 5 } } }\n');
    await it.sql('shop', 'CREATE EXTENSION postgres_fdw');
    const { findings } = await it.verify();
    expect(findings.map(({ probe, fix }) => [probe, fix])).toEqual([['PG-P16', []]]);
    expect(findings[0]?.why).toContain('`extensions: [postgres_fdw]` in the placement of shop says that it is wanted');
    expect((await it.project.plan()).plan.steps).toEqual([]);
    const own = await readFile(join(it.project.path, 'cotenant.yaml'), 'utf8');
    await it.project.write(own.replace('connections: 5', 'connections: 5, extensions: [postgres_fdw]'));
    expect((await it.project.apply()).trouble).toBe('');
    expect((await it.verify()).findings).toEqual([]);
  });

  test('leaves to a known login what it does as another role', async () => {
    await using it = await world('apps:\n  shop: { uses: { main: { connections: 5 } } }\nknown: [{ user: gate, why: test }]\n');
    await it.as('shop_user', 'shop', "CREATE TABLE orders (id int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'");
    await it.sql('postgres', "CREATE USER gate PASSWORD 'x' NOINHERIT; CREATE ROLE anon; GRANT anon TO gate; CREATE USER mid PASSWORD 'x'");
    await it.sql(
      'shop',
      'GRANT CONNECT ON DATABASE shop TO gate, mid; GRANT USAGE ON SCHEMA public TO anon, gate, mid; GRANT SELECT ON orders TO PUBLIC',
    );
    await it.sql('shop', 'GRANT EXECUTE ON FUNCTION f() TO mid WITH GRANT OPTION; SET ROLE mid; GRANT EXECUTE ON FUNCTION f() TO anon');
    const gate = at(it.server.url, { user: 'gate', password: 'x', database: 'shop' });
    const asAnon = 'SET ROLE anon; SELECT count(*) FROM orders; SELECT f()';
    await query(gate, asAnon);
    const report = await it.verify();
    expect(report.findings.length).toBeGreaterThan(0);
    expect(await it.fix(report, ['mid'])).toEqual(['done']);
    await query(gate, asAnon);
  });

  const lab = "CREATE USER reader PASSWORD 'x'; CREATE USER writer PASSWORD 'x'; CREATE ROLE group_w; GRANT group_w TO writer";

  test('does not close a database of nobody here: the finding says what does', async () => {
    await using it = await world();
    await it.sql('postgres', lab);
    await it.sql('postgres', 'CREATE DATABASE lab');
    const report = await it.verify();
    expect(statements(report)).toEqual([]);
    expect(report.findings.map(({ why }) => why)).toContainEqual(expect.stringContaining('`foreignDatabases: close` on the instance'));
  });

  test('that closes a database of nobody here, where the manifest asks for it, gives it by name to those who had it only so', async () => {
    await using it = await world();
    await it.sql('postgres', lab);
    await it.sql('postgres', 'CREATE DATABASE lab');
    await it.sql('postgres', 'GRANT CONNECT ON DATABASE lab TO group_w');
    const url = at(it.server.url, { user: 'reader', password: 'x', database: 'lab' });
    await query(url, 'CREATE TEMPORARY TABLE t (x int)');
    await it.project.write(
      (await readFile(join(it.project.path, 'cotenant.yaml'), 'utf8')).replace('{ env: ADMIN }', '{ env: ADMIN }, foreignDatabases: close'),
    );
    const report = await it.verify();
    expect(await it.fix(report)).toEqual(['done']);
    await query(url, 'CREATE TEMPORARY TABLE t (x int)');
    await query(at(url, { user: 'writer' }), 'SELECT 1');
    await expect(it.as('blog_user', 'lab', 'SELECT 1')).rejects.toMatchObject({ code: '42501' });
    expect((await it.verify()).findings).toEqual([]);
  });

  test('`foreignDatabases: close` of an apply does so too', async () => {
    await using it = await world();
    await it.sql('postgres', "CREATE USER reader PASSWORD 'x'");
    await it.sql('postgres', 'CREATE DATABASE lab');
    const { host, port, password } = it.server;
    await using closing = await testProject(
      `cotenant: 1\nproject: others\ninstances: { main: { engine: postgres, url: 'postgres://postgres@${host}:${port}/postgres', password: { env: ADMIN }, foreignDatabases: close } }\napps: { tool: { uses: { main: { connections: 5 } } } }\n`,
      { ADMIN: password },
    );
    expect((await closing.apply()).trouble).toBe('');
    await query(at(it.server.url, { user: 'reader', password: 'x', database: 'lab' }), 'CREATE TEMPORARY TABLE t (x int)');
    await expect(it.as('blog_user', 'lab', 'SELECT 1')).resolves.toBeTruthy();
    expect((await closing.plan()).plan.steps).toEqual([]);
  });

  test('names whom it takes something from by name, even where that login cannot come in now', async () => {
    await using it = await world();
    await it.sql(
      'shop',
      "CREATE USER web PASSWORD 'x'; CREATE TABLE own (id int); ALTER TABLE own OWNER TO shop_owner; GRANT SELECT ON own TO web",
    );
    const taken = (await it.verify()).findings.flatMap(({ fix }) => fix).filter(({ statement }) => /REVOKE.*own.*web/.test(statement.text));
    expect(taken.map(({ losses }) => losses?.map(({ who }) => who))).toEqual([['web']]);
  });

  test('never drops, never alters the system, never hands a maintenance database or what lies in it to somebody', async () => {
    await using it = await world();
    await it.sql('postgres', "CREATE USER web PASSWORD 'x'; CREATE ROLE service NOLOGIN; CREATE USER boss PASSWORD 'x' IN ROLE service");
    await it.sql('postgres', 'GRANT CREATE ON SCHEMA public TO web; ALTER DATABASE postgres OWNER TO service');
    await it.sql('postgres', 'CREATE TABLE pages (id int); ALTER TABLE pages OWNER TO web');
    await it.sql(
      'shop',
      'CREATE EXTENSION pg_stat_statements; CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w; CREATE USER MAPPING FOR shop_user SERVER far; CREATE PUBLICATION everything FOR ALL TABLES',
    );
    await it.sql(
      'shop',
      'CREATE TABLE own (id int); ALTER TABLE own OWNER TO web; CREATE COLLATION odd FROM "C"; ALTER COLLATION odd OWNER TO web',
    );
    await it.sql(
      'shop',
      'CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$; CREATE EVENT TRIGGER watch ON sql_drop EXECUTE FUNCTION watch()',
    );
    await it.sql('postgres', "ALTER SYSTEM SET archive_command = 'PGPASSWORD=hunter2 cp %p /x'");
    await it.sql('postgres', 'SELECT pg_reload_conf()');
    const report = await it.verify();
    expect(statements(report).filter((text) => /DROP|ALTER SYSTEM|OWNER TO|pg_reload_conf/.test(text))).toEqual([]);
  });

  test.each([
    [
      'a column called role',
      "CREATE TABLE members (role text); CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$BEGIN UPDATE members SET role = 'admin'; -- create user row\nEND$$",
    ],
    ['a polyfill', 'CREATE FUNCTION age(date) RETURNS int LANGUAGE plpgsql AS $$BEGIN RETURN 1; END$$'],
    ['an aggregate', 'CREATE AGGREGATE total (int) (sfunc = int4pl, stype = int)'],
    ['a range', 'CREATE TYPE span AS RANGE (SUBTYPE = int4)'],
    ['a view that names a role', "CREATE VIEW v AS SELECT set_config('role', 'none', false)"],
  ])('is not asked for %s', async (_, sql) => {
    await using it = await world();
    await it.as('shop_user', 'shop', sql);
    await it.project.apply();
    const { findings } = await it.verify();
    // A busy machine proves less.
    expect(findings.filter(({ why }) => !why.includes('55P03'))).toEqual([]);
    expect((await it.project.plan()).plan.steps).toEqual([]);
  });
});
