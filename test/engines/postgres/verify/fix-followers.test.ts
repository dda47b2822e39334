import { beforeEach, expect, it } from 'vitest';
import { applyFixes, fixPlan } from '../../../../src/app/fix.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { lossesToConfirm } from '../../../../src/model/index.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { wipe } from '../lifecycle/harness.ts';

const WORD = 'word';

/** `str` reads by views and functions, `led` comes in as somebody else: what others lose they lose. */
describeEachPostgres('who loses something by a fix though it is taken from somebody else', { versions: 'ends' }, (server) => {
  let project: TestProject;
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const as = (user: string, sql: string, database = 'content') => query(at(server().url, { user, password: WORD, database }), sql);
  const app = (name: string): string => `${name}: { uses: { main: { isolation: schema, database: content, connections: 2 } } }`;

  beforeEach(async () => {
    await wipe(server().url);
    await root('CREATE ROLE str NOLOGIN; CREATE ROLE far NOLOGIN');
    for (const login of ['str2', 'str3', 'led', 'bi']) await root(`CREATE ROLE ${login} LOGIN PASSWORD '${WORD}'`);
    await root('CREATE DATABASE dw');
    project = await testProject(
      `cotenant: 1
project: followed
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, perimeter: warn, connections: { reserve: 1 } } }
known: [${['str2', 'str3', 'led'].map((user) => `{ user: ${user}, why: test }`).join(', ')}]
apps: { ${app('blog')}, ${app('wiki')} }
`,
      { ADMIN: server().password },
    );
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    await root('GRANT CONNECT ON DATABASE content TO str2, str3');
    await root(
      `SET ROLE wiki_owner; CREATE TABLE wiki.p (n int); INSERT INTO wiki.p VALUES (7); RESET ROLE;
       CREATE SCHEMA rep; GRANT USAGE ON SCHEMA rep TO str, str2, str3`,
      'content',
    );
    return async () => await project[Symbol.asyncDispose]();
  });

  /** What each is told by all fixes, which are then sent. */
  const fixed = async (): Promise<(who: string) => readonly string[]> => {
    const { report } = await verifyProject(await project.open(), { seed: 7 });
    const plan = fixPlan(await project.open(), report);
    const confirm = [...lossesToConfirm(plan).keys(), ...plan.steps.flatMap((step) => step.confirm ?? [])];
    for await (const event of applyFixes(await project.open(), report, { consent: () => Promise.resolve(true), confirm }))
      if (event.type === 'result') expect(['done', 'partly']).toContain(event.ending);
    return (who) => plan.steps.flatMap(({ losses = [] }) => losses.filter((loss) => loss.who === who).flatMap(({ what }) => what));
  };

  const rights = 'GRANT USAGE ON SCHEMA wiki TO str; GRANT SELECT ON wiki.p TO str';
  const view = 'CREATE VIEW rep.wv AS SELECT * FROM wiki.p; ALTER VIEW rep.wv OWNER TO str; GRANT SELECT ON rep.wv TO str2';
  const code = `CREATE FUNCTION rep.f() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM wiki.p'; ALTER FUNCTION rep.f() OWNER TO str;
    REVOKE EXECUTE ON FUNCTION rep.f() FROM PUBLIC; GRANT EXECUTE ON FUNCTION rep.f() TO str2`;
  const calling = (what: string): string => code.replace('SELECT count(*) FROM wiki.p', `SELECT ${what}`);
  const inView = 'view rep.wv of database "content" (its owner "str" loses SELECT on "wiki"."p")';
  const cases: Readonly<Record<string, readonly [made: string, used: string, said: string]>> = {
    'readers of a view of whoever loses a table': [`${rights}; ${view}`, 'SELECT n FROM rep.wv', inView],
    'those of a view over it': [
      `${rights}; ${view}; REVOKE ALL ON rep.wv FROM str2; GRANT SELECT ON rep.wv TO far; CREATE VIEW rep.top AS SELECT * FROM rep.wv; ALTER VIEW rep.top OWNER TO far; GRANT SELECT ON rep.top TO str2`,
      'SELECT n FROM rep.top',
      'view rep.top of database "content" (its owner "str" loses SELECT on "wiki"."p")',
    ],
    'those who call its function': [
      `${rights}; ${code}`,
      'SELECT rep.f()',
      'function rep.f() of database "content" (it may need that: its owner "str" loses SELECT on "wiki"."p")',
    ],
    'those where everybody could read it': [
      `GRANT USAGE ON SCHEMA wiki TO PUBLIC; GRANT SELECT ON wiki.p TO PUBLIC; ${view}`,
      'SELECT n FROM rep.wv',
      inView,
    ],
    'those where a column was open': [
      `GRANT USAGE ON SCHEMA wiki TO str; GRANT SELECT (n) ON wiki.p TO str; ${view}`,
      'SELECT n FROM rep.wv',
      inView,
    ],
    'readers of a view of another app': [
      `${view}; ${rights.replaceAll('TO str', 'TO blog_owner')}; ALTER VIEW rep.wv OWNER TO blog_owner`,
      'SELECT n FROM rep.wv',
      'view rep.wv of database "content" (its owner "blog_owner" loses SELECT on "wiki"."p")',
    ],
    'those who call what calls its function': [
      `${rights}; ${code}; GRANT EXECUTE ON FUNCTION rep.f() TO far; REVOKE EXECUTE ON FUNCTION rep.f() FROM str2; GRANT USAGE ON SCHEMA rep TO far;
       CREATE FUNCTION rep.top() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT rep.f()'; ALTER FUNCTION rep.top() OWNER TO far;
       REVOKE EXECUTE ON FUNCTION rep.top() FROM PUBLIC; GRANT EXECUTE ON FUNCTION rep.top() TO str2`,
      'SELECT rep.top()',
      'function rep.top() of database "content" (it may use function rep.f(): it may need that: its owner "str" loses SELECT on "wiki"."p")',
    ],
    'those who use what calls a function of the operator': [
      `CREATE FUNCTION wiki.op() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::bigint'; GRANT USAGE ON SCHEMA wiki TO str, PUBLIC; ${calling('wiki.op()')}`,
      'SELECT rep.f()',
      'function rep.f() of database "content" (it may need that: its owner "str" loses EXECUTE on function wiki.op())',
    ],
    'those who use what calls a function that is dropped': [
      `CREATE FUNCTION wiki.low() RETURNS timestamptz LANGUAGE internal AS 'now'; ALTER FUNCTION wiki.low() OWNER TO wiki_owner; GRANT USAGE ON SCHEMA wiki TO str;
       GRANT EXECUTE ON FUNCTION wiki.low() TO str; ${calling('count(wiki.low())')}`,
      'SELECT rep.f()',
      'function rep.f() of database "content" (it may need that: its owner "str" loses EXECUTE on function wiki.low())',
    ],
    'those where a membership goes': [`GRANT wiki_ro TO str; ${view}`, 'SELECT n FROM rep.wv', inView],
  };

  it.each(Object.keys(cases))('%s', async (name) => {
    const [made = '', used = '', said = ''] = cases[name] ?? [];
    await root(made, 'content');
    await as('str2', used);
    const told = await fixed();
    expect(told('str2')).toContain(said);
    expect(told('str3').filter((one) => one.includes('rep.'))).toEqual([]);
    await expect(as('str2', used)).rejects.toThrow(/permission denied|does not exist/);
  });

  it('those who come into a database whose setting goes, and have none of their own', async () => {
    await root(`ALTER DATABASE content SET search_path = rep; ALTER ROLE str3 SET search_path = rep`);
    const told = await fixed();
    const said = /^the setting search_path = "?rep"? of database "content"$/;
    expect(told('str2')).toContainEqual(expect.stringMatching(said));
    expect(told('str3')).not.toContainEqual(expect.stringMatching(said));
  });

  const mapped = (login: string): string =>
    `CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'localhost', port '${server().port}', dbname 'content');
     CREATE FOREIGN TABLE far_p (n int) SERVER far OPTIONS (schema_name 'wiki', table_name 'p'); GRANT SELECT ON far_p TO led;
     CREATE USER MAPPING FOR led SERVER far OPTIONS (user '${login}', password '${WORD}')`;

  it('those who come in as a stranger', async () => {
    await root(`GRANT CONNECT ON DATABASE content TO bi; GRANT USAGE ON SCHEMA wiki TO bi; GRANT SELECT ON wiki.p TO bi`, 'content');
    await root(`CREATE EXTENSION postgres_fdw; ${mapped('bi')}`, 'dw');
    await as('led', 'SELECT n FROM far_p', 'dw');
    const told = await fixed();
    expect(told('led')).toContainEqual(
      expect.stringMatching(/^foreign server "far" of database "dw" \(as "bi" it loses: connect to database "content"\)$/),
    );
    await expect(as('led', 'SELECT n FROM far_p', 'dw')).rejects.toThrow();
  });

  it('those who read what runs as somebody whose user mapping goes', async () => {
    await root(`CREATE DATABASE side`);
    const uses = (name: string): string => `${name}: { uses: { main: { connections: 2 } } }`;
    await project.write(
      `cotenant: 1
project: followed
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, perimeter: warn, connections: { reserve: 1 } } }
known: [{ user: str2, why: test }, { user: led, why: test }]
apps: { ${app('blog')}, ${app('wiki')}, ${uses('from')}, ${uses('to')} }
shares: [{ from: from, tables: [t], to: to, via: grant }]
`,
    );
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    await root('SET ROLE from_owner; CREATE TABLE t (n int); INSERT INTO t VALUES (1)', 'from');
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    await root(
      `GRANT CONNECT ON DATABASE "to" TO str2; CREATE SCHEMA rep; GRANT USAGE ON SCHEMA rep, cotenant_from_from TO blog_owner, str2; GRANT SELECT ON cotenant_from_from.t TO blog_owner;
       CREATE USER MAPPING FOR blog_owner SERVER from_from OPTIONS (user 'postgres', password '${server().password}');
       CREATE VIEW rep.v AS SELECT n FROM cotenant_from_from.t; ALTER VIEW rep.v OWNER TO blog_owner; GRANT SELECT ON rep.v TO str2`,
      'to',
    );
    await as('str2', 'SELECT n FROM rep.v', 'to');
    const told = await fixed();
    expect(told('str2')).toContainEqual(
      expect.stringMatching(/^view rep\.v of database "to" \(the user mapping of "blog_owner" for "cotenant_from_from"\."t" goes\)$/),
    );
    await expect(as('str2', 'SELECT n FROM rep.v', 'to')).rejects.toThrow();
  });

  it('those who come in as an app that reads another one', async () => {
    await root(`ALTER ROLE blog_user PASSWORD '${WORD}'; GRANT wiki_ro TO blog_owner`, 'content');
    await root(`CREATE EXTENSION postgres_fdw; ${mapped('blog_user')}`, 'dw');
    await as('led', 'SELECT n FROM far_p', 'dw');
    const told = await fixed();
    expect(told('led')).toContainEqual(expect.stringMatching(/foreign server "far" .*membership in role "wiki_ro"/));
    await expect(as('led', 'SELECT n FROM far_p', 'dw')).rejects.toThrow();
  });
});
