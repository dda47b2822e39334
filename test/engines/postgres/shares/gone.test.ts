import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { refused } from '../../../support/refused.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { restoreApp } from '../../../../src/app/restore.ts';

describeEachPostgres('a share across databases goes', { versions: 'each' }, (server) => {
  let world: DriftWorld;
  const two = `apps:
  shop: { uses: { main: { connections: 5 } } }
  wiki: { uses: { main: { connections: 5 } } }
`;
  const share = 'shares: [{ from: shop, tables: [orders], to: wiki, via: grant }]\n';
  const bare = `SELECT (SELECT count(*) FROM pg_foreign_server)::int AS a, (SELECT count(*) FROM pg_user_mapping)::int AS b, (SELECT count(*) FROM pg_extension WHERE extname <> 'plpgsql')::int AS c,
    (SELECT count(*) FROM pg_namespace WHERE nspname IN ('cotenant', 'from_shop', 'cotenant_from_shop'))::int AS d`;
  const roles = `SELECT count(*)::int FROM pg_roles WHERE rolname LIKE 'wiki%shop%'`;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), two + share, ['shop', 'wiki']);
    await world.runAs('shop_user', 'shop', 'CREATE TABLE orders (id int); INSERT INTO orders VALUES (1)');
    await world.apply();
  });
  afterAll(async () => await world[Symbol.asyncDispose]());
  // A connection that stays open would keep the database from being renamed.
  const left = async (): Promise<readonly unknown[]> =>
    (await query(server().url.replace(/postgres$/, 'wiki'), bare)).map((row) => Object.values(row));
  const read = async (): Promise<readonly unknown[][]> => await world.runAs('wiki_user', 'wiki', 'SELECT * FROM from_shop.orders');

  test('with its entry in the manifest, and leaves nothing', async () => {
    await world.manifest(two);
    // Not applied yet: its login is nobody who could be accepted.
    const { report } = await verifyProject(await world.project.open());
    expect(report.findings.map(({ probe }) => probe)).not.toContain('PG-F1');
    expect(JSON.stringify(report)).not.toMatch(/not in the manifest|known: \[/);
    const plan = await world.apply();
    expect(new Set(plan.steps.map(({ risk }) => risk))).toEqual(new Set(['access-reducing', 'safe']));
    expect(await left()).toEqual([[0, 0, 0, 0]]);
    expect(await world.catalog.run('postgres', roles)).toEqual([[0]]);
    expect(await world.pending()).toEqual([]);
    await world.manifest(two + share);
    await world.apply();
    expect([await read(), await world.pending()]).toEqual([[[1]], []]);
  });

  test('but not with what the other app has built on it: that shows nothing any more', async () => {
    await world.runAs(
      'wiki_user',
      'wiki',
      'CREATE VIEW mine AS SELECT * FROM from_shop.orders; CREATE MATERIALIZED VIEW copy AS SELECT * FROM from_shop.orders',
    );
    await world.manifest(two);
    await world.apply();
    expect(await refused(world.runAs('wiki_user', 'wiki', 'SELECT * FROM mine'))).toBe('42501');
    expect(await world.runAs('wiki_user', 'wiki', 'SELECT * FROM copy')).toEqual([[1]]);
    const { plan } = await world.project.plan();
    expect([plan.steps, plan.diagnostics.map(({ code, message }) => [code, message])]).toEqual([
      [],
      [['CT2026', expect.stringContaining('materialized view public.copy, view public.mine') as unknown]],
    ]);
    expect(await world.catalog.run('postgres', `SELECT rolname::text, rolcanlogin FROM pg_roles WHERE rolname LIKE 'wiki%shop%'`)).toEqual([
      ['wiki_from_shop', false],
    ]);
    await world.runAs('wiki_user', 'wiki', 'DROP VIEW mine; DROP MATERIALIZED VIEW copy');
    await world.apply();
    expect(await left()).toEqual([[0, 0, 0, 0]]);
    expect([await world.catalog.run('postgres', roles), await world.pending()]).toEqual([[[0]], []]);
    await world.manifest(two + share);
    await world.apply();
    expect(await read()).toEqual([[1]]);
  });

  test('and works again after the secrets were lost: there are new ones', async () => {
    await rm(join(world.project.path, '.cotenant'), { recursive: true });
    await world.apply(['new-passwords']);
    expect([await read(), await world.pending()]).toEqual([[[1]], []]);
  });

  test.each(['shop', 'wiki'])('with %s, and comes again after that was restored', async (app) => {
    await world.manifest(two.replace(new RegExp(`  ${app}: .*\n`), ''));
    await world.apply();
    expect([await world.catalog.run('postgres', roles), await world.pending()]).toEqual([[[0]], []]);
    await world.manifest(two + share);
    for await (const event of restoreApp(await world.project.open(), app, { consent: async () => Promise.resolve(true) }))
      if (event.type === 'result') expect(event.ending).toBe('done');
    await world.apply();
    expect([await read(), await world.pending()]).toEqual([[[1]], []]);
  });
});
