import { beforeEach, describe, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { wipe } from '../lifecycle/harness.ts';

const WORD = 'word';

/** `str` is a role without a login and without members; `eye` reads through what it, or the app's login, owns. */
describeEachPostgres('an adoption, and what runs with the rights of an owner', { versions: 'ends' }, (server, major) => {
  let project: TestProject;
  const root = (sql: string, database = 'shop') => query(at(server().url, { database }), sql);
  const as = async (user: string, sql: string): Promise<string> =>
    await query(at(server().url, { user, password: WORD, database: 'shop' }), sql).then(
      (rows) => JSON.stringify(rows),
      (error: unknown) => (error as { code: string }).code,
    );

  beforeEach(async () => {
    await wipe(server().url);
    await root('CREATE ROLE str NOLOGIN', 'postgres');
    for (const login of ['shop', 'eye']) await root(`CREATE ROLE ${login} LOGIN PASSWORD '${WORD}'`, 'postgres');
    await root('CREATE DATABASE shop OWNER shop', 'postgres');
    for (const who of ['eye', 'CURRENT_USER']) await root(`ALTER ROLE ${who} IN DATABASE shop SET search_path = shop, public`, 'postgres');
    await root(
      `CREATE SCHEMA shop AUTHORIZATION shop; GRANT USAGE ON SCHEMA shop TO eye, str; CREATE TABLE shop.orders (n int, of text); INSERT INTO shop.orders VALUES (1, 'a'), (2, 'b'); ALTER TABLE shop.orders OWNER TO shop;
       CREATE SCHEMA beside; CREATE TABLE beside.t (n int); INSERT INTO beside.t VALUES (3); GRANT USAGE ON SCHEMA beside TO shop; GRANT SELECT ON beside.t TO shop`,
    );
    project = await testProject('cotenant: 1\nproject: owners\n', { ADMIN: server().password });
    return async () => await project[Symbol.asyncDispose]();
  });

  const write = (level: string): Promise<void> =>
    project.write(`cotenant: 1
project: owners
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, perimeter: warn, connections: { reserve: 1 } } }
known: [{ user: eye, why: test }]
apps: { shop: { uses: { main: { adopt: true, ${level}, names: { login: shop }, connections: 5 } } } }
`);
  const whole = 'database: shop';
  const part = 'isolation: schema, database: shop, schema: shop';

  const told = async (who: string): Promise<readonly string[]> =>
    (await project.plan()).plan.steps.flatMap(({ losses = [] }) => losses.filter((loss) => loss.who === who).flatMap(({ what }) => what));
  const applied = async (): Promise<void> => {
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    expect((await project.plan()).plan.steps).toEqual([]);
  };
  const view = (owner: string, of = 'orders', kind = 'VIEW'): string =>
    `CREATE ${kind} v AS SELECT n FROM ${of} ORDER BY n; ALTER ${kind} v OWNER TO ${owner}; GRANT SELECT ON v TO eye, shop`;
  const open = 'GRANT SELECT ON orders TO str';

  /** Afterwards as before whether the view stays or goes, or nothing at all where that was told: never other rows. */
  const same: Readonly<Record<string, readonly [made: string, stays: boolean]>> = {
    'a view over a table that its owner reads': [`${open}; ${view('str')}`, false],
    'a view over a table that its owner may not read': [view('str'), true],
    'a view over rows that a policy chooses': [
      `${open}; ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY one ON orders USING (n = 1); ${view('str')}`,
      true,
    ],
    'a view over rows of which no policy speaks': [`${open}; ALTER TABLE orders ENABLE ROW LEVEL SECURITY; ${view('str')}`, true],
    'a materialized view over rows that a policy chooses': [
      `${open}; ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY one ON orders USING (n = 1); ${view('str', 'orders', 'MATERIALIZED VIEW')}`,
      true,
    ],
    'a view through which others may write what its owner may not': [`${open}; ${view('str')}; GRANT UPDATE ON v TO eye`, true],
    'a function that runs as its owner': [
      `${open}; CREATE FUNCTION v() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM orders'; ALTER FUNCTION v() OWNER TO str`,
      true,
    ],
  };

  describe.each([whole, part])('%s: what a role of nobody’s owns', (level) => {
    it.each(Object.keys(same))('%s gives no other rows', async (name) => {
      const [made = '', stays = false] = same[name] ?? [];
      await root(made);
      const use = name.startsWith('a function') ? 'SELECT v()' : 'SELECT * FROM v';
      const all = [use, 'UPDATE v SET n = n WHERE false'];
      const before = await Promise.all(all.map(async (sql) => await as('eye', sql)));
      await write(level);
      const owned = await told('str');
      const losses = await told('eye');
      expect(owned.some((one) => one.startsWith('ownership of'))).toBe(!stays);
      await applied();
      const after = await Promise.all(all.map(async (sql) => await as('eye', sql)));
      // What the role itself was given goes, and whoever rests on that is told.
      if (JSON.stringify(after) !== JSON.stringify(before)) {
        expect(losses).toContainEqual(expect.stringMatching(/shop\.v.*its owner "str" loses/));
        expect(after[0]).toMatch(/^42/);
      }
    });

    it('a table that the app works with goes to it, and the role is told', async () => {
      await root('CREATE TABLE plain (n int); ALTER TABLE plain OWNER TO str; GRANT ALL ON plain TO shop');
      await write(level);
      expect(await told('str')).toContainEqual(expect.stringMatching(/^ownership of table "shop"."plain"/));
      await applied();
    });
  });

  it('a view of the app’s login over what the login may read by name, and the owner role may not: its readers are told', async () => {
    await root(view('shop', 'beside.t'));
    await write(part);
    expect(await as('eye', 'SELECT * FROM v')).toBe('[{"n":3}]');
    const losses = await told('eye');
    await applied();
    const after = await as('eye', 'SELECT * FROM v');
    expect({ after, told: losses.some((one) => one.startsWith('view shop.v')) }).toEqual({ after: '42501', told: true });
  });

  it('a function of the app’s login over that: its callers are told', async () => {
    await root(
      `CREATE FUNCTION f() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM beside.t'; ALTER FUNCTION f() OWNER TO shop`,
    );
    await write(part);
    expect(await as('eye', 'SELECT f() AS n')).toBe('[{"n":"1"}]');
    const losses = await told('eye');
    await applied();
    expect({ after: await as('eye', 'SELECT f() AS n'), told: losses.some((one) => one.startsWith('function shop.f()')) }).toEqual({
      after: '42501',
      told: true,
    });
  });

  it('a view of the app’s login over a foreign table, through its user mapping: its readers are told', async () => {
    await root(
      `CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'localhost', port '${server().port}', dbname 'shop');
       CREATE FOREIGN TABLE distant (n int) SERVER far OPTIONS (schema_name 'shop', table_name 'orders'); ALTER FOREIGN TABLE distant OWNER TO shop;
       CREATE USER MAPPING FOR shop SERVER far OPTIONS (user 'shop', password '${WORD}'); ${view('shop', 'distant')}`,
    );
    await write(whole);
    expect(await as('eye', 'SELECT * FROM v')).toBe('[{"n":1},{"n":2}]');
    const losses = await told('eye');
    await applied();
    const after = await as('eye', 'SELECT * FROM v');
    expect({ works: after.startsWith('['), told: losses.some((one) => one.startsWith('view shop.v')) }).toEqual({
      works: false,
      told: true,
    });
  });

  it.skipIf(major < 15)('a view that runs as its reader goes with its table', async () => {
    await root(
      `ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY one ON orders USING (n = 1); GRANT SELECT ON orders TO eye; ${view('str')}; ALTER VIEW v SET (security_invoker = true)`,
    );
    await write(whole);
    const before = await as('eye', 'SELECT * FROM v');
    expect(await told('str')).toContainEqual(expect.stringMatching(/^ownership of view "shop"."v"/));
    await applied();
    expect(await as('eye', 'SELECT * FROM v')).toBe(before);
  });
});
