import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, readOld, threeLevels, urlOf, type Workplace, workplace, writeOld } from './harness.ts';

/** What a stranger makes under each name that an app or reader has left: what is said of it, what makes the name free again. */
const TAKEN = [
  ['shop', 'postgres', 'CREATE ROLE shop_user LOGIN', 'CT2005 .*role "shop_user" exists again', 'ALTER ROLE shop_user RENAME TO theirs1'],
  ['shop', 'postgres', 'CREATE ROLE shop_ro', 'CT2005 .*role "shop_ro" exists again', 'ALTER ROLE shop_ro RENAME TO theirs2'],
  [
    'shop',
    'postgres',
    'CREATE DATABASE shop OWNER str',
    'CT2005 .*database "shop" exists again.*"str"',
    'ALTER DATABASE shop RENAME TO theirs',
  ],
  [
    'blog',
    'shared',
    'CREATE SCHEMA blog AUTHORIZATION str',
    'CT2005 .*schema "blog" of database "shared" exists again.*"str"',
    'ALTER SCHEMA blog RENAME TO theirs',
  ],
  ['team', 'postgres', 'CREATE ROLE team_user', 'CT2005 .*role "team_user" exists again', 'ALTER ROLE team_user RENAME TO theirs3'],
  ['lens', 'postgres', 'CREATE ROLE lens_user LOGIN', 'CT2005 .*role "lens_user" exists again', 'ALTER ROLE lens_user RENAME TO theirs4'],
  [
    'shop',
    'postgres',
    `CREATE ROLE shop_user; COMMENT ON ROLE shop_user IS 'cotenant {"project":"others","app":"shop"}'`,
    'CT2006 .*role "shop_user" exists again and belongs to project "others"',
    'DROP ROLE shop_user',
  ],
] as const;

describeEachPostgres('names that somebody has taken since', { versions: 'newest' }, (server) => {
  let place: Workplace;
  beforeAll(async () => {
    place = await workplace(server(), threeLevels());
    expect((await place.apply()).ending).toBe('done');
    for (const app of ['shop', 'blog']) await query(await urlOf(place, app), writeOld[app] ?? '');
    await place.write(manifestOf('apps:\n  keep: { uses: { main: {} } }\n'));
    expect((await place.apply()).ending).toBe('done');
    await query(server().url, 'CREATE ROLE str LOGIN');
  });
  afterAll(async () => await place[Symbol.asyncDispose]());

  it.each(TAKEN)('%s does not come back: %s', async (app, database, taking, said, leaving) => {
    const names = async (): Promise<unknown> =>
      await query(server().url, 'SELECT rolname::text AS name FROM pg_roles UNION ALL SELECT datname FROM pg_database ORDER BY 1');
    const url = at(server().url, { database });
    await query(url, taking);
    const before = await names();
    const { ending, diagnostics } = await place.restore(app);
    const errors = diagnostics.filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code} ${message}`);
    expect({ ending, errors }).toEqual({
      ending: 'failed',
      errors: [expect.stringMatching(said), expect.stringContaining('CT4007')].slice(0, errors.length),
    });
    expect(await names()).toEqual(before);
    await query(url, leaving);
  });

  it('and all of them do once the names are free', async () => {
    for (const app of ['shop', 'blog', 'team', 'lens']) expect((await place.restore(app)).ending).toBe('done');
    await place.write(threeLevels());
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    for (const app of ['shop', 'blog']) expect(await query(await urlOf(place, app), readOld[app] ?? '')).toEqual([{ what: 'old' }]);
  });
});
