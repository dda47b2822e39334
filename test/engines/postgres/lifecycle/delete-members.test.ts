import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const people =
  'operators: { backup: { may: [connect] }, auditor: { may: [read-all] } }\nknown: [{ user: legacy, why: stays }, { user: team, why: a group }, { user: owner, why: stays }]\n';
const wiki = '  wiki: { uses: { main: { connections: 3 } } }\n';
const both = `${wiki}  shop: { uses: { main: { connections: 3 } } }\n  blog: { uses: { main: { isolation: schema, database: shared, connections: 3 } } }\n`;

describeEachPostgres('others who are members of an app’s roles, when it is deleted', { versions: 'ends' }, (server) => {
  let place: Workplace;
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const as = (user: string, sql: string, database = 'reports') => query(at(server().url, { user, password: 'x', database }), sql);
  const losses = async (): Promise<readonly string[]> =>
    (await place.plan()).plan.steps
      .flatMap(({ losses: all = [] }) => all.flatMap(({ who, of, what }) => what.map((one) => `${who} (${of ?? '-'}) ${one}`)))
      .map((one) => one.replaceAll(/__gone_\d{8}/g, '__gone'))
      .sort();

  beforeEach(async () => {
    await wipe(server().url);
    for (const name of ['backup', 'auditor', 'legacy', 'member', 'owner', 'keeps']) await root(`CREATE ROLE ${name} LOGIN PASSWORD 'x'`);
    await root('CREATE ROLE team NOLOGIN; GRANT team TO member');
    await root('CREATE DATABASE reports');
    place = await workplace(server(), manifestOf(`apps:\n${both}${people}`));
    expect(await place.apply(['backup', 'legacy', 'member', 'owner', 'keeps'])).toMatchObject({ ending: 'done' });
    return async () => await place[Symbol.asyncDispose]();
  });

  const leave = async (): Promise<void> => {
    await place.write(manifestOf(`apps:\n${wiki}${people}`));
    expect(await place.apply(['backup', 'legacy', 'member', 'owner', 'keeps'])).toMatchObject({ ending: 'done' });
    await place.write(manifestOf(`apps:\n${wiki}${people}removal: delete\n`));
  };

  it('are told of every right in any database that they have by them alone', async () => {
    await root(
      'GRANT shop_ro TO backup, legacy, team; REVOKE CONNECT ON DATABASE reports FROM PUBLIC; GRANT CONNECT ON DATABASE reports TO shop_ro, owner, keeps',
    );
    await root(
      `CREATE TABLE r (i int); CREATE TABLE twice (i int); CREATE TABLE cols (a int, b int); GRANT SELECT, INSERT ON r TO shop_ro; GRANT SELECT ON twice TO shop_ro, legacy; GRANT SELECT (a) ON cols TO shop_ro;
       GRANT USAGE, CREATE ON SCHEMA public TO owner; ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT ON TABLES TO shop_ro`,
      'reports',
    );
    await as(
      'owner',
      "CREATE VIEW ov AS SELECT 5; GRANT SELECT ON ov TO shop_ro; CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 6'; REVOKE ALL ON FUNCTION f() FROM PUBLIC; GRANT EXECUTE ON FUNCTION f() TO shop_ro",
    );
    await leave();
    const each = [
      'EXECUTE on function public.f() in database "reports"',
      'INSERT, SELECT on table public.r in database "reports"',
      'SELECT from default privileges on new relations belonging to role owner in database "reports"',
      'SELECT on column a of table public.cols in database "reports"',
      'SELECT on view public.ov in database "reports"',
      'connect to database "reports"',
    ];
    const found = (await losses()).filter((one) => one.includes('reports'));
    const more = 'SELECT on table public.twice in database "reports"';
    expect(found).toEqual(
      [
        ...[...each, more].map((one) => `backup (backup) ${one}`),
        ...each.map((one) => `legacy (legacy) ${one}`),
        ...[...each, more].map((one) => `member (-) ${one}`),
      ].sort(),
    );
    expect(await place.apply(['shop', 'blog'])).toMatchObject({ ending: 'refused' });
    expect(await as('member', 'SELECT f() AS six')).toEqual([{ six: 6 }]);
    expect(await place.apply(['shop', 'blog', 'member'])).toMatchObject({ ending: 'refused' });
    expect(await place.apply(['shop', 'blog', 'member', 'legacy', 'backup'])).toMatchObject({ ending: 'done' });
    await expect(as('legacy', 'SELECT 1')).rejects.toThrow(/permission denied for database/);
  });

  it('are told of rights on what all databases share', async () => {
    const parameters = server().version.startsWith('14') ? '' : '; GRANT SET ON PARAMETER log_statement TO shop_ro';
    await root(
      `GRANT shop_ro TO legacy, team; GRANT CREATE ON TABLESPACE pg_default TO shop_ro WITH GRANT OPTION${parameters};
       SET ROLE shop_ro; GRANT CREATE ON TABLESPACE pg_default TO keeps`,
    );
    const about = async () => (await losses()).filter((one) => / on (tablespace|parameter) |with tablespace/.test(one));
    await place.write(manifestOf(`apps:\n${wiki}${people}`));
    const parameter =
      parameters === '' ? [] : ['legacy (legacy) SET on parameter log_statement', 'member (-) SET on parameter log_statement'];
    // No role of an app keeps a right on a parameter, one that is put aside neither.
    expect(await about()).toEqual(parameter);
    await leave();
    const right = 'CREATE on tablespace pg_default';
    const given = 'what it may do with tablespace pg_default (an app that goes gave it)';
    expect(await about()).toEqual([`keeps (-) ${given}`, `legacy (legacy) ${right}`, `member (-) ${right}`]);
    expect(await place.apply(['shop', 'blog', 'legacy', 'member'])).toMatchObject({ ending: 'refused' });
    expect(await place.apply(['shop', 'blog', 'legacy', 'member', 'keeps'])).toMatchObject({ ending: 'done' });
    await root('REVOKE ALL ON TABLESPACE pg_default FROM PUBLIC');
  });

  it('are told of what the app’s roles own in a database that stays', async () => {
    await root('GRANT CONNECT ON DATABASE shared TO legacy, keeps');
    await root(
      `SET ROLE blog_owner; CREATE TABLE blog.kept (i int); RESET ROLE;
       GRANT USAGE ON SCHEMA blog TO legacy, keeps; GRANT SELECT ON blog.kept TO legacy, keeps`,
      'shared',
    );
    await leave();
    // A stranger has lost the schema when it was put aside.
    expect(await losses()).toEqual(
      [
        'auditor (auditor) what app "blog" has in database "shared" (it is dropped)',
        'legacy (legacy) what app "blog" has in database "shared" (it is dropped)',
      ]
        .concat([
          'auditor (auditor) connect to database "shop__gone" (it is dropped)',
          'backup (backup) connect to database "shop__gone" (it is dropped)',
        ])
        .sort(),
    );
    expect(await place.apply(['shop', 'blog', 'legacy'])).toMatchObject({ ending: 'done' });
  });
});
