import { beforeEach, describe, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { wipe } from '../lifecycle/harness.ts';

const WORD = 'word';

/** What `far` or `str` calls stops, and `str2` calls what they made: it has no right on anything that goes. */
describeEachPostgres('what a function of a stranger needs, further on', { versions: 'ends' }, (server) => {
  let project: TestProject;
  const root = (sql: string, database = 'content') => query(at(server().url, { database }), sql);
  const as = (user: string, sql: string) => query(at(server().url, { user, password: WORD, database: 'content' }), sql);
  const app = (name: string): string => `${name}: { uses: { main: { isolation: schema, database: content, connections: 2 } } }`;
  const write = (apps: string): Promise<void> =>
    project.write(`cotenant: 1
project: hops
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 } } }
known: [{ user: str2, why: test }, { user: str3, why: test }]
apps: { ${apps} }
`);
  const losses = async (who: string): Promise<readonly string[]> =>
    (await project.plan()).plan.steps.flatMap(({ losses: all = [] }) => all.filter((loss) => loss.who === who).flatMap(({ what }) => what));

  beforeEach(async () => {
    await wipe(server().url);
    await root(`CREATE ROLE str NOLOGIN; CREATE ROLE far NOLOGIN`, 'postgres');
    for (const login of ['str2', 'str3']) await root(`CREATE ROLE ${login} LOGIN PASSWORD '${WORD}'`, 'postgres');
    project = await testProject('cotenant: 1\nproject: hops\n', { ADMIN: server().password });
    await write(`${app('blog')}, ${app('wiki')}`);
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    await root(
      `GRANT CONNECT ON DATABASE content TO str2, str3;
       SET ROLE wiki_owner; CREATE TABLE wiki.p (n int); INSERT INTO wiki.p VALUES (7);
       CREATE FUNCTION wiki.one() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'; REVOKE EXECUTE ON FUNCTION wiki.one() FROM PUBLIC; RESET ROLE;
       CREATE SCHEMA rep; GRANT USAGE ON SCHEMA rep TO str, far, str2, str3; GRANT USAGE ON SCHEMA wiki TO str, far`,
    );
    return async () => await project[Symbol.asyncDispose]();
  });

  /** A function that runs as `owner`, and who may call it. */
  const definer = (name: string, owner: string, body: string, callers: string): string =>
    `CREATE FUNCTION rep.${name}() RETURNS bigint LANGUAGE sql SECURITY DEFINER ${body}; ALTER FUNCTION rep.${name}() OWNER TO ${owner};
     REVOKE EXECUTE ON FUNCTION rep.${name}() FROM PUBLIC; GRANT EXECUTE ON FUNCTION rep.${name}() TO ${callers}`;
  const inner = definer('deep', 'str', `AS 'SELECT count(*) FROM wiki.p'`, 'far');
  const reads = 'GRANT SELECT ON wiki.p TO str';
  const lost = 'its owner "str" loses SELECT on "wiki"."p"';

  const cases: Readonly<Record<string, readonly [made: string, used: string, said: string]>> = {
    'a function of the app, in a text': [
      `GRANT EXECUTE ON FUNCTION wiki.one() TO str; ${definer('f', 'str', `AS 'SELECT wiki.one()'`, 'str2')}`,
      'SELECT rep.f()',
      'function rep.f() of database "content" (it may need that: its owner "str" loses EXECUTE on function wiki.one())',
    ],
    'a function of the app, as the server understands it': [
      `GRANT EXECUTE ON FUNCTION wiki.one() TO str; ${definer('f', 'str', 'BEGIN ATOMIC SELECT wiki.one(); END', 'str2')}`,
      'SELECT rep.f()',
      'function rep.f() of database "content" (its owner "str" loses EXECUTE on function wiki.one())',
    ],
    'a function that runs as somebody else, in a text': [
      `${reads}; ${inner}; ${definer('top', 'far', `AS 'SELECT rep.deep()'`, 'str2')}`,
      'SELECT rep.top()',
      `function rep.top() of database "content" (it may use function rep.deep(): it may need that: ${lost})`,
    ],
    'one that a superuser’s function calls': [
      `${reads}; ${inner}; ${definer('top', 'postgres', `AS 'SELECT rep.deep()'`, 'str2')}`,
      'SELECT rep.top()',
      `function rep.top() of database "content" (it may use function rep.deep(): it may need that: ${lost})`,
    ],
    'the same, as the server understands it': [
      `${reads}; ${inner}; ${definer('top', 'far', 'BEGIN ATOMIC SELECT rep.deep(); END', 'str2')}`,
      'SELECT rep.top()',
      `function rep.top() of database "content" (it uses function rep.deep(): it may need that: ${lost})`,
    ],
    'two of them': [
      `${reads}; ${inner}; ${definer('mid', 'far', `AS 'SELECT rep.deep()'`, 'str')}; ${definer('top', 'str', `AS 'SELECT rep.mid()'`, 'str2')}`,
      'SELECT rep.top()',
      'function rep.top() of database "content" (it may use function rep.mid()',
    ],
    'a view of somebody else': [
      `${reads}; CREATE VIEW rep.v AS SELECT * FROM wiki.p; ALTER VIEW rep.v OWNER TO str; GRANT SELECT ON rep.v TO far; ${definer('top', 'far', `AS 'SELECT count(*) FROM rep.v'`, 'str2')}`,
      'SELECT rep.top()',
      `function rep.top() of database "content" (it may use view rep.v: ${lost})`,
    ],
    'a helper that runs as its caller': [
      `${reads}; CREATE FUNCTION rep.help() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM wiki.p'; ${definer('top', 'str', `AS 'SELECT rep.help()'`, 'str2')}`,
      'SELECT rep.top()',
      `function rep.top() of database "content" (it may need that: ${lost})`,
    ],
    'a view over a function': [
      `${reads}; ${definer('deep', 'str', `AS 'SELECT count(*) FROM wiki.p'`, 'str2')}; REVOKE USAGE ON SCHEMA rep FROM str2; CREATE SCHEMA seen; GRANT USAGE ON SCHEMA seen TO str2;
       CREATE VIEW seen.v AS SELECT rep.deep() AS n; GRANT SELECT ON seen.v TO str2`,
      'SELECT n FROM seen.v',
      `view seen.v of database "content" (it uses function rep.deep(): it may need that: ${lost})`,
    ],
  };

  describe('is lost by those who call it', () => {
    it.each(Object.keys(cases))('%s', async (name) => {
      const [made = '', used = '', said = ''] = cases[name] ?? [];
      await root(made);
      await as('str2', used);
      expect(
        (await losses('str2')).some((one) => one.startsWith(said)),
        (await losses('str2')).join('\n'),
      ).toBe(true);
      expect(await losses('str3')).toEqual([]);
      expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
      await expect(as('str2', used)).rejects.toThrow(/permission denied/);
      expect((await project.plan()).plan.steps).toEqual([]);
    });

    it('when the app goes', async () => {
      await root(`${reads}; ${inner}; ${definer('top', 'far', `AS 'SELECT rep.deep()'`, 'str2')}`);
      await write(app('blog'));
      expect(
        (await losses('str2')).some((one) => one.startsWith('function rep.top() of database "content" (it may use function rep.deep()')),
      ).toBe(true);
    });
  });

  it('is nobody’s loss where nothing of it goes', async () => {
    await root(
      `CREATE TABLE rep.own (n int); GRANT SELECT ON rep.own TO str; GRANT SELECT ON wiki.p TO far; ${definer('deep', 'str', `AS 'SELECT count(*) FROM rep.own'`, 'far, str2')};
       ${definer('top', 'far', `AS 'SELECT rep.deep()'`, 'str2')}`,
    );
    expect((await losses('str2')).filter((one) => !one.includes('USAGE on schema'))).toEqual([]);
  });
});
