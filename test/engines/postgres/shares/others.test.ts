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
      'what "postgres" has put at from_shop.dash in "wiki" stays as it is, and the share shows nothing there',
      'what "audit" has put at from_shop.mine in "wiki" stays as it is, and the share shows nothing there',
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
});
