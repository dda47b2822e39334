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

  it('one who logs in and is nobody’s loses it, and whoever needs it by a key or a function is told', async () => {
    await root(`ALTER ROLE dba LOGIN; ${tables}; ${code}`);
    await works();
    await write(['dba_bob', 'dba_rep']);
    const { plan } = await project.plan();
    const told = (who: string) => plan.steps.flatMap(({ losses = [] }) => losses.filter((one) => one.who === who));
    const why = 'its owner "dba" loses USAGE on schema "public"';
    expect(told('dba_bob').flatMap(({ what }) => what)).toEqual([
      `function public.nh() of database "postgres" (it may need that: ${why})`,
      `new rows by foreign key checks_host_fkey of public.checks of database "postgres" (${why})`,
    ]);
    expect(told('cronadmin').flatMap(({ what }) => what)).not.toEqual([]);
    expect(await project.apply({ confirm: ['dba', 'anna', 'cronadmin'] })).toMatchObject({ ending: 'refused' });
    expect(await project.apply({ confirm: ['dba', 'anna', 'cronadmin', 'dba_bob', 'dba_rep'] })).toMatchObject({
      ending: 'done',
      trouble: '',
    });
    await expect(as('dba_bob', 'INSERT INTO checks (host) VALUES (1)')).rejects.toThrow(/permission denied/);
  });

  const losses = async (): Promise<ReadonlyMap<string, readonly string[]>> => {
    const all = (await project.plan()).plan.steps.flatMap(({ losses: some = [] }) => some);
    return new Map([...Map.groupBy(all, ({ who }) => who)].map(([who, some]) => [who, [...new Set(some.flatMap(({ what }) => what))]]));
  };
  const manifest = (apps: string, known: readonly string[] = []): Promise<void> =>
    project.write(`cotenant: 1
project: owners
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 }, perimeter: warn } }
known: [${known.map((user) => `{ user: ${user}, why: test }`).join(', ')}]
apps: { ${apps} }
`);
  const adopted = 'fx: { uses: { main: { connections: 5, adopt: true, names: { login: fx } } } }';
  const fx = async (): Promise<void> => {
    await root(`CREATE ROLE fx LOGIN PASSWORD '${WORD}'`);
    await root('CREATE DATABASE fx OWNER fx');
    await root('GRANT USAGE, CREATE ON SCHEMA public TO PUBLIC', 'fx');
    await as('fx', 'CREATE TABLE orders (id int PRIMARY KEY, a text); INSERT INTO orders SELECT generate_series(1, 50)', 'fx');
    await as('fx', `CREATE FUNCTION nrm(a text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(a)'`, 'fx');
  };

  it('a foreign key of such a one is kept by its entry, and named where an adoption takes what it needs', async () => {
    await fx();
    await root(
      `CREATE TABLE audit (order_id int REFERENCES orders ON DELETE CASCADE); ALTER TABLE audit OWNER TO dba;
       CREATE TABLE ref (id int PRIMARY KEY); INSERT INTO ref VALUES (1); ALTER TABLE ref OWNER TO dba; CREATE TABLE line (r int REFERENCES ref); ALTER TABLE line OWNER TO fx`,
      'fx',
    );
    const uses = ['DELETE FROM orders WHERE id = (SELECT max(id) FROM orders)', 'INSERT INTO line VALUES (1)'];
    for (const sql of uses) await as('fx', sql, 'fx');
    await manifest(adopted);
    const why = 'its owner "dba" loses USAGE on schema "public"';
    const told = await losses();
    for (const who of ['fx', 'cronadmin'])
      expect(told.get(who)).toEqual(
        expect.arrayContaining([
          `deletes and new keys in table public.orders by audit_order_id_fkey of public.audit of database "fx" (${why})`,
          `new rows by foreign key line_r_fkey of public.line of database "fx" (${why})`,
        ]),
      );
    expect(await project.apply({ confirm: [...told.keys()].filter((who) => who !== 'fx') })).toMatchObject({ ending: 'refused' });
    await manifest(adopted, ['dba']);
    expect([...(await losses()).values()].flat().filter((what) => what.includes('key'))).toEqual([]);
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    for (const sql of uses) await as('fx', sql, 'fx');
    expect((await project.plan()).plan.steps).toEqual([]);
  });

  it('a foreign key by an operator of an extension needs the schema of that', async () => {
    await fx();
    await root(
      `CREATE EXTENSION citext SCHEMA public; CREATE SCHEMA kin; GRANT USAGE ON SCHEMA kin TO PUBLIC; CREATE TABLE kin.a (id citext PRIMARY KEY); INSERT INTO kin.a VALUES ('x'); ALTER TABLE kin.a OWNER TO dba;
       CREATE TABLE kin.b (a citext REFERENCES kin.a); ALTER TABLE kin.b OWNER TO dba_rep`,
      'fx',
    );
    const use = `INSERT INTO kin.b VALUES ('x'::text)`;
    await as('dba_rep', use, 'fx');
    await manifest(adopted, ['dba_rep']);
    expect((await losses()).get('dba_rep')).toEqual([
      'new rows by foreign key b_a_fkey of kin.b of database "fx" (its owner "dba" loses USAGE on schema "public")',
    ]);
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    await expect(as('dba_rep', use, 'fx')).rejects.toThrow('permission denied for schema public');
  });

  it('drift that goes takes it from the app, which is told', async () => {
    await manifest('d9: { uses: { main: { connections: 2 } } }');
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    await root(
      `SET ROLE d9_owner; CREATE TABLE o (id int PRIMARY KEY); RESET ROLE; INSERT INTO o VALUES (1), (2); GRANT USAGE ON SCHEMA public TO dba;
       CREATE TABLE r (id int REFERENCES o ON DELETE CASCADE); ALTER TABLE r OWNER TO dba`,
      'd9',
    );
    const told = await losses();
    expect(told.get('d9_user')).toEqual([
      'deletes and new keys in table public.o by r_id_fkey of public.r of database "d9" (its owner "dba" loses USAGE on schema "public")',
    ]);
    expect(await project.apply({ confirm: ['cronadmin'] })).toMatchObject({ ending: 'refused' });
  });

  it.each([['cronadmin'], ['']])('what a superuser does through such a one, with another superuser: %s', async (other) => {
    await fx();
    if (other === '') await root('DROP ROLE cronadmin');
    await root(
      `CREATE SCHEMA va AUTHORIZATION dba; GRANT SELECT ON orders TO dba; SET ROLE dba;
       CREATE FUNCTION va.f() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM public.orders';
       CREATE VIEW va.v AS SELECT id FROM public.orders; CREATE MATERIALIZED VIEW va.mv AS SELECT id FROM public.orders;
       CREATE TABLE va.t (a text); CREATE INDEX t_nrm ON va.t (public.nrm(a))`,
      'fx',
    );
    await manifest(adopted);
    const told = (await losses()).get(other === '' ? 'dba' : other) ?? [];
    for (const name of ['function va.f()', 'view va.v', 'new rows of materialized view va.mv', 'ANALYZE and REINDEX by index va.t_nrm'])
      expect(told).toContainEqual(expect.stringContaining(`${name} of database "fx"`));
  });

  it('messages and temporary tables of such a one', async () => {
    await fx();
    await root(
      `CREATE SCHEMA ob; GRANT USAGE ON SCHEMA ob TO PUBLIC; CREATE TABLE ob.box (n int); GRANT INSERT ON ob.box TO dba_rep;
       CREATE FUNCTION ob.emit() RETURNS pg_lsn LANGUAGE sql SECURITY DEFINER AS $$ SELECT pg_logical_emit_message(true, 'a', 'b') $$;
       CREATE FUNCTION ob.known() RETURNS pg_lsn LANGUAGE sql SECURITY DEFINER BEGIN ATOMIC SELECT pg_logical_emit_message(true, 'a', 'b'); END; ALTER FUNCTION ob.known() OWNER TO dba;
       CREATE FUNCTION ob.fires() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN PERFORM pg_logical_emit_message(true, 'a', 'b'); RETURN NEW; END $$;
       CREATE FUNCTION ob.tmp() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN CREATE TEMP TABLE scratch (n int); RETURN 1; END $$;
       ALTER FUNCTION ob.emit() OWNER TO dba; ALTER FUNCTION ob.fires() OWNER TO dba; ALTER FUNCTION ob.tmp() OWNER TO dba;
       CREATE TRIGGER sends BEFORE INSERT ON ob.box FOR EACH ROW EXECUTE FUNCTION ob.fires()`,
      'fx',
    );
    const uses = ['SELECT ob.emit()', 'SELECT ob.known()', 'INSERT INTO ob.box VALUES (1)', 'SELECT ob.tmp()'];
    for (const sql of uses) await as('dba_rep', sql, 'fx');
    await manifest(adopted, ['dba_rep']);
    const told = await losses();
    const emits = '(it may need that: its owner "dba" loses EXECUTE on function pg_catalog.pg_logical_emit_message())';
    for (const who of ['dba_rep', 'cronadmin'])
      expect(told.get(who)).toEqual(
        expect.arrayContaining([
          `function ob.emit() of database "fx" ${emits}`,
          `function ob.known() of database "fx" ${emits.replace('it may need that: ', '')}`,
          `trigger sends on ob.box of database "fx" ${emits}`,
          'function ob.tmp() of database "fx" (it may need that: its owner "dba" loses TEMPORARY on database "fx")',
        ]),
      );
    await manifest(adopted, ['dba_rep', 'dba']);
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    for (const sql of uses) await as('dba_rep', sql, 'fx');
    expect((await project.plan()).plan.steps).toEqual([]);
  });
});
