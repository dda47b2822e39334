import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type Ground, ground, seedTables } from './harness.ts';

describeEachPostgres('a copy of rows that the operator made', { versions: 'ends' }, (server) => {
  let made: Ground;
  beforeAll(async () => {
    made = await ground(server());
    await made.sql('postgres', "CREATE ROLE stranger LOGIN PASSWORD 'unknown'");
    await seedTables(made);
  });
  afterAll(async () => await made[Symbol.asyncDispose]());

  const seen = async (): Promise<readonly string[]> =>
    (await made.analyse()).findings
      .filter(({ verdict }) => verdict !== 'RESIDUAL')
      .map(({ probe, verdict, from, to }) => `${probe} ${verdict} ${from ?? '*'} ${to ?? '*'}`)
      .toSorted();

  it.each([
    ['m_shared', 'SELECT * FROM m_s.orders WHERE id > 0', 'm_t_owner', ['PG-S33 UNPROVEN m_t m_s']],
    ['m_pool', 'SELECT * FROM docs', 'm_x_user', ['PG-R01 BREACH * m_pool', 'PG-R15 BREACH * m_pool', 'PG-S33 UNPROVEN m_x m_pool']],
    ['m_a', 'SELECT * FROM orders', 'stranger', ['PG-F1 LATENT stranger m_a']],
    ['postgres', "SELECT 1 AS id, 'x'::text AS note", 'PUBLIC', ['m_a', 'm_b', 'm_s', 'm_t'].map((app) => `PG-S33 UNPROVEN * ${app}`)],
  ] as const)('is told: in %s, %s, for %s', async (database, rows, grantee, expected) => {
    await made.sql(database, `CREATE TABLE public.bak AS ${rows}; GRANT SELECT ON public.bak TO ${grantee}`);
    expect(await seen()).toEqual(expected);
    await made.sql(database, 'DROP TABLE public.bak');
    expect(await seen()).toEqual([]);
  });

  it('is none where it is its own app’s, or has other columns', async () => {
    await made.sql(
      'm_shared',
      `SET ROLE m_s_owner; CREATE TABLE m_s.things (a int, b date); RESET ROLE;
       CREATE TABLE public.bak AS SELECT * FROM m_s.things; GRANT SELECT ON public.bak TO m_s_owner;
       CREATE TABLE public.board (subject text, sent date); GRANT SELECT ON public.board TO PUBLIC`,
    );
    expect(await seen()).toEqual([]);
    await made.sql('m_shared', 'DROP TABLE public.bak, public.board, m_s.things');
  });

  it('counts what pg_database_owner has as the right of whoever owns the database', async () => {
    await made.sql('postgres', 'ALTER DATABASE m_shared OWNER TO m_t_user');
    const before = await seen();
    await made.sql('m_shared', 'GRANT SELECT ON m_s.orders TO pg_database_owner');
    const added = (await seen()).filter((one) => !before.includes(one));
    expect(added).toEqual(['PG-S01 BREACH m_t m_s']);
    const fixes = (await made.analyse()).findings.flatMap(({ probe, fix }) =>
      probe === 'PG-S01' ? fix.map(({ statement }) => statement.text) : [],
    );
    expect(fixes).toEqual(['REVOKE SELECT ON TABLE "m_s"."orders" FROM "pg_database_owner" CASCADE']);
    await made.sql('m_shared', fixes.join('; '));
    await made.sql('postgres', 'ALTER DATABASE m_shared OWNER TO CURRENT_USER');
    expect(await seen()).toEqual([]);
  });
});
