import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describeEachPostgres, tableFor } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { manifestOf, wipe } from '../lifecycle/harness.ts';
import { ground, type Ground } from '../verify/harness.ts';

const manifest = manifestOf(`apps:
  shop: { uses: { main: { connections: 5 } } }
  blog: { uses: { main: { isolation: schema, database: shared, connections: 5 } } }
  news: { uses: { main: { isolation: schema, database: shared, connections: 5 } } }
  crew: { uses: { main: { isolation: rows, database: pool, connections: 5 } } }
  team: { uses: { main: { isolation: rows, database: pool, connections: 5 } } }
readers:
  lens: { reads: [shop] }
known: [{ user: anna, why: she looks at it }]
`);

/** Place, owner, who may read it. */
const cases: readonly (readonly [string, string, string])[] = [
  ...['shop_owner', 'shop_user', 'postgres', 'stranger', 'anna'].flatMap((owner) =>
    ['PUBLIC', 'stranger', 'other', 'anna', 'blog_user', 'shop_rw', 'shop_ro', 'lens_user'].map((who) => ['shop', owner, who] as const),
  ),
  ...['blog_owner', 'blog_user'].flatMap((owner) =>
    ['PUBLIC', 'stranger', 'anna', 'news_rw', 'blog_rw'].map((who) => ['shared', owner, who] as const),
  ),
  ...['pool_owner', 'crew_user'].flatMap((owner) =>
    ['PUBLIC', 'stranger', 'anna', 'pool_rw', 'team_user'].map((who) => ['pool', owner, who] as const),
  ),
];

describeEachPostgres('rights on large objects', { versions: 'ends' }, (server, major) => {
  let made: Ground;

  beforeAll(async () => {
    await wipe(server().url);
    await query(server().url, 'CREATE ROLE anna LOGIN');
    made = await ground(server(), manifest);
    await query(server().url, 'CREATE ROLE stranger LOGIN; CREATE ROLE other LOGIN');
    return async () => await made[Symbol.asyncDispose]();
  }, 120_000);

  afterEach(async () => {
    for (const database of ['shop', 'shared', 'pool']) await made.sql(database, 'SELECT lo_unlink(oid) FROM pg_largeobject_metadata');
  });

  describe('plan and verify agree', () => {
    const pairs = cases.filter(([, owner, who]) => owner !== who);
    it.each(tableFor(major, pairs, 6))('%s: of %s, to %s', { timeout: 60_000 }, async (database, owner, who) => {
      await made.sql(
        database,
        `SELECT lo_create(4242); ALTER LARGE OBJECT 4242 OWNER TO ${owner}; GRANT SELECT, UPDATE ON LARGE OBJECT 4242 TO ${who}`,
      );
      const seen = async (): Promise<readonly string[]> =>
        (await made.analyse()).findings
          .filter(({ statement, answer }) => statement.includes('large objects') || answer.includes('large object'))
          .map(({ probe, from, answer }) => `${probe} ${from}: ${answer}`);
      const before = await seen();
      // Of a known login: nothing that it owns is touched by an apply, and the finding has the statement that closes it.
      if (owner === 'anna') {
        const { findings } = await made.analyse();
        const open = findings.filter(({ statement }) => statement.includes('large objects'));
        expect(open.filter(({ fix }) => fix.length === 0)).toEqual([]);
        expect((await made.place.plan()).plan.steps).toEqual([]);
        return;
      }
      const { plan } = await made.place.plan();
      const fields = plan.steps.flatMap((step) => step.fields.map(({ field }) => field));
      expect(plan.steps.every(({ cause }) => cause === 'drift')).toBe(true);
      // Whose it is belongs to another check.
      if (before.some((one) => !one.startsWith('PG-S12'))) expect(fields).toContain('access to large object 4242');
      if (fields.length > 0) expect(await made.place.apply(['stranger', 'other'])).toMatchObject({ ending: 'done' });
      expect((await seen()).filter((one) => !one.startsWith('PG-S12'))).toEqual([]);
      expect((await made.place.plan()).plan.steps).toEqual([]);
    });
  });

  it('tells who loses what', { timeout: 60_000 }, async () => {
    await query(server().url, 'GRANT CONNECT ON DATABASE shared TO stranger');
    await made.sql(
      'shared',
      'SELECT lo_create(4242); ALTER LARGE OBJECT 4242 OWNER TO blog_owner; GRANT SELECT ON LARGE OBJECT 4242 TO stranger',
    );
    const { plan } = await made.place.plan();
    expect(plan.steps.flatMap(({ losses = [] }) => losses.map(({ who, of, what }) => [who, of, ...what]))).toContainEqual(
      expect.arrayContaining(['stranger', null, 'SELECT on large object 4242 in database "shared"']),
    );
  });
});
