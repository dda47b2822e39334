import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, wipe, workplace } from '../lifecycle/harness.ts';

const PASSWORD = 'word';
const apps = `known: [{ user: d_str, on: main, why: test }]
apps:
  dx: { uses: { main: { adopt: true, database: dx, connections: 5, names: { login: dx } } } }
`;

const world = `
  CREATE SCHEMA st AUTHORIZATION d_str; GRANT USAGE ON SCHEMA st TO pg_database_owner, dx;
  CREATE TABLE st.audit (a int, who text); ALTER TABLE st.audit OWNER TO d_str; GRANT SELECT, INSERT ON st.audit TO pg_database_owner;
  CREATE TABLE st.wide (a int, b int); ALTER TABLE st.wide OWNER TO d_str; GRANT SELECT (b) ON st.wide TO pg_database_owner;
  CREATE FUNCTION st.fx() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION st.fx() OWNER TO d_str;
  REVOKE EXECUTE ON FUNCTION st.fx() FROM PUBLIC; GRANT EXECUTE ON FUNCTION st.fx() TO pg_database_owner;
  CREATE TABLE st.pol (a int); INSERT INTO st.pol VALUES (1); ALTER TABLE st.pol OWNER TO d_str; ALTER TABLE st.pol ENABLE ROW LEVEL SECURITY;
  GRANT SELECT ON st.pol TO dx; CREATE POLICY p1 ON st.pol TO pg_database_owner USING (true);
  ALTER DEFAULT PRIVILEGES FOR ROLE d_str IN SCHEMA st GRANT SELECT ON TABLES TO pg_database_owner;
  CREATE TABLE st.its (a int); ALTER TABLE st.its OWNER TO pg_database_owner;
  GRANT SELECT ON public.t TO pg_database_owner`;

describeEachPostgres('what a database gives its owner', { versions: 'ends' }, (server) => {
  it('is told, all of it, to everybody who loses it with the ownership', { timeout: 240_000 }, async () => {
    await wipe(server().url);
    const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
    const as = (user: string, sql: string) => query(at(server().url, { user, password: PASSWORD, database: 'dx' }), sql);
    for (const login of ['dx', 'd_str', 'helper']) await root(`CREATE ROLE ${login} LOGIN PASSWORD '${PASSWORD}'`);
    await root('GRANT dx TO helper');
    await root('CREATE DATABASE dx OWNER dx');
    await root('GRANT CREATE, USAGE ON SCHEMA public TO dx', 'dx');
    await as('dx', 'CREATE TABLE public.t (a int)');
    await root(world, 'dx');
    const works = async (): Promise<readonly boolean[]> =>
      await Promise.all(
        ['SELECT 1 FROM st.audit', 'SELECT b FROM st.wide', 'SELECT st.fx()', 'SELECT 1 / count(*) FROM st.pol'].map((sql) =>
          as('dx', sql).then(
            () => true,
            () => false,
          ),
        ),
      );
    expect(await works()).toEqual([true, true, true, true]);
    await using place = await workplace(server(), manifestOf(apps));
    const losses = (await place.plan()).plan.steps.flatMap(({ losses: all = [] }) => all);
    const told = (login: string): readonly string[] =>
      losses.flatMap(({ who, what }) => (who === login ? what.filter((one) => one.includes('pg_database_owner')) : [])).sort();
    const away = [
      'pg_database_owner’s ownership of table st.its in database "dx"',
      'pg_database_owner’s rights on default acl for role d_str in schema st on tables in database "dx"',
      'pg_database_owner’s rights on function st.fx() in database "dx"',
      'pg_database_owner’s rights on schema st in database "dx"',
      'pg_database_owner’s rights on table column st.wide.b in database "dx"',
      'pg_database_owner’s rights on table st.audit in database "dx"',
      'what the policy p1 on st.pol gives pg_database_owner in database "dx"',
    ];
    expect(told('dx')).toEqual(away);
    expect(told('helper')).toEqual([...away, 'pg_database_owner’s rights on table public.t in database "dx"'].sort());
    expect(told('d_str')).toEqual([]);
    expect((await place.apply(['helper', 'dx'])).ending).toBe('done');
    const after = (await place.plan()).plan.steps;
    expect(after).toEqual([]);
  });
});
