import { afterAll, beforeAll, expect, test } from 'vitest';
import { DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { verifyProject } from '../../../../src/app/verify.ts';

describeEachPostgres('others at a share across databases', { versions: 'ends' }, (server) => {
  let world: DriftWorld;
  const apps = 'apps:\n  shop: { uses: { main: { connections: 5 } } }\n  wiki: { uses: { main: { connections: 5 } } }\n';
  const share = 'shares: [{ from: shop, tables: [orders, later], to: wiki, via: grant }]\n';
  const wiki = (sql: string) => query(server().url.replace(/postgres$/, 'wiki'), sql);
  const told = async (): Promise<readonly string[]> =>
    (await world.project.plan()).plan.steps.flatMap(({ losses = [] }) =>
      losses.flatMap(({ who, of, what }) => what.map((one) => `${who} (${of ?? '-'}) ${one}`)),
    );
  beforeAll(async () => {
    world = await DriftWorld.make(server(), apps + share, ['shop', 'wiki']);
    await query(
      server().url,
      `CREATE ROLE audit LOGIN PASSWORD 'x'; CREATE ROLE team NOLOGIN; CREATE ROLE member LOGIN; GRANT team TO member`,
    );
    await world.runAs('shop_user', 'shop', 'CREATE TABLE orders (id int); INSERT INTO orders VALUES (1)');
    await world.apply();
  });
  afterAll(async () => await world[Symbol.asyncDispose]());

  test('a table that it waited for is no drift', async () => {
    expect(await world.pending()).toEqual([]);
    await world.runAs('shop_user', 'shop', 'CREATE TABLE later (id int)');
    const { plan } = await world.project.plan();
    expect(plan.steps.map(({ cause }) => cause)).toEqual(plan.steps.map(() => 'intended'));
    expect(plan.steps.length).toBeGreaterThan(0);
    await world.apply();
    expect(await world.pending()).toEqual([]);
    await query(server().url.replace(/postgres$/, 'shop'), 'REVOKE SELECT ON later FROM wiki_reads_shop');
    expect(new Set((await world.project.plan()).plan.steps.map(({ cause }) => cause))).toEqual(new Set(['drift']));
    await world.apply();
  });

  test('a view that somebody else has put among its views stays, and the plan names it', async () => {
    await wiki(
      `CREATE VIEW from_shop.mine AS SELECT id FROM from_shop.orders; ALTER VIEW from_shop.mine OWNER TO audit; CREATE VIEW from_shop.dash AS SELECT 1 AS n`,
    );
    const { plan } = await world.project.plan();
    expect(plan.steps).toEqual([]);
    expect(plan.diagnostics.filter(({ code }) => code === 'CT2026').map(({ message }) => message)).toEqual([
      'what "postgres" has put at from_shop.dash in "wiki" is left unchanged, and the share shows nothing there',
      'what "audit" has put at from_shop.mine in "wiki" is left unchanged, and the share shows nothing there',
    ]);
    const { report } = await verifyProject(await world.project.open(), { seed: 1 });
    expect(report.findings.filter(({ probe }) => probe.startsWith('X'))).toEqual([]);
    await world.manifest(apps);
    await world.apply();
    expect(await wiki(`SELECT relname FROM pg_class WHERE relnamespace = 'from_shop'::regnamespace ORDER BY 1`)).toContainEqual({
      relname: 'mine',
    });
    expect(await world.pending()).toEqual([]);
    await world.manifest(apps + share);
    await world.apply();
    await wiki('DROP VIEW from_shop.mine; DROP VIEW from_shop.dash');
    expect(await world.pending()).toEqual([]);
  });

  test('whoever was given something on its views by hand is told of it', async () => {
    await wiki(
      `GRANT CONNECT ON DATABASE wiki TO audit, team; GRANT USAGE ON SCHEMA from_shop TO audit, team; GRANT SELECT ON from_shop.orders TO audit, team;
       CREATE USER MAPPING FOR audit SERVER from_shop OPTIONS (user 'audit', password 'x')`,
    );
    expect((await told()).filter((one) => one.includes('shop')).sort()).toEqual([
      'audit (-) SELECT on "from_shop"."orders" of database "wiki"',
      'audit (-) its user mapping on foreign server "from_shop" of database "wiki"',
      'audit (-) use schema "from_shop" of database "wiki"',
      'member (-) SELECT on "from_shop"."orders" of database "wiki"',
      'member (-) use schema "from_shop" of database "wiki"',
    ]);
  });

  test('whoever uses its foreign server is told, and what others have put on that keeps it when the share goes', async () => {
    await world.apply().catch(() => undefined);
    await query(server().url, `CREATE ROLE dev LOGIN`);
    await wiki(
      `GRANT CONNECT ON DATABASE wiki TO dev; GRANT USAGE ON FOREIGN SERVER from_shop TO dev; CREATE SCHEMA dev AUTHORIZATION dev`,
    );
    expect(await told()).toContain('dev (-) use foreign server "from_shop" of database "wiki"');
    await wiki(
      `CREATE FOREIGN TABLE dev.mine (id int) SERVER from_shop OPTIONS (schema_name 'public', table_name 'orders'); ALTER FOREIGN TABLE dev.mine OWNER TO dev;
       CREATE USER MAPPING FOR dev SERVER from_shop OPTIONS (user 'dev', password 'x')`,
    );
    await world.manifest(apps);
    const { plan } = await world.project.plan();
    expect(plan.diagnostics.filter(({ code }) => code === 'CT2026').map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /from_shop.*foreign table dev\.mine of "dev", the user mapping of "dev" on foreign server "from_shop" would be dropped with it/,
      ),
    ]);
    expect(
      plan.steps
        .flatMap(({ commands }) => commands.map(({ text }) => text))
        .filter((text) => /DROP SERVER|CASCADE/.test(text) && !text.startsWith('REVOKE')),
    ).toEqual([]);
    await world.apply();
    expect(await wiki(`SELECT srvname FROM pg_foreign_server`)).toEqual([{ srvname: 'from_shop' }]);
    expect(await wiki(`SELECT usename FROM pg_user_mappings`)).toEqual([{ usename: 'dev' }]);
    expect(await world.pending()).toEqual([]);
    // Nobody uses it any more: it goes, with all that shares needed.
    await wiki(
      `DROP FOREIGN TABLE dev.mine; DROP USER MAPPING FOR dev SERVER from_shop; CREATE FOREIGN DATA WRAPPER alike HANDLER cotenant.postgres_fdw_handler`,
    );
    await world.apply();
    expect(await wiki(`SELECT srvname FROM pg_foreign_server`)).toEqual([]);
    expect(await world.pending()).toEqual([]);
    await wiki('DROP FOREIGN DATA WRAPPER alike; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO dev');
    expect(await world.pending()).toEqual([]);
    await wiki('REVOKE USAGE ON FOREIGN DATA WRAPPER postgres_fdw FROM dev; CREATE TABLE cotenant.odd (x int)');
    expect(await world.pending()).toEqual([]);
    await wiki('DROP TABLE cotenant.odd');
    await world.apply();
    expect(await wiki(`SELECT extname FROM pg_extension WHERE extname = 'postgres_fdw'`)).toEqual([]);
  });

  test('a server of somebody else under its name is not taken and not dropped', async () => {
    await world.manifest(apps);
    await wiki(
      `CREATE FOREIGN DATA WRAPPER other; CREATE SERVER from_shop FOREIGN DATA WRAPPER other; ALTER SERVER from_shop OWNER TO postgres`,
    );
    await wiki(`CREATE FOREIGN TABLE public.theirs (id int) SERVER from_shop`);
    await world.manifest(apps + share);
    const { plan } = await world.project.plan();
    expect(plan.diagnostics.filter(({ severity }) => severity === 'error').map(({ code, message }) => [code, message])).toEqual([
      ['CT2005', expect.stringContaining('foreign server "from_shop" of database "wiki" is somebody else’s'.replace('’', "'"))],
    ]);
    expect((await world.project.apply({ confirm: 'all' })).ending).toBe('failed');
    expect(await wiki(`SELECT count(*)::int AS n FROM pg_foreign_table`)).toEqual([{ n: 1 }]);
    await wiki(`ALTER SERVER from_shop RENAME TO theirs`);
    expect((await world.project.apply({ confirm: 'all' })).ending).toBe('done');
    expect(await world.pending()).toEqual([]);
  });
});
