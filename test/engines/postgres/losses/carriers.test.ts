import { beforeEach, describe, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { wipe } from '../lifecycle/harness.ts';

const WORD = 'word';

/** `str` has views and functions over a table of an app, and others read through them. */
describeEachPostgres('what runs with the rights of a stranger', { versions: 'ends' }, (server, major) => {
  let project: TestProject;
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const as = (user: string, sql: string, database = 'content') => query(at(server().url, { user, password: WORD, database }), sql);
  const write = (apps: string, known: readonly string[] = ['str2', 'str3']): Promise<void> =>
    project.write(`cotenant: 1
project: carried
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 } } }
known: [${known.map((user) => `{ user: ${user}, why: test }`).join(', ')}]
apps: { ${apps} }
`);
  const app = (name: string): string => `${name}: { uses: { main: { isolation: schema, database: content, connections: 2 } } }`;
  const both = `${app('blog')}, ${app('wiki')}`;
  const losses = async (who: string): Promise<readonly string[]> =>
    (await project.plan()).plan.steps.flatMap(({ losses: all = [] }) => all.filter((loss) => loss.who === who).flatMap(({ what }) => what));

  beforeEach(async () => {
    await wipe(server().url);
    await root(`CREATE ROLE str NOLOGIN; CREATE ROLE far NOLOGIN`);
    for (const login of ['str2', 'str3']) await root(`CREATE ROLE ${login} LOGIN PASSWORD '${WORD}'`);
    project = await testProject('cotenant: 1\nproject: carried\n', { ADMIN: server().password });
    await write(both);
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    await root('GRANT CONNECT ON DATABASE content TO str2, str3');
    await root(
      `SET ROLE wiki_owner; CREATE TABLE wiki.p (n int); INSERT INTO wiki.p VALUES (7); RESET ROLE;
       CREATE SCHEMA rep; GRANT USAGE ON SCHEMA rep TO str, str2, str3; CREATE TABLE rep.inbox (n int); ALTER TABLE rep.inbox OWNER TO far`,
      'content',
    );
    return async () => await project[Symbol.asyncDispose]();
  });

  const rights = 'GRANT USAGE ON SCHEMA wiki TO str; GRANT SELECT ON wiki.p TO str';
  const view = 'CREATE VIEW rep.wv AS SELECT * FROM wiki.p; ALTER VIEW rep.wv OWNER TO str; GRANT SELECT ON rep.wv TO str2';
  const code = (body: string): string =>
    `CREATE FUNCTION rep.f() RETURNS bigint LANGUAGE sql SECURITY DEFINER ${body}; ALTER FUNCTION rep.f() OWNER TO str; REVOKE EXECUTE ON FUNCTION rep.f() FROM PUBLIC; GRANT EXECUTE ON FUNCTION rep.f() TO str2`;

  const cases: Readonly<Record<string, readonly [made: string, used: string, said: string]>> = {
    'a view': [view, 'SELECT n FROM rep.wv', 'view rep.wv of database "content" (its owner "str" loses SELECT on "wiki"."p")'],
    'a view over it': [
      `${view}; REVOKE ALL ON rep.wv FROM str2; GRANT SELECT ON rep.wv TO far; CREATE VIEW rep.top AS SELECT * FROM rep.wv; ALTER VIEW rep.top OWNER TO far; GRANT SELECT ON rep.top TO str2`,
      'SELECT n FROM rep.top',
      'view rep.top of database "content" (its owner "str" loses SELECT on "wiki"."p")',
    ],
    'a function whose body is a text': [
      code(`AS 'SELECT count(*) FROM wiki.p'`),
      'SELECT rep.f()',
      'function rep.f() of database "content" (it may need that: its owner "str" loses SELECT on "wiki"."p")',
    ],
    'a function that the server understands': [
      code('BEGIN ATOMIC SELECT count(*) FROM wiki.p; END'),
      'SELECT rep.f()',
      'function rep.f() of database "content" (its owner "str" loses SELECT on "wiki"."p")',
    ],
    'a trigger': [
      `CREATE FUNCTION rep.t() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN NEW.n := (SELECT count(*) FROM wiki.p); RETURN NEW; END $$; ALTER FUNCTION rep.t() OWNER TO str;
       CREATE TRIGGER counts BEFORE INSERT ON rep.inbox FOR EACH ROW EXECUTE FUNCTION rep.t(); GRANT INSERT ON rep.inbox TO str2`,
      'INSERT INTO rep.inbox VALUES (1)',
      'trigger counts on rep.inbox of database "content" (it may need that: its owner "str" loses SELECT on "wiki"."p")',
    ],
    'a materialized view': [
      'CREATE MATERIALIZED VIEW rep.m AS SELECT * FROM wiki.p; ALTER MATERIALIZED VIEW rep.m OWNER TO str; GRANT SELECT ON rep.m TO str2',
      '',
      'new rows of materialized view rep.m of database "content" (its owner "str" loses SELECT on "wiki"."p")',
    ],
  };

  describe('is lost with them', () => {
    it.each(Object.keys(cases))('%s', async (name) => {
      const [made = '', used = '', said = ''] = cases[name] ?? [];
      await root(`${rights}; ${made}`, 'content');
      if (used !== '') await as('str2', used);
      const told = await losses('str2');
      expect(told).toContain(said);
      // The schema is one more thing that a text may need.
      expect(
        told.filter((one) => one !== said && !one.includes('(it may need that: its owner "str" loses USAGE on schema "wiki")')),
      ).toEqual([]);
      expect(await losses('str3')).toEqual([]);
      expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
      if (used !== '') await expect(as('str2', used)).rejects.toThrow(/permission denied/);
      expect((await project.plan()).plan.steps).toEqual([]);
    });

    it('a function that looks into a schema which its owner may not use any more', async () => {
      await root(
        `GRANT USAGE ON SCHEMA wiki TO str;
         CREATE FUNCTION wiki.one() RETURNS int LANGUAGE sql AS 'SELECT 1'; ${code(`AS 'SELECT wiki.one()::bigint'`)}`,
        'content',
      );
      await as('str2', 'SELECT rep.f()');
      expect(await losses('str2')).toEqual([
        'function rep.f() of database "content" (it may need that: its owner "str" loses USAGE on schema "wiki")',
      ]);
      expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
      await expect(as('str2', 'SELECT rep.f()')).rejects.toThrow(/permission denied/);
    });

    it('for one who reads everything, too, and not where the owner does', async () => {
      await root(`${rights}; ${view}; REVOKE ALL ON rep.wv FROM str2; GRANT pg_read_all_data TO str2`, 'content');
      await as('str2', 'SELECT n FROM rep.wv');
      expect(await losses('str2')).toContain(cases['a view']?.[2]);
      await root('GRANT pg_read_all_data TO str');
      expect(await losses('str2')).toEqual([]);
    });

    it('by a membership that goes', async () => {
      await root(`GRANT wiki_ro TO str; ${view}`, 'content');
      await as('str2', 'SELECT n FROM rep.wv');
      expect(await losses('str2')).toEqual([cases['a view']?.[2]]);
      expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
      await expect(as('str2', 'SELECT n FROM rep.wv')).rejects.toThrow(/permission denied/);
    });

    it('when the app goes, and nothing is told that nobody had', async () => {
      await write(both, ['str', 'str2', 'str3']);
      await root(`${rights}; ${view}; ${code(`AS 'SELECT count(*) FROM wiki.p'`)}`, 'content');
      await write(app('blog'));
      const why = 'its owner "str" loses its rights in schema "wiki"';
      expect(await losses('str2')).toEqual([
        'function rep.f() of database "content" (it names schema "wiki", which is put aside)',
        `view rep.wv of database "content" (${why})`,
      ]);
      expect(await losses('str3')).toEqual([]);
      expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
      await expect(as('str2', 'SELECT n FROM rep.wv')).rejects.toThrow(/permission denied/);
    });
  });

  describe('is not', () => {
    it('where the owner keeps its rights, as one that is known', async () => {
      await root(`${rights}; ALTER ROLE str LOGIN; ${view}`, 'content');
      await write(both, ['str', 'str2', 'str3']);
      expect(await losses('str2')).toEqual([]);
    });

    it.skipIf(major < 15)('where the reader’s own rights are asked for', async () => {
      await root(
        `${rights}; ${view}; ALTER VIEW rep.wv SET (security_invoker = true); GRANT SELECT ON wiki.p TO str2; GRANT USAGE ON SCHEMA wiki TO str2`,
        'content',
      );
      expect(await losses('str2')).toEqual([]);
    });
  });
});
