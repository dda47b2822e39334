import { expect, test } from 'vitest';
import { DriftWorld } from '../../../support/drift.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { changeMark } from '../../../support/query.ts';
import { refused } from '../../../support/refused.ts';
import { DiagnosticError } from '../../../../src/model/index.ts';
import { Catalog } from '../../../support/catalog.ts';

const app = (name: string, placement: string): string => `apps:\n  ${name}: { uses: { main: { connections: 5, ${placement} } } }\n`;

describeEachPostgres('databases that were there before', { versions: 'each' }, (server) => {
  test('a schema public as before PostgreSQL 15 loses what PUBLIC had', async () => {
    await using before = new Catalog(server());
    await before.run('postgres', 'CREATE DATABASE old TEMPLATE template0');
    await before.run(
      'old',
      'ALTER SCHEMA public OWNER TO postgres; GRANT ALL ON SCHEMA public TO PUBLIC; CREATE ROLE old_user LOGIN; CREATE TABLE public.kept (id int); GRANT ALL ON kept TO old_user',
    );
    await using world = await DriftWorld.make(server(), app('old', 'adopt: true'), []);
    expect(
      await world.catalog.run('old', `SELECT nspowner::regrole::text, nspacl::text ~ '[{,]=' FROM pg_namespace WHERE nspname = 'public'`),
    ).toEqual([['old_owner', false]]);
    expect(await world.runAs('old_user', 'old', 'INSERT INTO kept VALUES (1); SELECT id FROM kept')).toEqual([[1]]);
    expect(await world.pending()).toEqual([]);
  });

  test('the same in a shared database, where the schema stays with the operator', async () => {
    await using before = new Catalog(server());
    await before.run('postgres', 'CREATE ROLE somebody');
    await before.run('postgres', 'CREATE DATABASE many TEMPLATE template0 OWNER somebody');
    await before.run('many', 'ALTER SCHEMA public OWNER TO somebody; GRANT ALL ON SCHEMA public TO PUBLIC');
    await using world = await DriftWorld.make(server(), app('one', 'isolation: schema, database: many, adopt: true'), []);
    const owners = `SELECT r.rolsuper OR r.rolname = 'pg_database_owner', pg_get_userbyid(d.datdba)::text FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner JOIN pg_database d ON d.datname = 'many' WHERE n.nspname = 'public'`;
    expect(await world.catalog.run('many', owners)).toEqual([[true, 'postgres']]);
    expect(await refused(world.runAs('one_user', 'many', 'CREATE TABLE public.planted (id int)'))).toBe('42501');
    expect(await world.pending()).toEqual([]);
  });

  test('an extension stays where it is', async () => {
    await using before = new Catalog(server());
    await before.run('postgres', 'CREATE DATABASE elsewhere TEMPLATE template0');
    await before.run('elsewhere', 'CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext');
    await using world = await DriftWorld.make(server(), app('elsewhere', 'adopt: true, extensions: [citext, hstore]'), []);
    const where = `SELECT extname::text, extnamespace::regnamespace::text FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1`;
    expect(await world.catalog.run('elsewhere', where)).toEqual([
      ['citext', 'ext'],
      ['hstore', 'public'],
    ]);
    expect(await world.runAs('elsewhere_user', 'elsewhere', `SELECT 'A'::ext.citext OPERATOR(ext.=) 'a'::ext.citext`)).toEqual([[true]]);
    expect(await world.pending()).toEqual([]);
  });

  test('a database of somebody else is not touched unless it is adopted', async () => {
    await using before = new Catalog(server());
    await before.run('postgres', 'CREATE ROLE theirs');
    await before.run('postgres', 'CREATE DATABASE taken OWNER theirs TEMPLATE template0');
    await expect(DriftWorld.make(server(), app('taken', ''), [])).rejects.toThrow();
    const owner = `SELECT datdba::regrole::text FROM pg_database WHERE datname = 'taken'`;
    expect(await before.run('postgres', owner)).toEqual([['theirs']]);
    await using world = await DriftWorld.make(server(), app('taken', 'adopt: true'), []);
    expect(await before.run('postgres', owner)).toEqual([['postgres']]);
    expect(await refused(world.runAs('taken_user', 'taken', 'SET ROLE theirs'))).toBe('42501');
    expect(await world.pending()).toEqual([]);
  });

  test('public that is gone comes back, empty and closed', async () => {
    await using world = await DriftWorld.make(server(), app('bare', 'isolation: schema, database: pile, extensions: [citext]'), []);
    await world.catalog.run('pile', 'DROP SCHEMA public CASCADE');
    await world.apply();
    expect(await world.runAs('bare_user', 'pile', `SELECT 'A'::citext = 'a'::public.citext`)).toEqual([[true]]);
    expect(await refused(world.runAs('bare_user', 'pile', 'CREATE TABLE public.planted (id int)'))).toBe('42501');
    expect(await world.pending()).toEqual([]);
  });

  test.each([
    ['two apps of their own', '{ database: same }', '{ database: same }'],
    ['one of its own, one in a schema', '{ database: same }', '{ isolation: schema, database: same }'],
    ['a schema and rows', '{ isolation: schema, database: same }', '{ isolation: rows, database: same }'],
    ['one schema twice', '{ isolation: schema, database: same, schema: s }', '{ isolation: schema, database: same, schema: s }'],
    ['one workspace twice', '{ isolation: rows, database: same, workspace: w }', '{ isolation: rows, database: same, workspace: w }'],
    ['one login twice', '{ names: { login: same } }', '{ names: { login: same } }'],
  ])('%s in one database are refused before the server is asked', async (_, one, two) => {
    const mark = await changeMark(server().url);
    const error: unknown = await DriftWorld.make(
      server(),
      `apps:\n  one: { uses: { main: ${one} } }\n  two: { uses: { main: ${two} } }\n`,
      [],
    ).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DiagnosticError);
    expect((error as DiagnosticError).diagnostics.map(({ code }) => code)).toContain('CT2001');
    expect(await changeMark(server().url)).toBe(mark);
  });
});
