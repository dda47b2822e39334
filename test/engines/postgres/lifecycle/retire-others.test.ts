import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres, tableFor } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { applyProject } from '../../../../src/app/apply.ts';
import { openProject } from '../../../../src/app/project.ts';
import type { Plan } from '../../../../src/model/index.ts';
import { manifestOf, session, urlOf, wipe, type Workplace, workplace } from './harness.ts';

const people = 'operators: { backup: { may: [read-all] } }\nknown: [{ user: legacy, on: main, why: stays }]\n';
const wiki = '  wiki: { uses: { main: { connections: 3 } } }\n';
const shop = '  shop: { uses: { main: { connections: 3 } } }\n';
const blog = '  blog: { uses: { main: { isolation: schema, database: shared, connections: 3 } } }\n';
const all = manifestOf(`apps:\n${wiki}${shop}${blog}${people}`);
const rest = (more = ''): string => manifestOf(`apps:\n${wiki}${people}${more}`);

const told = (plan: Plan): readonly string[] =>
  [
    ...new Set(
      plan.steps.flatMap(({ losses = [] }) =>
        losses.flatMap(({ who, of, what, sessions, confirm }) =>
          what.map((one) => `${who} (${of ?? '-'}${confirm === undefined ? '' : `, ${confirm}`}) ${sessions ?? '?'} ${one}`),
        ),
      ),
    ),
  ]
    .map((one) => one.replaceAll(/__gone_\d{8}/g, '__gone'))
    .sort();

describeEachPostgres('others, when an app is retired', { versions: 'ends', settings: { wal_level: 'logical' } }, (server, major) => {
  let place: Workplace;
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const as = (user: string, database: string) => at(server().url, { user, password: 'x', database });
  const databases = async (): Promise<readonly string[]> =>
    (await root(`SELECT datname AS name FROM pg_database WHERE datname ~ '^shop' ORDER BY 1`)).map(({ name }) => String(name));
  const gone = async (): Promise<string> => (await databases()).find((name) => name.includes('__gone')) ?? '';
  const losses = async (): Promise<readonly string[]> => told((await place.plan()).plan);

  beforeEach(async () => {
    await wipe(server().url);
    await root(`CREATE ROLE backup LOGIN PASSWORD 'x'; CREATE ROLE legacy LOGIN PASSWORD 'x'; CREATE ROLE audit LOGIN PASSWORD 'x';
      CREATE ROLE dba LOGIN SUPERUSER PASSWORD 'x'; CREATE ROLE team NOLOGIN; CREATE ROLE member LOGIN PASSWORD 'x'; GRANT team TO member`);
    place = await workplace(server(), all);
    expect(await place.apply(['audit', 'member'])).toMatchObject({ ending: 'done' });
    for (const app of ['shop', 'blog']) await query(await urlOf(place, app), 'CREATE TABLE kept (x int); INSERT INTO kept VALUES (1)');
    return async () => await place[Symbol.asyncDispose]();
  });

  it('are told that the database has another name: operators, known logins, members of groups, servers of other databases', async () => {
    await root(`GRANT CONNECT ON DATABASE shop TO legacy, team; GRANT shop_ro TO audit`);
    await root('CREATE DATABASE dwh OWNER audit');
    await root(
      `CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '${server().port}', dbname 'shop');
       CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '192.0.2.7', dbname 'shop');
       CREATE USER MAPPING FOR legacy SERVER far OPTIONS (user 'legacy', password 'x'); CREATE USER MAPPING FOR legacy SERVER elsewhere OPTIONS (user 'legacy', password 'x')`,
      'dwh',
    );
    await place.write(manifestOf(`apps:\n${wiki}${blog}${people}`));
    expect(await losses()).toEqual([
      'audit (-) 0 connect to database "shop"',
      'audit (-) 0 the rights of role "shop_ro"',
      'backup (backup) 0 connect to database "shop" (it is renamed to "shop__gone")',
      'legacy (legacy, legacy) 0 connect to database "shop" (it is renamed to "shop__gone")',
      'legacy (legacy, legacy) 0 foreign server "far" of database "dwh" (it names "shop", which is renamed to "shop__gone")',
      'member (-) 0 connect to database "shop"',
    ]);
    expect(await place.apply(['audit'])).toMatchObject({ ending: 'refused' });
    expect(await databases()).toEqual(['shop']);
    expect(await place.apply(['audit', 'member'])).toMatchObject({ ending: 'refused' });
    expect(await place.apply(['audit', 'legacy', 'member'])).toMatchObject({ ending: 'done' });
    for (const user of ['backup', 'legacy']) expect(await query(as(user, await gone()), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('are told the same when it is dropped, and when it comes back', async () => {
    await place.write(manifestOf(`apps:\n${wiki}${blog}${people}`));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    await place.write(manifestOf(`apps:\n${wiki}${blog}${people}removal: delete\n`));
    expect(await losses()).toEqual(['backup (backup) 0 connect to database "shop__gone" (it is dropped)']);
    const name = await gone();
    {
      await using dump = await session(as('backup', name), 'BEGIN; SELECT * FROM kept');
      expect(await losses()).toContain(`backup (backup, backup) 1 its sessions in database "shop__gone", which is dropped`);
      expect(await place.apply(['shop'])).toMatchObject({ ending: 'refused' });
      await place.write(manifestOf(`apps:\n${wiki}${blog}${people}`));
      expect(await place.restore('shop')).toMatchObject({
        ending: 'failed',
        diagnostics: expect.arrayContaining([expect.objectContaining({ code: 'CT2031', severity: 'error' })]),
      });
      expect(await dump.isOpen()).toBe(true);
    }
    expect(await place.restore('shop')).toMatchObject({ ending: 'done' });
    await place.write(all);
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    expect(await query(as('backup', 'shop'), 'SELECT x FROM kept')).toEqual([{ x: 1 }]);
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('are told that a schema has another name', async () => {
    await root(`GRANT USAGE ON SCHEMA blog TO team; GRANT CONNECT ON DATABASE shared TO team`, 'shared');
    await root(`GRANT SELECT ON blog.kept TO team`, 'shared');
    await place.write(manifestOf(`apps:\n${wiki}${shop}${people}`));
    expect((await losses()).filter((one) => one.includes('blog'))).toEqual([
      'backup (backup) 0 use schema "blog" of database "shared" (it is renamed to "blog__gone")',
      'member (-) 0 read schema "blog" of database "shared"',
    ]);
  });

  it.each(tableFor(major, ['backup', 'legacy', 'audit', 'dba'], 2))(
    'a session of %s keeps an app as it is, whole, until its login is confirmed',
    async (who) => {
      await root('GRANT CONNECT ON DATABASE shop TO legacy, audit');
      await using visitor = await session(as(who, 'shop'));
      await place.write(manifestOf(`apps:\n${wiki}  news: { uses: { main: { connections: 3 } } }\n${people}`));
      const { plan } = await place.plan();
      const named = who === 'backup' || who === 'legacy';
      expect(told(plan)).toContain(`${who} (${named ? `${who}, ${who}` : '-'}) 1 the sessions that are open in database "shop"`);
      expect(plan.diagnostics).toContainEqual(
        expect.objectContaining({ code: 'CT2031', severity: 'warning', message: expect.stringContaining(`of "${who}" holds`) as unknown }),
      );
      const others = who === 'audit' ? [] : ['audit'];
      expect(await place.apply(others)).toMatchObject({
        ending: 'waiting',
        diagnostics: expect.arrayContaining([
          expect.objectContaining({ code: 'CT2031', message: expect.stringContaining('the app is not retired') as unknown }),
        ]),
      });
      expect(await databases()).toEqual(['shop']);
      expect(await root(`SELECT rolcanlogin AS yes FROM pg_roles WHERE rolname = 'shop_user'`)).toEqual([{ yes: true }]);
      expect(await root(`SELECT count(*)::int AS n FROM pg_database WHERE datname = 'news'`)).toEqual([{ n: 1 }]);
      expect(await root(`SELECT nspname FROM pg_namespace WHERE nspname = 'blog'`, 'shared')).toEqual([]);
      expect(await visitor.isOpen()).toBe(true);
      expect(await place.apply([who, 'audit'])).toMatchObject({ ending: 'done' });
      expect(await visitor.isOpen()).toBe(false);
      expect(await databases()).toHaveLength(1);
      expect(await gone()).not.toBe('');
      expect((await place.plan()).plan.steps).toEqual([]);
    },
  );

  it('whoever comes after the plan was made is not thrown out: nothing of that app is done, and a later apply does it', async () => {
    const came = new AsyncDisposableStack();
    await place.write(manifestOf(`apps:\n${wiki}  news: { uses: { main: { connections: 3 } } }\n${people}`));
    const events = applyProject(await openProject({ cwd: place.folder, env: place.env }), {
      consent: async () => {
        came.use(await session(as('dba', 'shop')));
        came.use(await session(as('dba', 'shared'), 'BEGIN; SELECT * FROM blog.kept'));
        return true;
      },
    });
    const failed: (string | undefined)[] = [];
    for await (const event of events)
      if (event.type === 'result') failed.push(event.ending, ...event.results.map((one) => one.diagnostic?.code));
    expect(failed.filter((one) => one !== undefined)).toEqual(['partly', 'CT2031', 'CT2031']);
    expect(await databases()).toEqual(['shop']);
    expect(await root(`SELECT rolname AS name FROM pg_roles WHERE rolname IN ('shop_user', 'blog_user') AND rolcanlogin`)).toHaveLength(2);
    expect(await root(`SELECT count(*)::int AS n FROM pg_database WHERE datname = 'news'`)).toEqual([{ n: 1 }]);
    expect(await root(`SELECT nspname FROM pg_namespace WHERE nspname = 'blog'`, 'shared')).toEqual([{ nspname: 'blog' }]);
    await came.disposeAsync();
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    expect(await gone()).not.toBe('');
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('a dump of a schema that is under way keeps its app as it is', async () => {
    await using dump = await session(as('backup', 'shared'), 'BEGIN; LOCK TABLE blog.kept IN ACCESS SHARE MODE');
    await place.write(rest());
    expect(await place.apply()).toMatchObject({
      ending: 'waiting',
      diagnostics: expect.arrayContaining([
        expect.objectContaining({
          code: 'CT2031',
          message: expect.stringContaining('an open transaction of "backup" uses schema "blog"') as unknown,
        }),
      ]),
    });
    expect(await gone()).not.toBe('');
    expect(await root(`SELECT nspname FROM pg_namespace WHERE nspname = 'blog'`, 'shared')).toEqual([{ nspname: 'blog' }]);
    await dump.end();
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    expect(await root(`SELECT nspname FROM pg_namespace WHERE nspname = 'blog'`, 'shared')).toEqual([]);
  });

  it('whoever replicates from it, comes in as everybody, or is of another project is named', async () => {
    await root(`CREATE ROLE cdc LOGIN REPLICATION PASSWORD 'x'; CREATE ROLE other LOGIN PASSWORD 'x'; CREATE ROLE elsewhere LOGIN;
      COMMENT ON ROLE other IS 'cotenant {"project":"others","app":"them"}'; COMMENT ON ROLE elsewhere IS 'cotenant {"project":"others","app":"them"}';
      GRANT CONNECT ON DATABASE shop TO PUBLIC, other`);
    await root(`SELECT pg_create_logical_replication_slot('feed', 'test_decoding')`, 'shop');
    await using stream = await session(`${as('cdc', 'shop')}?replication=database`);
    await place.write(manifestOf(`apps:\n${wiki}${blog}${people}`));
    const connects = (who: string): string => `${who} (-) ${who === 'cdc' ? 1 : 0} connect to database "shop"`;
    const renamed = (who: string): string => `${who} (${who}) 0 connect to database "shop" (it is renamed to "shop__gone")`;
    expect(await losses()).toEqual(
      [
        ...['audit', 'cdc', 'member', 'other'].map(connects),
        ...['backup', 'legacy'].map(renamed),
        'cdc (-) 1 the sessions that are open in database "shop"',
      ].sort(),
    );
    const { plan } = await place.plan();
    expect(plan.steps.find(({ title }) => title === 'retire database')?.facts).toMatchObject({ 'replication slots': 'feed' });
    expect(await place.apply(['audit', 'member', 'other'])).toMatchObject({ ending: 'waiting' });
    // All that is left to do waits for it: what is done once is done.
    expect(await place.apply(['audit', 'member', 'other'])).toMatchObject({ ending: 'waiting' });
    expect(await stream.isOpen()).toBe(true);
    expect(await place.apply(['audit', 'member', 'other', 'cdc'])).toMatchObject({ ending: 'done' });
    for (const user of ['backup', 'legacy']) expect(await query(as(user, await gone()), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await place.plan()).plan.steps).toEqual([]);
    await root(`SELECT pg_drop_replication_slot('feed')`, await gone());
  });

  it('a session that the admin may not end is waited for', async () => {
    await root(`CREATE ROLE steward LOGIN CREATEROLE CREATEDB PASSWORD 'steward'; GRANT CONNECT ON DATABASE postgres TO steward`);
    await using managed = await workplace(
      { ...server(), password: 'steward' },
      manifestOf(`apps:\n  lent: { uses: { main: { connections: 3 } } }\n${wiki.replace('wiki', 'kept')}`)
        .replace('//postgres@', '//steward@')
        .replace('project: life', 'project: lent'),
    );
    expect(
      (await managed.apply(['audit', 'member', 'legacy', 'backup'])).diagnostics.filter(({ severity }) => severity === 'error'),
    ).toEqual([]);
    await using visitor = await session(as('dba', 'lent'));
    await managed.write(
      manifestOf(`apps:\n${wiki.replace('wiki', 'kept')}`)
        .replace('//postgres@', '//steward@')
        .replace('project: life', 'project: lent'),
    );
    expect(await managed.apply(['dba'])).toMatchObject({
      diagnostics: expect.arrayContaining([
        expect.objectContaining({
          code: 'CT2031',
          hint: expect.stringMatching(/^this admin may not end it: have a superuser run SELECT pg_terminate_backend/) as unknown,
        }),
      ]),
    });
    expect(await visitor.isOpen()).toBe(true);
    expect(await root(`SELECT 1 AS one FROM pg_database WHERE datname = 'lent'`)).toEqual([{ one: 1 }]);
    await visitor.end();
    expect(await managed.apply()).toMatchObject({ ending: 'done' });
    expect(await root(`SELECT 1 AS one FROM pg_database WHERE datname = 'lent'`)).toEqual([]);
  });
});
