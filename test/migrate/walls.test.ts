import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { manifestOf, urlOf, wipe, workplace, type Workplace } from '../engines/postgres/lifecycle/harness.ts';
import { runCli } from '../support/cli.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { query } from '../support/query.ts';
import { alembicProject } from './alembic.ts';
import { toolAt } from './tools.ts';
import { files, rows, up } from './ways.ts';

const alembic = toolAt('alembic');

const manifest = (more = ''): string =>
  manifestOf(`apps:
  shop: { uses: { main: { isolation: schema, database: shared } }, migrations: { tool: alembic, directory: shop${more} } }
  blog: { uses: { main: { isolation: schema, database: shared } } }
`);

describeEachPostgres('walls around a tool', { versions: 'ends' }, (server) => {
  describe.skipIf(alembic === null)('with Alembic', () => {
    let place: Workplace;
    const shared = (): string => server().url.replace(/\/postgres(?=$|\?)/, '/shared');

    beforeAll(async () => {
      await wipe(server().url);
      place = await workplace(server(), manifest(), { PATH: `${dirname(alembic ?? '/bin')}:/usr/bin:/bin`, HOME: '/tmp' });
      await place.apply();
      await query(await urlOf(place, 'blog'), 'CREATE TABLE posts (id int)');
      return async () => await place[Symbol.asyncDispose]();
    });

    /** Runs one revision from the beginning, and gives what was said of it. */
    async function tried(sql: string): Promise<string> {
      await query(shared(), 'DROP TABLE IF EXISTS shop.alembic_version');
      await alembicProject(join(place.folder, 'shop'), [{ id: 'a1', up: sql }]);
      const { diagnostics, ending } = await up(place);
      return ending === 'done' ? 'done' : diagnostics.join('\n');
    }

    test('what the app may do is no finding', async () => {
      expect(
        await tried(
          "CREATE TABLE fine (id int PRIMARY KEY, n text); CREATE INDEX ON fine (n); CREATE TYPE mood AS ENUM ('a'); CREATE VIEW seen AS SELECT * FROM fine; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        ),
      ).toBe('done');
    });

    test('a table of another app, through a wall that somebody has opened', async () => {
      await query(shared(), 'GRANT blog_owner TO shop_owner, shop_user; GRANT USAGE ON SCHEMA blog TO shop_user, shop_owner');
      expect(await tried('SET ROLE blog_owner; ALTER TABLE blog.posts ADD n int; RESET ROLE')).toMatch(
        /^CT4103 shop: .*table blog\.posts of blog_owner, which is not the app's, has changed/m,
      );
      expect(await tried('SET ROLE blog_owner; CREATE TABLE blog.planted (id int); RESET ROLE')).toMatch(
        /table blog\.planted of blog_owner, which is not the app's, is new/,
      );
      expect(await tried('SET ROLE blog_owner; DROP TABLE blog.planted; RESET ROLE')).toMatch(
        /table blog\.planted of blog_owner.* is gone/,
      );
      await query(shared(), 'REVOKE blog_owner FROM shop_owner, shop_user; REVOKE USAGE ON SCHEMA blog FROM shop_user, shop_owner');
    });

    test('an object in no app’s place, and one that belongs to somebody else', async () => {
      await query(shared(), 'GRANT CREATE, USAGE ON SCHEMA public TO shop_owner');
      expect(await tried('CREATE TABLE public.stray (id int)')).toMatch(/table public\.stray is new and lies outside of the app's place/);
      await query(shared(), 'DROP TABLE public.stray; REVOKE CREATE, USAGE ON SCHEMA public FROM shop_owner');
      await query(shared(), 'GRANT CREATE ON SCHEMA shop TO shop_user');
      expect(await tried('SET ROLE shop_user; CREATE TABLE shop.mine (id int); RESET ROLE; SET ROLE shop_owner')).toMatch(
        /CT4103 shop: .*table shop\.mine is new and belongs to shop_user/,
      );
      await query(shared(), 'DROP TABLE shop.mine; REVOKE CREATE ON SCHEMA shop FROM shop_user');
    });

    test('a right for somebody else, and an index that is not valid', async () => {
      expect(await tried('CREATE TABLE open_one (id int); GRANT SELECT ON open_one TO blog_owner')).toMatch(
        /table shop\.open_one is open to somebody else: "?blog_owner"?: r/,
      );
      await query(shared(), 'SET ROLE shop_owner; CREATE TABLE shop.twice (id int); INSERT INTO shop.twice VALUES (1), (1)');
      const broken = await tried(`py:
    with op.get_context().autocommit_block():
        try:
            op.execute("CREATE UNIQUE INDEX CONCURRENTLY twice_id ON twice (id)")
        except Exception:
            pass`);
      expect(broken).toMatch(/index shop\.twice_id: it is not valid/);
      await query(shared(), 'DROP TABLE shop.twice');
    });

    test('a right on one column for somebody else; what is as the server gives it to everybody is none', async () => {
      expect(await tried('CREATE TABLE two (id int, "my mail" text); GRANT UPDATE ("my mail") ON two TO blog_owner')).toMatch(
        /table shop\.two is open to somebody else: "blog_owner": w on column "my mail"/,
      );
      await query(shared(), 'SET ROLE shop_owner; CREATE TABLE shop.old (id int, n int)');
      expect(await tried('GRANT SELECT (n) ON old TO PUBLIC')).toMatch(/table shop\.old is open to somebody else: PUBLIC: r on column "n"/);
      await query(shared(), 'DROP TABLE shop.old');
      expect(
        await tried(
          `CREATE FUNCTION own() RETURNS int LANGUAGE sql AS 'SELECT 1'; GRANT EXECUTE ON FUNCTION own() TO shop_ro; CREATE TYPE tint AS ENUM ('a'); GRANT USAGE ON TYPE tint TO shop_ro`,
        ),
      ).toBe('done');
      expect(await tried('GRANT EXECUTE ON FUNCTION own() TO blog_owner')).toMatch(
        /routine shop\.own\(\) is open to somebody else: "blog_owner": X/,
      );
    });

    test('settings that last', async () => {
      expect(await tried(`ALTER ROLE CURRENT_USER SET work_mem = '1MB'`)).toMatch(/settings of role shop_owner is new/);
      await query(shared(), 'ALTER ROLE shop_user RESET work_mem; ALTER ROLE shop_owner RESET work_mem');
    });

    test('a session that is turned round: search_path, role; the ledger stays where it is', async () => {
      expect(await tried('CREATE TABLE before_it (id int); SET search_path TO public')).toMatch(
        /CT4102 shop: .*INSERT INTO alembic_version.*\. It stands at its beginning, and a1 is next/s,
      );
      expect(await query(shared(), `SELECT to_regclass('shop.before_it') AS at, to_regclass('public.alembic_version') AS ledger`)).toEqual([
        { at: null, ledger: null },
      ]);
      await query(shared(), 'GRANT CREATE, USAGE ON SCHEMA public TO shop_owner');
      expect(await tried('SET search_path TO public; CREATE TABLE astray (id int); SET search_path TO shop')).toMatch(
        /CT4103 shop: alembic says that it succeeded.*table public\.astray is new and lies outside of the app's place/,
      );
      await query(shared(), 'DROP TABLE public.astray; REVOKE CREATE, USAGE ON SCHEMA public FROM shop_owner');
      expect(await tried('CREATE TABLE half (id int); SET ROLE shop_ro')).toMatch(
        /CT4102 shop: .*permission denied.*It stands at its beginning/s,
      );
    });

    test('a change that fails in the middle leaves nothing; one that stays while the tool goes on and fails is told', async () => {
      expect(await tried('CREATE TABLE gone (id int); SELECT 1/0')).not.toMatch(/gone is new/);
      const half = await tried(`py:
    with op.get_context().autocommit_block():
        op.execute("CREATE TABLE stays (id int)")
    raise Exception("no more")`);
      expect(half).toMatch(
        /CT4102 shop: .*no more.*Left behind: the ledger has not moved, and table shop\.stays is new\. It stands at its beginning, and a1 is next/s,
      );
    });

    test('a ledger that cannot be written after a change that stays', async () => {
      expect(await tried('CREATE TABLE first_one (id int)')).toBe('done');
      await query(
        shared(),
        `CREATE FUNCTION public.no() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'the disk is full'; END$$;
         CREATE TRIGGER no BEFORE UPDATE ON shop.alembic_version FOR EACH ROW EXECUTE FUNCTION public.no()`,
      );
      await alembicProject(join(place.folder, 'shop'), [
        { id: 'a1', up: 'CREATE TABLE first_one (id int)' },
        {
          id: 'b2',
          up: `py:
    with op.get_context().autocommit_block():
        op.execute("CREATE TABLE unwritten (id int)")`,
        },
      ]);
      const { diagnostics } = await up(place);
      expect(diagnostics.join()).toMatch(
        /CT4102 shop: .*the disk is full.*Left behind: the ledger has not moved, and table shop\.unwritten is new\. It stands at a1, and b2 is next/s,
      );
      expect((await rows(place))['shop']).toMatchObject({ state: 'behind', current: ['a1'], pending: ['b2'] });
      await query(shared(), 'DROP TRIGGER no ON shop.alembic_version; DROP FUNCTION public.no(); DROP TABLE shop.unwritten');
      expect((await up(place)).ending).toBe('done');
      await rm(join(place.folder, 'shop/migrations/versions/b2_x.py'));
    });

    test('a tool that is not installed: which command gets it', async () => {
      await tried('SELECT 1');
      await query(shared(), 'DROP TABLE IF EXISTS shop.alembic_version');
      const { code, stderr } = await runCli(['migrate', 'up', 'shop'], { cwd: place.folder, env: { ...place.env, PATH: '/usr/bin:/bin' } });
      expect(code).toBe(1);
      expect(stderr).toMatch(/CT4101.*there is no alembic on this machine.*pip install alembic/s);
    });

    test('a tool that says much, that hangs, that is not there, and what it says of a password', async () => {
      const url = await urlOf(place, 'shop');
      const password = new URL(url).password;
      const loud = await tried(
        'py:import os; print("x" * 1000000); print(os.environ["DATABASE_URL"]); print("COTENANT" in "".join(os.environ)); print("ADMIN_PASSWORD" in os.environ); print("NAMES " + " ".join(sorted(os.environ)))',
      );
      expect(loud).toBe('done');
      await query(shared(), 'DROP TABLE IF EXISTS shop.alembic_version');
      const { said } = await up(place);
      expect(said.join('\n')).not.toContain(password);
      expect(said.filter((line) => line === 'False').length).toBe(2);
      const named =
        said
          .find((line) => line.includes('NAMES '))
          ?.split(' ')
          .slice(1) ?? [];
      const own = Object.keys(await place.reveal('shop'));
      // The last two are made by the shell and by Python.
      expect(named.filter((name) => !own.includes(name))).toEqual(expect.arrayContaining(['HOME', 'PATH', 'PGAPPNAME']));
      expect(named.filter((name) => ![...own, 'HOME', 'PATH', 'PGAPPNAME', 'PWD', 'LC_CTYPE'].includes(name))).toEqual([]);
      expect(said.some((line) => line.includes('***'))).toBe(true);
      await writeFile(join(place.folder, 'cotenant.yaml'), manifest(', deadline: 2s'));
      expect(await tried('SELECT pg_sleep(10)')).toMatch(/CT4104 shop: alembic was ended after 2 s/);
      await writeFile(join(place.folder, 'cotenant.yaml'), manifest(', command: [not-there]'));
      await query(shared(), 'DROP TABLE IF EXISTS shop.alembic_version');
      expect((await up(place)).diagnostics.join()).toMatch(/CT4101 shop: there is no not-there on this machine/);
      await writeFile(join(place.folder, 'cotenant.yaml'), manifest());
    });

    test('a tool that says it succeeded, and did nothing', async () => {
      await files(place, 'shop', { 'liar.sh': '#!/bin/sh\necho done\n' });
      await query(shared(), 'DROP TABLE IF EXISTS shop.alembic_version');
      await writeFile(join(place.folder, 'cotenant.yaml'), manifest(', command: [/bin/sh, -c, "echo all is well"]'));
      expect((await up(place)).diagnostics.join()).toMatch(/CT4103 shop: alembic says that it succeeded.*it has skipped a1/);
      expect((await rows(place))['shop']).toMatchObject({ state: 'behind', last: { ending: 'failed' } });
      await writeFile(join(place.folder, 'cotenant.yaml'), manifest());
    });
  });
});
