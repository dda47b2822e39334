import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { session, wipe } from '../lifecycle/harness.ts';

const WORD = 'word';

/** An adopted login acts as the owner role of its app: what goes by its name, or by `current_user`, may do something else. */
describeEachPostgres('what goes by the name of a login that is adopted', { versions: 'ends' }, (server) => {
  let project: TestProject;
  const root = (sql: string, database = 'shop') => query(at(server().url, { database }), sql);
  const as = (user: string, sql: string) => query(at(server().url, { user, password: WORD, database: 'shop' }), sql);
  const losses = async (who: string): Promise<readonly string[]> =>
    (await project.plan()).plan.steps.flatMap(({ losses: all = [] }) => all.filter((loss) => loss.who === who).flatMap(({ what }) => what));
  const byName = async (who: string): Promise<readonly string[]> => (await losses(who)).filter((what) => what.includes('current_user'));

  beforeEach(async () => {
    await wipe(server().url);
    for (const login of ['shop', 'bi']) await root(`CREATE ROLE ${login} LOGIN PASSWORD '${WORD}'`, 'postgres');
    await root('CREATE DATABASE shop OWNER shop', 'postgres');
    await root(`CREATE TABLE t (n int, o text); INSERT INTO t VALUES (7, 'shop'); ALTER TABLE t OWNER TO shop`);
    project = await testProject(
      `cotenant: 1
project: byname
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 } } }
known: [{ user: bi, why: test }]
apps: { shop: { uses: { main: { connections: 5, adopt: true, names: { login: shop } } } } }
`,
      { ADMIN: server().password },
    );
    return async () => await project[Symbol.asyncDispose]();
  });
  const guarded = 'ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY';
  const view = 'CREATE VIEW vt AS SELECT * FROM t; ALTER VIEW vt OWNER TO shop; GRANT SELECT ON vt TO bi';

  it('rows of a view, by a policy for that login', async () => {
    await root(`${guarded}; CREATE POLICY own ON t TO shop USING (true); ${view}`);
    expect(await as('bi', 'SELECT n FROM vt')).toEqual([{ n: 7 }]);
    expect(await losses('bi')).toEqual([
      expect.stringContaining('view public.vt of database "shop" (it may give other rows: it runs as "shop_owner" from then on'),
    ]);
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    expect(await as('bi', 'SELECT n FROM vt')).toEqual([]);
  });

  it('rows, defaults, checks, triggers, views and functions, by current_user: in one line', async () => {
    await root(
      `${guarded}; CREATE POLICY own ON t USING (o = current_user);
       CREATE TABLE d (who text DEFAULT current_user, CONSTRAINT mine CHECK (who = CURRENT_USER)); ALTER TABLE d OWNER TO shop;
       CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT current_user::text'; CREATE VIEW v AS SELECT CURRENT_USER AS who;
       CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF current_user <> 'shop' THEN RAISE 'no'; END IF; RETURN NEW; END $$;
       CREATE TRIGGER guards BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION guard()`,
    );
    expect(await as('shop', 'SELECT n FROM t')).toEqual([{ n: 7 }]);
    expect(await byName('shop')).toEqual([
      'being current_user "shop" in database "shop" ("shop_owner" from then on), which may matter to constraint mine of table public.d, default of column who of table public.d, function public.f(), policy own on table public.t, trigger guards on table public.t, view public.v',
    ]);
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    expect(await as('shop', 'SELECT n FROM t')).toEqual([]);
  });

  it('what could not be looked at is told as not worked out, in a step that is not called safe', async () => {
    await root(`${guarded}; CREATE POLICY own ON t USING (o = current_user)`);
    await using _ = await session(at(server().url, { database: 'shop' }), 'BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE');
    const { plan } = await project.plan();
    const steps = plan.steps.filter(({ losses: all = [] }) =>
      all.some(({ what }) => what.some((one) => one.startsWith('not worked out: '))),
    );
    expect(steps.flatMap(({ losses: all = [] }) => all.filter(({ who }) => who === 'shop').flatMap(({ what }) => what))).toEqual(
      expect.arrayContaining([
        'not worked out: what it has by name in database "shop" could not be read (canceling statement due to lock timeout); look again before you agree',
      ]),
    );
    expect(steps.map(({ risk }) => risk)).not.toContain('safe');
  });

  it('and nothing is told where nothing does', async () => {
    await root(`${view}; CREATE TABLE s (who text DEFAULT session_user); ALTER TABLE s OWNER TO shop`);
    expect(await byName('shop')).toEqual([]);
    expect(await losses('bi')).toEqual([]);
  });
});
