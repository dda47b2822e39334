import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { Connection } from '../../../../src/engines/postgres/connect/connection.ts';
import { type Actor, readRoleSwitches } from '../../../../src/engines/postgres/verify/role-switches.ts';
import { seedTables, ground } from './harness.ts';

/** What makes a login more than the role that it acts as, in which database, and what takes it back. */
const MORE: readonly (readonly [what: string, database: string, give: string, take: string])[] = [
  ['an attribute', 'postgres', 'ALTER ROLE m_s_user CREATEROLE', 'ALTER ROLE m_s_user NOCREATEROLE'],
  ['a right of its own', 'm_shared', 'GRANT SELECT ON m_t.orders TO m_s_user', 'REVOKE SELECT ON m_t.orders FROM m_s_user'],
  ['a column', 'm_shared', 'GRANT SELECT (id) ON m_t.orders TO m_s_user', 'REVOKE SELECT (id) ON m_t.orders FROM m_s_user'],
  ['a right of its group', 'm_shared', 'GRANT USAGE ON SCHEMA m_t TO m_s_rw', 'REVOKE USAGE ON SCHEMA m_t FROM m_s_rw'],
  ['a right elsewhere', 'm_a', 'GRANT SELECT ON public.orders TO m_s_user', 'REVOKE SELECT ON public.orders FROM m_s_user'],
  ['a right on a database', 'postgres', 'GRANT CREATE ON DATABASE m_shared TO m_s_rw', 'REVOKE CREATE ON DATABASE m_shared FROM m_s_rw'],
  [
    'a right on a function of the server',
    'm_shared',
    'GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO m_s_user',
    'REVOKE EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) FROM m_s_user',
  ],
  ['a table', 'm_shared', 'ALTER TABLE m_t.orders OWNER TO m_s_user', 'ALTER TABLE m_t.orders OWNER TO m_t_owner'],
  ['a policy', 'm_pool', 'CREATE POLICY p ON public.docs TO m_s_user USING (true)', 'DROP POLICY p ON public.docs'],
  ['a role to give away', 'postgres', 'GRANT m_s_owner TO m_s_user WITH ADMIN OPTION', 'REVOKE ADMIN OPTION FOR m_s_owner FROM m_s_user'],
];

const ACTOR: Actor = { login: 'm_s_user', acts: 'm_s_owner', reaches: ['m_s_owner', 'm_s_rw', 'm_shared_tenants'] };

describeEachPostgres('who a session can be', { versions: 'ends' }, (server) => {
  it('the login itself only where it may do more than its role, and roles that it is not meant to reach', async () => {
    await using made = await ground(server());
    await seedTables(made);
    const target = {
      host: server().host,
      port: server().port,
      user: 'postgres',
      password: server().password,
      database: 'postgres',
      ssl: false,
    };
    await using operator = await Connection.open(target, { database: 'postgres', name: 'test' }, { deadline: 10_000, instance: 'main' });
    const look = async (actor = ACTOR) => (await readRoleSwitches(operator, [actor])).get(actor.login);
    expect(await look()).toEqual({ roles: [], stronger: false });
    for (const [what, database, give, take] of MORE) {
      await made.sql(database, give);
      expect(await look(), what).toEqual({ roles: [], stronger: true });
      await made.sql(database, take);
      expect(await look(), `${what}, taken back`).toEqual({ roles: [], stronger: false });
    }
    await made.sql('postgres', 'GRANT m_t_rw TO m_s_rw; GRANT pg_read_all_data TO m_s_owner');
    expect((await look())?.roles).toEqual(expect.arrayContaining(['m_t_rw', 'pg_read_all_data']));
    expect(await look({ login: 'm_x_user', acts: 'm_x_user', reaches: ['m_pool_tenants'] })).toMatchObject({ stronger: false });
  });
});
