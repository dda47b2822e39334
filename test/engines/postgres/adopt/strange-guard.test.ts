import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { manifestOf, wipe, workplace } from '../lifecycle/harness.ts';

const manifest = manifestOf(
  'apps:\n  team: { uses: { main: { adopt: true, isolation: rows, database: pool, connections: 5, names: { owner: pool } } } }\n',
);

const strange: readonly (readonly [what: string, statements: readonly string[], why: RegExp])[] = [
  [
    'a table of another form',
    ['CREATE TABLE cotenant.workspaces (id int, name text)', "INSERT INTO cotenant.workspaces VALUES (1, 'x')"],
    /"workspaces" is another one/,
  ],
  ['tables of other names', ['CREATE TABLE cotenant.rooms (id int)'], /there is table cotenant.rooms/],
  [
    'a function of another form',
    ["CREATE FUNCTION cotenant.workspace() RETURNS text LANGUAGE sql AS 'SELECT 1::text'"],
    /"workspace" is another one/,
  ],
  ['a type', ["CREATE TYPE cotenant.mood AS ENUM ('good')"], /there is type cotenant.mood/],
  ['nothing, and an owner', ['ALTER SCHEMA cotenant OWNER TO pool'], /it is "pool"’s/],
];

describeEachPostgres('a schema of somebody else that is called as that of the guard', { versions: 'ends' }, (server) => {
  beforeEach(async () => {
    await wipe(server().url);
    for (const one of [`CREATE ROLE pool NOLOGIN`, 'CREATE DATABASE pool OWNER pool']) await query(server().url, one);
  });
  const here = async (sql: string): Promise<readonly unknown[]> => await query(server().url.replace(/\/postgres$/, '/pool'), sql);
  const state = async (): Promise<unknown> =>
    await here(
      `SELECT n.nspowner::regrole::text, n.nspacl::text, (SELECT string_agg(c.relname || c.relacl::text, ',' ORDER BY 1) FROM pg_class c WHERE c.relnamespace = n.oid),
        (SELECT string_agg(p.prosrc, ',') FROM pg_proc p WHERE p.pronamespace = n.oid) FROM pg_namespace n WHERE n.nspname = 'cotenant'`,
    );

  it.each(strange)('is refused before anything is touched: %s', { timeout: 60_000 }, async (_what, statements, why) => {
    await here('CREATE SCHEMA cotenant');
    await here('GRANT USAGE ON SCHEMA cotenant TO PUBLIC');
    for (const one of statements) await here(one);
    const before = await state();
    await using place = await workplace(server(), manifest);
    const errors = (await place.plan()).plan.diagnostics.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ code, message }) => `${code} ${message}`)).toEqual([expect.stringMatching(why)]);
    expect(errors[0]).toMatchObject({ code: 'CT2005', hint: expect.stringContaining('RENAME') as unknown });
    expect((await place.apply()).ending).toBe('failed');
    expect(await state()).toEqual(before);
  });

  it('is taken where it is as cotenant makes it, as a run leaves it that was cut', { timeout: 60_000 }, async () => {
    await here('CREATE SCHEMA cotenant');
    await here('CREATE EXTENSION postgres_fdw SCHEMA cotenant');
    await here('CREATE TABLE cotenant.workspaces (login text PRIMARY KEY, workspace text NOT NULL)');
    await using place = await workplace(server(), manifest);
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
  });
});
