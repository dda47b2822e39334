import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DriftWorld } from '../../support/drift.ts';
import { describeEachMajor, describeEachPostgres, freshPostgres } from '../../support/engines.ts';
import { tempDir } from '../../support/temp-dir.ts';

const yaml = (extensions: string): string => `apps:
  shop: { uses: { main: { connections: 5, extensions: [${extensions}] } } }
`;

describeEachPostgres('extensions', { versions: 'ends' }, (server) => {
  let world: DriftWorld;
  beforeAll(async () => {
    world = await DriftWorld.make(server(), yaml('earthdistance, tablefunc, cube, citext, hstore'), ['shop']);
  });
  afterAll(async () => await world[Symbol.asyncDispose]());

  test('come in the order in which they need each other', async () => {
    expect(await world.catalog.run('shop', 'SELECT extname::text FROM pg_extension ORDER BY 1')).toEqual(
      ['citext', 'cube', 'earthdistance', 'hstore', 'plpgsql', 'tablefunc'].map((name) => [name]),
    );
  });

  test('keep their members: composite types, functions, operators, tables, schemas', async () => {
    const { plan } = await world.project.plan();
    expect(plan.steps).toEqual([]);
    expect(plan.diagnostics.filter(({ code }) => code === 'CT2036')).toEqual([]);
  });

  test('what a range type and an aggregate of an app bring along stays too', async () => {
    await world.runAs(
      'shop_user',
      'shop',
      'CREATE TYPE span AS RANGE (SUBTYPE = int4); CREATE AGGREGATE total (int) (sfunc = int4pl, stype = int); CREATE TYPE pair AS (a int, b int)',
    );
    await world.apply();
    expect(await world.pending()).toEqual([]);
    const { plan } = await world.project.plan();
    expect(plan.diagnostics.filter(({ code }) => code === 'CT2036')).toEqual([]);
  });
});

describe('an extension that an app cannot answer for', () => {
  test('runs its script where nobody else can make anything', async () => {
    await using server = await freshPostgres();
    await using world = await DriftWorld.make(server, yaml(''), ['shop']);
    await world.runAs('shop_user', 'shop', 'CREATE TABLE notes (id int)');
    await world.manifest(yaml('hstore'));
    const plan = await world.apply();
    expect(
      plan.steps.flatMap(({ commands: statements }) => statements.map(({ text }) => text)).filter((text) => /EXTENSION|SCHEMA/.test(text)),
    ).toEqual([
      'CREATE SCHEMA "cotenant_extension"',
      'CREATE EXTENSION "hstore" SCHEMA "cotenant_extension"',
      'ALTER EXTENSION "hstore" SET SCHEMA "public"',
      'DROP SCHEMA "cotenant_extension"',
    ]);
    expect(await world.runAs('shop_user', 'shop', `SELECT ('a=>1'::hstore -> 'a')`)).toEqual([['1']]);
    expect(await world.pending()).toEqual([]);
  });

  test('is refused where its script would look among functions and operators of an app', async () => {
    await using server = await freshPostgres();
    await using world = await DriftWorld.make(server, yaml('cube'), ['shop']);
    await world.runAs('shop_user', 'shop', 'CREATE FUNCTION lower(varchar) RETURNS text LANGUAGE plpgsql AS $$BEGIN RETURN $1; END$$');
    await world.manifest(yaml('cube, earthdistance'));
    const { ending, trouble } = await world.project.apply();
    expect(ending).not.toBe('done');
    expect(trouble).toContain(
      'extension "earthdistance" of database "shop" is not installed among function public.lower(character varying)',
    );
    await world.runAs('shop_user', 'shop', 'DROP FUNCTION lower(varchar)');
    await world.apply();
  });
});

describeEachMajor('an extension that chooses its schema', { versions: 'ends' }, (major) => {
  test.runIf(major < 17)('is installed there', async () => {
    await using server = await freshPostgres({ major });
    await using world = await DriftWorld.make(server, yaml('adminpack'), ['shop']);
    expect(await world.pending()).toEqual([]);
  });

  test.runIf(major >= 18)('is installed there, and the schema that it makes stays with it', async () => {
    await using folder = await tempDir();
    // The server is another user.
    await chmod(folder.path, 0o755);
    await mkdir(join(folder.path, 'extension'));
    await writeFile(
      join(folder.path, 'extension', 'fixed.control'),
      "default_version = '1'\nschema = 'fixed_catalog'\nrelocatable = false\n",
    );
    await writeFile(
      join(folder.path, 'extension', 'fixed--1.sql'),
      "CREATE TYPE edge AS (a int); CREATE TABLE graph (id int); CREATE TYPE far AS ENUM ('x');",
    );
    await using server = await freshPostgres({ major, settings: { extension_control_path: `${folder.path}:$system` } });
    await using world = await DriftWorld.make(server, yaml('fixed'), ['shop']);
    expect(await world.pending()).toEqual([]);
    const owners = await world.catalog.run(
      'shop',
      `SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'fixed_catalog' UNION ALL SELECT typowner::regrole::text FROM pg_type WHERE typname IN ('edge', 'far')`,
    );
    expect(owners).toEqual([['postgres'], ['postgres'], ['postgres']]);
    expect((await world.project.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2036')).toEqual([]);
  });
});
