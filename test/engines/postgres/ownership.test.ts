import { afterAll, beforeAll, expect, test } from 'vitest';
import { DriftWorld } from '../../support/drift.ts';
import { describeEachMajor, describeEachPostgres, freshPostgres, tableFor } from '../../support/engines.ts';
import { testProject } from '../../support/project.ts';
import { query, at } from '../../support/query.ts';
import { importServer } from '../../../src/app/import.ts';

const yaml = `apps:
  shop: { uses: { main: { connections: 5 } } }
  news: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
  mail: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
readers:
  audit: { reads: [shop, news], connections: 2 }
`;

interface Left {
  readonly name: string;
  readonly on: string;
  /** As the superuser. */
  readonly sql: string;
  readonly as?: string;
  /** Parts of the warning, as regular expressions. */
  readonly said: readonly string[];
  readonly undo: string;
}

/** What somebody else made on an app's ground: it stays theirs, and the plan says so. */
const left: readonly Left[] = [
  {
    name: 'a table of the operator',
    on: 'shop',
    sql: 'CREATE TABLE notes (id serial PRIMARY KEY, secret text)',
    said: ['table "public"."notes"', '"postgres"', 'nothing says'],
    undo: 'DROP TABLE notes',
  },
  {
    name: 'a table of the operator that the app may read and write',
    on: 'shop',
    sql: 'CREATE TABLE jobs (id int); GRANT SELECT, INSERT, UPDATE, DELETE ON jobs TO shop_rw, shop_owner',
    said: ['table "public"."jobs"', 'ALTER TABLE "public"."jobs" OWNER TO "shop_owner"'],
    undo: 'DROP TABLE jobs',
  },
  {
    name: 'a table in the schema of an app',
    on: 'shared',
    sql: 'CREATE TABLE news.planted (id int)',
    said: ['table "news"."planted"'],
    undo: 'DROP TABLE news.planted',
  },
  {
    name: 'a view that reads what the app may not',
    on: 'shop',
    sql: 'CREATE VIEW logins AS SELECT rolname, rolpassword FROM pg_authid; CREATE MATERIALIZED VIEW kept AS SELECT * FROM pg_authid',
    said: ['view "public"."kept", view "public"."logins"'],
    undo: 'DROP VIEW logins; DROP MATERIALIZED VIEW kept',
  },
  {
    name: 'a function, also one that only the app may call',
    on: 'shop',
    sql: `CREATE FUNCTION nightly() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE EXECUTE ON FUNCTION nightly() FROM PUBLIC; GRANT EXECUTE ON FUNCTION nightly() TO shop_rw`,
    said: ['function public.nightly\\(\\)', 'code of somebody else'],
    undo: 'DROP FUNCTION nightly()',
  },
  {
    name: 'what a pooler looks passwords up with',
    on: 'shop',
    sql: `CREATE ROLE pooler LOGIN; CREATE SCHEMA pgbouncer; GRANT USAGE ON SCHEMA pgbouncer TO pooler;
      CREATE FUNCTION pgbouncer.get_auth(text) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT rolpassword FROM pg_authid WHERE rolname = $1';
      REVOKE EXECUTE ON FUNCTION pgbouncer.get_auth(text) FROM PUBLIC; GRANT EXECUTE ON FUNCTION pgbouncer.get_auth(text) TO pooler`,
    said: ['function pgbouncer.get_auth\\(text\\)', 'with the rights of "postgres"'],
    undo: 'DROP SCHEMA pgbouncer CASCADE; DROP ROLE pooler',
  },
  {
    name: 'the function of an event trigger',
    on: 'shop',
    sql: `CREATE FUNCTION pgrst_watch() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN NOTIFY pgrst; END$$; CREATE EVENT TRIGGER pgrst_watch ON ddl_command_end EXECUTE FUNCTION pgrst_watch()`,
    said: ['function public.pgrst_watch\\(\\)'],
    undo: 'DROP EVENT TRIGGER pgrst_watch; DROP FUNCTION pgrst_watch()',
  },
  {
    name: 'a function of the operator that a trigger of the app runs',
    on: 'shop',
    sql: 'CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$; CREATE TRIGGER stamp BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION stamp()',
    said: ['function public.stamp\\(\\)'],
    undo: 'DROP FUNCTION stamp() CASCADE',
  },
  {
    name: 'types, operators, casts, aggregates and foreign servers of the operator',
    on: 'shop',
    sql: `CREATE TYPE mood AS ENUM ('a'); CREATE DOMAIN even AS int CHECK (VALUE % 2 = 0); CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int);
      CREATE OPERATOR ### (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl); CREATE COLLATION odd FROM "C"; CREATE TEXT SEARCH CONFIGURATION words (COPY = simple);
      CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w; CREATE USER MAPPING FOR postgres SERVER far; CREATE FOREIGN TABLE distant (id int) SERVER far; CREATE PUBLICATION everything FOR ALL TABLES`,
    said: ['type public.even', 'type public.mood', 'table "public"."distant"'],
    undo: 'DROP PUBLICATION everything; DROP FOREIGN DATA WRAPPER w CASCADE; DROP TYPE mood; DROP DOMAIN even; DROP AGGREGATE total(int); DROP OPERATOR ### (int, int); DROP COLLATION odd; DROP TEXT SEARCH CONFIGURATION words',
  },
  {
    name: 'what a login has that the manifest does not name, with the rights of others on it',
    on: 'shop',
    sql: `CREATE ROLE etl LOGIN; CREATE ROLE bi LOGIN; GRANT ALL ON SCHEMA public TO etl; SET ROLE etl; CREATE TABLE public.landing (id int); GRANT SELECT ON public.landing TO bi; CREATE FUNCTION public.load() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'; RESET ROLE; REVOKE ALL ON SCHEMA public FROM etl`,
    said: ['function public.load\\(\\)', 'table "public"."landing"'],
    undo: 'DROP TABLE landing; DROP FUNCTION load(); DROP ROLE etl, bi',
  },
  {
    name: "another app's code, which would run with the rights of the one that gets it",
    on: 'shared',
    sql: `GRANT ALL ON SCHEMA news TO mail_owner; SET ROLE mail_owner; CREATE FUNCTION news.gift() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN RETURN NEW; END$$;
      CREATE FUNCTION news.plain() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$; CREATE TABLE mail.own (id int);
      CREATE TRIGGER one BEFORE INSERT ON mail.own FOR EACH ROW EXECUTE FUNCTION news.gift(); CREATE TRIGGER two BEFORE INSERT ON mail.own FOR EACH ROW EXECUTE FUNCTION news.plain();
      CREATE TABLE news.squat (id int); CREATE TRIGGER three BEFORE INSERT ON news.squat FOR EACH ROW EXECUTE FUNCTION news.plain(); RESET ROLE; REVOKE ALL ON SCHEMA news FROM mail_owner`,
    said: ['function news.gift\\(\\)', 'function news.plain\\(\\)', 'table "news"."squat"'],
    undo: 'DROP TABLE mail.own, news.squat; DROP FUNCTION news.gift(), news.plain()',
  },
];

describeEachPostgres('what somebody else made', { versions: 'ends' }, (server, major) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), yaml, ['shop', 'shared']);
    await world.runAs('shop_user', 'shop', 'CREATE TABLE orders (id serial PRIMARY KEY, total int)');
    await world.runAs('news_user', 'shared', 'CREATE TABLE letters (id int PRIMARY KEY)');
    await world.apply();
  });
  afterAll(async () => await world[Symbol.asyncDispose]());

  test.each(tableFor(major, left, 4))('$name: it stays as it is, and the plan says so', async ({ on, sql, said, undo }) => {
    await world.catalog.run(on, sql);
    const before = await world.catalog.lines(['shop', 'shared']);
    const { plan } = await world.project.plan();
    const warnings = plan.diagnostics.filter(({ code }) => code === 'CT2036').map(({ message, hint }) => `${message} ${hint ?? ''}`);
    for (const part of said) expect(warnings).toContainEqual(expect.stringMatching(part));
    expect(plan.steps.flatMap(({ fields }) => fields.map(({ field }) => field)).filter((field) => field.startsWith('owner'))).toEqual([]);
    await world.apply();
    expect(await world.catalog.lines(['shop', 'shared'])).toEqual(before);
    expect(await world.pending()).toEqual([]);
    await world.catalog.run(on, undo);
  });

  test('roles of other apps get nothing on it, and everybody else keeps what they have', async () => {
    await world.catalog.run(
      'shared',
      'CREATE ROLE bi; CREATE TABLE news.planted (id int); GRANT SELECT ON news.planted TO bi, mail_rw, news_user',
    );
    await world.apply();
    const rows = await world.catalog.run(
      'shared',
      `SELECT x.grantee::regrole::text, string_agg(x.privilege_type, ' ' ORDER BY x.privilege_type) FROM pg_class, aclexplode(relacl) x WHERE relname = 'planted' AND x.grantee <> relowner GROUP BY 1 ORDER BY 1`,
    );
    // The sessions of an app act as its owner role.
    expect(rows).toEqual([
      ['bi', 'SELECT'],
      ['news_owner', 'SELECT'],
      ['news_user', 'SELECT'],
    ]);
    expect(await world.pending()).toEqual([]);
    await world.catalog.run('shared', 'DROP TABLE news.planted; DROP ROLE bi');
  });
});

describeEachPostgres("a stranger's table in a database that is shared by rows", { versions: 'newest' }, (server) => {
  test('gets no guard and no other owner', async () => {
    await using world = await DriftWorld.make(
      server(),
      'apps: { team: { uses: { main: { connections: 5, isolation: rows, database: pool } } } }\n',
      ['pool'],
    );
    await world.catalog.run(
      'pool',
      `CREATE ROLE etl; GRANT ALL ON SCHEMA public TO etl; SET ROLE etl; CREATE TABLE public.landing (workspace text, id int); INSERT INTO public.landing VALUES ('team', 1); RESET ROLE`,
    );
    const before = await world.catalog.lines(['pool']);
    const { plan } = await world.project.plan();
    expect(plan.steps.filter(({ address }) => address.kind === 'row-guard')).toEqual([]);
    expect(plan.diagnostics.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('table "public"."landing" of "etl" stays'),
    );
    await world.apply();
    expect((await world.catalog.lines(['pool'])).filter((line) => line.includes('landing'))).toEqual(
      before.filter((line) => line.includes('landing')),
    );
    expect(await world.pending()).toEqual([]);
  });
});

const WATCH = `CREATE FUNCTION public.pgrst_watch() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN NOTIFY pgrst; END$$; CREATE EVENT TRIGGER pgrst_watch ON ddl_command_end EXECUTE FUNCTION public.pgrst_watch()`;
/** What a tenant would put there: the next change of a superuser makes it one. */
const SPRUNG = WATCH.replace(
  'NOTIFY pgrst;',
  'IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN ALTER ROLE shop_user SUPERUSER; END IF;',
);

describeEachMajor('an event trigger', { versions: 'ends' }, (major) => {
  test.each(tableFor(major, ['shop_owner', 'shop_user', 'club'], 3))(
    'whose function %s may replace stops the apply before its first statement',
    async (owner) => {
      await using server = await freshPostgres({ major });
      await using world = await DriftWorld.make(server, yaml, ['shop', 'shared']);
      const catalog = world.catalog;
      await catalog.run('postgres', 'CREATE ROLE club; GRANT club TO shop_owner');
      await catalog.run(
        'shop',
        `SET event_triggers = off; ${SPRUNG}; ALTER FUNCTION public.pgrst_watch() OWNER TO ${owner}`.replace(
          'event_triggers = off',
          major < 17 ? 'session_replication_role = replica' : 'event_triggers = off',
        ),
      );
      await world.manifest(yaml.replace('connections: 5 }', 'connections: 6, extensions: [] }'));
      const { ending, trouble } = await world.project.apply();
      expect(ending).not.toBe('done');
      expect(trouble).toMatch(
        /event trigger "pgrst_watch" of "postgres" in database "shop" runs public\.pgrst_watch\(\), which "(shop_owner|shop_user)" may replace/,
      );
      expect(await catalog.run('postgres', `SELECT rolname::text FROM pg_roles WHERE rolsuper`)).toEqual([['postgres']]);
      await catalog.run('shop', 'DROP EVENT TRIGGER pgrst_watch');
      await world.apply();
    },
  );

  test('of the operator does not run in its sessions, whatever it does', async () => {
    await using server = await freshPostgres({ major });
    await using world = await DriftWorld.make(server, yaml, ['shop', 'shared']);
    await world.runAs('shop_user', 'shop', 'CREATE TABLE orders (id int)');
    await world.catalog.run(
      'shop',
      `GRANT SELECT ON orders TO PUBLIC; CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'it ran'; END$$; CREATE EVENT TRIGGER refuse ON ddl_command_start EXECUTE FUNCTION public.refuse()`,
    );
    await world.apply();
    expect(await world.pending()).toEqual([]);
  });

  test('is not handed over by an adoption either', async () => {
    await using server = await freshPostgres({ major });
    await query(server.url, "CREATE USER shop PASSWORD 'old'");
    await query(server.url, 'CREATE DATABASE shop OWNER shop');
    const url = at(server.url, { database: 'shop' });
    await query(url, 'GRANT ALL ON SCHEMA public TO shop');
    await query(at(url, { user: 'shop', password: 'old' }), 'CREATE TABLE notes (id int)');
    await query(url, WATCH);
    const { yaml: written } = await importServer({ url: server.url, password: null, env: {}, cwd: '/by-hand' });
    await using project = await testProject(written, { POSTGRES_PASSWORD: server.password });
    const { ending, trouble, outcome } = await project.apply();
    expect({ ending, trouble }).toEqual({ ending: 'done', trouble: '' });
    expect(outcome?.plan.diagnostics.map(({ code }) => code)).toContain('CT2036');
    expect(await query(url, `SELECT proowner::regrole::text AS owner FROM pg_proc WHERE proname = 'pgrst_watch'`)).toEqual([
      { owner: 'postgres' },
    ]);
    expect((await project.plan()).plan.steps).toEqual([]);
  });

  test('of a stranger stops an admin in whose session it would run, and lets a superuser work', async () => {
    await using server = await freshPostgres({ major });
    await query(server.url, "CREATE ROLE steward LOGIN CREATEROLE CREATEDB PASSWORD 'pw'; CREATE ROLE stranger");
    const head = (admin: string): string =>
      `cotenant: 1\nproject: tests\ninstances: { main: { engine: postgres, url: 'postgres://${admin}@${server.host}:${server.port}/postgres', password: { env: PW } } }\n`;
    const apps = (limit: number): string => `apps: { shop: { uses: { main: { connections: ${limit} } } } }\n`;
    await using project = await testProject(head('steward') + apps(5), { PW: 'pw' });
    expect((await project.apply()).trouble).toBe('');
    const url = at(server.url, { database: 'shop' });
    await query(url, WATCH.replace('pgrst_watch ON', 'pgrst_watch ON').replaceAll('NOTIFY pgrst;', 'NULL;'));
    expect((await project.apply()).trouble).toBe('');
    await query(url, 'ALTER FUNCTION public.pgrst_watch() OWNER TO stranger');
    await project.write(head('steward') + apps(6));
    const { ending, trouble } = await project.apply();
    expect(ending).not.toBe('done');
    expect(trouble).toContain('which "stranger" may replace');
    await using mine = await testProject(head('postgres') + apps(6), { PW: server.password });
    expect((await mine.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2037')).toEqual([]);
  });
});
