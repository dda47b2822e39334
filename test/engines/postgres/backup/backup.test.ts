import { expect, test } from 'vitest';
import { differences } from '../../../../src/backup/compare.ts';
import { at, query } from '../../../support/query.ts';
import { describeSaved } from './saved.ts';

describeSaved('backup', ({ url, project, open, ability }) => {
  test.each(['shop', 'crm'])('%s comes back in a rehearsal, and nothing is left of that', async (app) => {
    const { backup, input, context } = await ability();
    const part = await backup.save(input, app, context);
    expect(part.objects.length).toBeGreaterThan(30);
    expect(part.objects.filter(({ rows }) => rows === 500)).toHaveLength(1);
    expect(JSON.stringify(part)).not.toContain('secret');
    expect(differences(part.objects, await backup.rehearse(input, app, part, context))).toEqual([]);
    const left =
      "SELECT datname FROM pg_database WHERE datname LIKE 'cotenant_drill%' UNION ALL SELECT rolname FROM pg_roles WHERE rolname LIKE 'cotenant_drill%'";
    expect(await query(at(url(), { database: 'postgres' }), left)).toEqual([]);
  });

  test.each([
    ['a row is lost', 'DELETE FROM people WHERE id = 77', 'table public.people has 499 rows, and had 500'],
    ['a byte is another one', "UPDATE odd SET b = '\\x01ff' WHERE b IS NOT NULL", 'table public.odd is another one'],
    ['a row is there two times', 'INSERT INTO visits SELECT * FROM visits_a', 'table public.visits_a has 2 rows, and had 1'],
    ['a sequence is behind', "SELECT setval('counted', 7)", 'sequence public.counted is another one'],
    ['an index is missing', 'DROP INDEX named', 'index public.named is missing'],
    ['a constraint is missing', 'ALTER TABLE b DROP CONSTRAINT b_a_fkey', 'constraint public.b.b_a_fkey is missing'],
    ['a trigger is off', 'ALTER TABLE people DISABLE TRIGGER stamped', 'trigger public.people.stamped is another one'],
    ['a view is another one', 'CREATE OR REPLACE VIEW good AS SELECT name FROM people', 'view public.good is another one'],
    ['a default is missing', 'ALTER TABLE people ALTER COLUMN mood DROP DEFAULT', 'table public.people is another one'],
    ['row level security is off', 'ALTER TABLE parent DISABLE ROW LEVEL SECURITY', 'table public.parent is another one'],
    ['a policy is missing', 'DROP POLICY own ON parent', 'policy public.parent.own is missing'],
    ['a large object is another one', "SELECT lo_put(oid, 0, '\\xff') FROM pg_largeobject_metadata", 'large object'],
    ['something was not saved', 'CREATE TABLE later (n int)', 'table public.later was not saved'],
  ])('a rehearsal tells where %s', async (_name, sql, said) => {
    const { backup, input, context } = await ability();
    const wanted = await backup.save(input, 'shop', context);
    const shop = await open('shop');
    await shop.query(sql);
    const changed = await ability();
    const part = await changed.backup.save(changed.input, 'shop', changed.context);
    const there = await changed.backup.rehearse(changed.input, 'shop', part, changed.context);
    expect(differences(wanted.objects, there).join('; ')).toContain(said);
    await shop.query('DROP TABLE IF EXISTS later');
  });

  test.each([
    [
      'casts its rows to a text of its own',
      "CREATE TABLE c (n int); INSERT INTO c VALUES (1); CREATE FUNCTION same(c) RETURNS text LANGUAGE sql AS $$SELECT 'x'$$; CREATE CAST (c AS text) WITH FUNCTION same(c) AS IMPLICIT",
      'UPDATE c SET n = 2',
      'table public.c',
    ],
    [
      'moves a default into a comment',
      'CREATE TABLE m (n int DEFAULT 5)',
      "ALTER TABLE m ALTER n DROP DEFAULT; COMMENT ON COLUMN m.n IS '5'",
      'table public.m',
    ],
    [
      'changes an aggregate',
      'CREATE AGGREGATE agg (int) (SFUNC = int4pl, STYPE = int)',
      'DROP AGGREGATE agg (int); CREATE AGGREGATE agg (int) (SFUNC = int4mul, STYPE = int)',
      'aggregate public.agg',
    ],
    [
      'drops an operator',
      'CREATE OPERATOR +# (FUNCTION = int4pl, LEFTARG = int, RIGHTARG = int)',
      'DROP OPERATOR +# (int, int)',
      'operator public.+#',
    ],
    ['drops a collation', 'CREATE COLLATION coll FROM "C"', 'DROP COLLATION coll', 'collation public.coll'],
    [
      'changes a text search configuration',
      'CREATE TEXT SEARCH CONFIGURATION conf (COPY = simple)',
      'ALTER TEXT SEARCH CONFIGURATION conf DROP MAPPING FOR email',
      'text search configuration public.conf',
    ],
    [
      'changes the collation of a domain',
      'CREATE DOMAIN dom AS text COLLATE "C"',
      'DROP DOMAIN dom; CREATE DOMAIN dom AS text COLLATE "POSIX"',
      'type public.dom',
    ],
    ['unties a sequence', 'CREATE TABLE owner (n serial)', 'ALTER SEQUENCE owner_n_seq OWNED BY NONE', 'sequence public.owner_n_seq'],
    [
      'gives a policy to another role',
      'CREATE TABLE pol (n int); CREATE POLICY p ON pol TO shop_ro USING (true)',
      'ALTER POLICY p ON pol TO PUBLIC',
      'policy public.pol.p',
    ],
    [
      'drops the comment of an index',
      "CREATE TABLE com (n int); CREATE INDEX com_n ON com (n); COMMENT ON INDEX com_n IS 'x'",
      'COMMENT ON INDEX com_n IS NULL',
      'comment index public.com_n',
    ],
    ['stores a column otherwise', 'CREATE TABLE sto (t text)', 'ALTER TABLE sto ALTER t SET STORAGE EXTERNAL', 'table public.sto'],
  ])('two hashes differ where somebody %s', async (_name, before, after, said) => {
    const shop = await open('shop');
    await shop.query(before);
    const { backup, input, context } = await ability();
    const old = await backup.save(input, 'shop', context);
    await shop.query(after);
    const again = await ability();
    const now = await again.backup.save(again.input, 'shop', again.context);
    expect(differences(old.objects, now.objects).join('; ')).toContain(said);
    expect(differences(now.objects, await again.backup.rehearse(again.input, 'shop', now, again.context))).toEqual([]);
    if (before.includes('CAST')) expect(now.left.join('; ')).toContain('cast (public.c AS text)');
    await shop.query('DROP TABLE IF EXISTS c, m, owner, pol, com, sto CASCADE; DROP FUNCTION IF EXISTS same');
  });

  test('a table that hides rows from its owner is no backup, and what to do is said', async () => {
    const shop = await open('shop');
    await shop.query('CREATE TABLE forced (n int); ALTER TABLE forced ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY');
    const { backup, input, context } = await ability();
    await expect(backup.save(input, 'shop', context)).rejects.toMatchObject({
      diagnostics: [{ code: 'CT4303', hint: expect.stringContaining('NO FORCE ROW LEVEL SECURITY') }],
    });
    await shop.query('DROP TABLE forced');
  });

  test('a login sets what it likes', async () => {
    const shop = await open('shop');
    const settings = {
      quote_all_identifiers: 'on',
      standard_conforming_strings: 'off',
      search_path: 'public, pg_catalog',
      idle_in_transaction_session_timeout: '1ms',
      idle_session_timeout: '1ms',
      statement_timeout: '100ms',
      datestyle: 'German',
    };
    await shop.query(
      'CREATE FUNCTION public.md5(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT \'same\'$$; CREATE FUNCTION "a\\" () RETURNS int LANGUAGE sql AS \'SELECT 1\'; CREATE SCHEMA "S.*?""\'\\ -- x"; CREATE TABLE "S.*?""\'\\ -- x"."\n\\! %s" ("cotenant_row" int, "-" text); INSERT INTO "S.*?""\'\\ -- x"."\n\\! %s" VALUES (1, \'a\')',
    );
    for (const [name, value] of Object.entries(settings))
      await shop.query(`ALTER ROLE CURRENT_USER SET ${name} = ${value.includes(',') ? value : `'${value}'`}`);
    const { backup, input, context } = await ability();
    const part = await backup.save(input, 'shop', context);
    expect(differences(part.objects, await backup.rehearse(input, 'shop', part, context))).toEqual([]);
    expect(new Set(part.objects.map(({ hash }) => hash)).size).toBeGreaterThan(30);
    for (const name of Object.keys(settings)) await shop.query(`ALTER ROLE CURRENT_USER RESET ${name}`);
    await shop.query('DROP FUNCTION public.md5(text); DROP SCHEMA "S.*?""\'\\ -- x" CASCADE; DROP FUNCTION "a\\"');
  });

  test('schemas of upper case and in words, and an extension in one of them', async () => {
    const shop = await open('shop');
    await shop.query(
      'CREATE SCHEMA "EXTENSION"; CREATE TABLE "EXTENSION".t (n int); CREATE SCHEMA "public b"; COMMENT ON SCHEMA "public b" IS \'two words\'; CREATE SCHEMA mine; CREATE EXTENSION hstore SCHEMA mine; CREATE TABLE mine.h (h mine.hstore)',
    );
    const { backup, input, context } = await ability();
    const part = await backup.save(input, 'shop', context);
    expect(differences(part.objects, await backup.rehearse(input, 'shop', part, context))).toEqual([]);
    await shop.query('DROP SCHEMA "EXTENSION", "public b" CASCADE; DROP SCHEMA mine CASCADE');
  });

  test('what came back lies in the app that it was brought back into, and nothing is written over', async () => {
    const { backup, input, context } = await ability();
    const part = await backup.save(input, 'shop', context);
    expect(await backup.present(input, 'copy', context)).toEqual([]);
    expect(differences(part.objects, await backup.load(input, 'copy', part, context))).toEqual([]);
    expect((await backup.present(input, 'copy', context)).length).toBe(part.objects.length);
    const owners =
      "SELECT DISTINCT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S') AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')";
    expect(await query(at(url(), { database: 'copy' }), owners)).toEqual([{ owner: 'copy_owner' }]);
    expect(await project().plan()).toMatchObject({ plan: { steps: [] } });
    await expect(backup.load(input, 'copy', part, context)).rejects.toThrow(/already exists/);
  });

  test('a table that is written anew meanwhile is saved as it was', async () => {
    const shop = await open('shop');
    await shop.query('CREATE TABLE rewritten AS SELECT n FROM generate_series(1, 300) AS n');
    const { backup, input, context } = await ability();
    const changes: Promise<unknown>[] = [];
    const say = (): void => {
      if (changes.length === 0) changes.push(shop.query('ALTER TABLE rewritten ALTER COLUMN n TYPE bigint'));
    };
    const part = await backup.save(input, 'shop', { ...context, say });
    await Promise.all(changes);
    expect(part.objects.find(({ name }) => name === 'public.rewritten')).toMatchObject({ rows: 300 });
    expect(differences(part.objects, await backup.rehearse(input, 'shop', part, context))).toEqual([]);
  });

  test('a dump that does harm does it to a database of its own', async () => {
    const { backup, input, context } = await ability();
    const shop = await open('shop');
    await shop.query(
      'CREATE FUNCTION evil() RETURNS int LANGUAGE plpgsql AS $$BEGIN ALTER ROLE postgres RENAME TO gone; RETURN 1; END$$; CREATE TABLE trap (n int CHECK (n > 0)); CREATE INDEX ON trap ((n + 1))',
    );
    const part = await backup.save(input, 'shop', context);
    expect(differences(part.objects, await backup.rehearse(input, 'shop', part, context))).toEqual([]);
    expect(await query(at(url(), { database: 'postgres' }), "SELECT 1 AS one FROM pg_roles WHERE rolname = 'postgres'")).toEqual([
      { one: 1 },
    ]);
  });
});
