import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../support/engines.ts';
import { query } from '../../support/query.ts';
import { manifestOf, session, urlOf, workplace } from './lifecycle/harness.ts';

const apps = `apps:
  shop: { uses: { main: { connections: 5, isolation: schema, database: shared } } }
  blog: { uses: { main: { connections: 5, isolation: schema, database: other } } }
`;

describeEachPostgres('the status of an app', { versions: 'each' }, (server) => {
  it('does not wait for a table that an app has locked', async () => {
    await using place = await workplace(server(), manifestOf(apps));
    expect((await place.apply()).ending).toBe('done');
    for (const app of ['shop', 'blog']) await query(await urlOf(place, app), 'CREATE TABLE kept AS SELECT 1 AS x');
    const sizes = async () => (await place.status()).placements.map(({ app, size }) => [app, size]);
    expect(await sizes()).toEqual([
      ['shop', 8192],
      ['blog', 8192],
    ]);
    await using _locked = await session(await urlOf(place, 'shop'), 'BEGIN; LOCK TABLE kept IN ACCESS EXCLUSIVE MODE');
    expect(await sizes()).toEqual([
      ['shop', null],
      ['blog', 8192],
    ]);
  });

  it('that left the manifest says in which database its schema lies', async () => {
    await using place = await workplace(server(), manifestOf(apps));
    expect((await place.apply(['new-passwords', 'blog'])).ending).toBe('done');
    await place.write(manifestOf(apps.replace(/ {2}blog.*\n/, '')));
    expect((await place.apply(['new-passwords', 'blog'])).ending).toBe('done');
    const gone = (await place.status()).placements.filter(({ state }) => state === 'retired');
    expect(gone.map(({ app, location }) => [app, location])).toEqual([['blog', 'in other']]);
  });
});
