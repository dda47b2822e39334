import { expect, it } from 'vitest';
import { verifyProject } from '../../../../src/app/verify.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, workplace } from './harness.ts';

const app = 'apps:\n  shop: { uses: { main: { connections: 5, adopt: true } } }\n';

describeEachPostgres('somebody who was known', { versions: 'ends' }, (server) => {
  it('keeps nothing that an apply gave by name: plan and verify agree', async () => {
    for (const sql of ['CREATE ROLE anna LOGIN', 'CREATE ROLE other LOGIN', 'CREATE DATABASE shop']) await query(server().url, sql);
    await using place = await workplace(server(), manifestOf(`${app}known: [{ user: anna, why: reads }, { user: other, why: stays }]\n`));
    const shop = at(server().url, { database: 'shop' });
    const may = async (): Promise<unknown> =>
      await query(
        shop,
        `SELECT g.who FROM unnest(ARRAY['anna', 'other']) g(who) WHERE EXISTS
           (SELECT 1 FROM pg_proc p, aclexplode(p.proacl) a JOIN pg_roles r ON r.oid = a.grantee WHERE p.proname = 'pg_logical_emit_message' AND r.rolname = g.who)`,
      );
    expect((await place.apply()).ending).toBe('done');
    expect(await may()).toEqual([{ who: 'anna' }, { who: 'other' }]);
    await place.write(manifestOf(`${app}known: [{ user: other, why: stays }]\n`));
    const { plan } = await place.plan();
    const told = plan.steps.flatMap(({ losses = [] }) => losses.filter(({ who }) => who === 'anna').flatMap(({ what }) => what));
    expect(told.join()).toContain('pg_logical_emit_message');
    expect((await place.apply(['anna'])).ending).toBe('done');
    expect(await may()).toEqual([{ who: 'other' }]);
    expect((await place.plan()).plan.steps).toEqual([]);
    const { report } = await verifyProject(await place.open());
    expect(
      report.findings.filter(({ probe, from, statement }) => probe === 'PG-E9' || (from === 'anna' && statement.endsWith(' in shop'))),
    ).toEqual([]);
  });
});
