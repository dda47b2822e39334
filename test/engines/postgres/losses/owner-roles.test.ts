import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { wipe } from '../lifecycle/harness.ts';

const WORD = 'word';

/** Code and foreign keys run as the owner of a table or function: a role as which nobody logs in needs rights for them. */
describeEachPostgres('an owner as which nobody logs in', { versions: 'ends' }, (server) => {
  let project: TestProject;
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const as = (user: string, sql: string, database = 'postgres') => query(at(server().url, { user, password: WORD, database }), sql);
  const write = (known: readonly string[], more = '', instance = ''): Promise<void> =>
    project.write(`cotenant: 1
project: owners
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 }${instance} } }
known: [${known.map((user) => `{ user: ${user}, why: test }`).join(', ')}]
apps: { pp: { uses: { main: { connections: 2 } } } }
${more}`);

  beforeEach(async () => {
    await wipe(server().url);
    await root('CREATE ROLE dba NOLOGIN');
    for (const login of ['dba_bob', 'dba_rep', 'anna']) await root(`CREATE ROLE ${login} LOGIN PASSWORD '${WORD}'`);
    await root(`CREATE ROLE cronadmin SUPERUSER LOGIN PASSWORD '${WORD}'`);
    project = await testProject('cotenant: 1\nproject: owners\n', { ADMIN: server().password });
    return async () => await project[Symbol.asyncDispose]();
  });

  const tables = `GRANT USAGE ON SCHEMA public TO PUBLIC; CREATE TABLE public.hosts (id int PRIMARY KEY); ALTER TABLE public.hosts OWNER TO dba;
    INSERT INTO hosts VALUES (1), (2), (3); GRANT REFERENCES, SELECT ON hosts TO dba_bob;
    CREATE TABLE public.checks (id serial, host int REFERENCES public.hosts); ALTER TABLE public.checks OWNER TO dba_bob`;
  const code = `CREATE FUNCTION public.nh() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN RETURN (SELECT count(*) FROM public.hosts); END $$; ALTER FUNCTION public.nh() OWNER TO dba;
    CREATE FUNCTION public.tmp() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN DROP TABLE IF EXISTS pg_temp.scratch; CREATE TEMP TABLE scratch (n int); RETURN 1; END $$; ALTER FUNCTION public.tmp() OWNER TO dba`;
  const works = async (): Promise<void> => {
    await as('dba_bob', 'INSERT INTO checks (host) VALUES (1)');
    for (const login of ['dba_bob', 'dba_rep', 'cronadmin']) {
      await as(login, 'SELECT public.nh()');
      await as(login, 'SELECT public.tmp()');
    }
    await as('cronadmin', 'DELETE FROM hosts WHERE id = (SELECT max(id) FROM hosts)');
  };

  it.each([
    ['dba_bob', 'dba_rep', 'cronadmin'],
    ['dba_bob', 'dba_rep', 'cronadmin', 'dba'],
  ])('keeps by name in the maintenance database what it had as everybody', async (...known) => {
    await root(`${tables}; ${code}`);
    await works();
    await write(known);
    const { plan } = await project.plan();
    expect(plan.steps.flatMap(({ losses = [] }) => losses.map(({ who }) => who))).not.toContain('dba');
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    await works();
    expect((await project.plan()).plan.steps).toEqual([]);
  });

  it('keeps it where the manifest knows it, though nothing is seen to need it', async () => {
    await root('GRANT USAGE ON SCHEMA public TO PUBLIC');
    await write(['dba']);
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    expect(
      await root(
        `SELECT has_schema_privilege('dba', 'public', 'USAGE') AS space, has_database_privilege('dba', 'postgres', 'CONNECT') AS door`,
      ),
    ).toEqual([{ space: true, door: false }]);
    expect((await project.plan()).plan.steps).toEqual([]);
  });

  it('keeps TEMPORARY in a foreign database that is closed', async () => {
    await root('CREATE DATABASE dwh');
    await root(code, 'dwh');
    await write(['dba_rep', 'cronadmin'], '', ', foreignDatabases: close');
    for (const login of ['dba_rep', 'cronadmin']) await as(login, 'SELECT public.tmp()', 'dwh');
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    for (const login of ['dba_rep', 'cronadmin']) await as(login, 'SELECT public.tmp()', 'dwh');
    expect((await project.plan()).plan.steps).toEqual([]);
  });
});
