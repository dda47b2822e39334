import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeEachMysql } from '../../support/engines-mysql.ts';
import { manifestOf, type Workplace, workplace } from './lifecycle/harness.ts';
import { errorNumber } from '../../../src/engines/mysql/connect/trouble.ts';

const base = 'apps:\n  shop: { uses: { main: { connections: 4 } } }\n  blog: { uses: { main: { connections: 4 } } }\n';
const shared = manifestOf(`${base}shares:
  - { from: shop, tables: [orders], to: blog, via: grant }
  - { from: shop, tables: [people], columns: [id, name], to: blog, via: grant }
  - { from: shop, tables: [seen], to: blog, via: grant }
`);

const codeOf = async (work: Promise<unknown>): Promise<number> => errorNumber(await work.catch((error: unknown) => error));

describeEachMysql('a share', { versions: 'all' }, (server) => {
  let place: Workplace;
  beforeAll(async () => {
    place = await workplace(server(), shared);
  });
  afterAll(async () => await place[Symbol.asyncDispose]());

  it('waits for the tables, and says so', { timeout: 60_000 }, async () => {
    const { ending, diagnostics } = await place.apply();
    expect(ending).toBe('done');
    expect(diagnostics.map(({ code }) => code)).toEqual(['CT2025']);
    const { shares } = await place.status();
    expect(shares.map(({ from, to, state }) => ({ from, to, state }))).toEqual([{ from: 'shop', to: 'blog', state: 'absent' }]);
    expect(shares[0]?.missing).toEqual(['orders', 'people.id', 'people.name', 'seen']);
  });

  it('opens what it names, and nothing beside it', { timeout: 60_000 }, async () => {
    await place.as('shop', 'CREATE TABLE orders (id INT, total INT)');
    await place.as('shop', 'CREATE TABLE people (id INT, name TEXT, secret TEXT)');
    await place.as('shop', 'CREATE VIEW seen AS SELECT secret FROM people');
    expect((await place.apply()).ending).toBe('done');
    expect(await place.as('blog', 'SELECT * FROM shop.orders')).toEqual([]);
    expect(await place.as('blog', 'SELECT id, name FROM shop.people')).toEqual([]);
    expect(await codeOf(place.as('blog', 'SELECT secret FROM shop.people'))).toBe(1143);
    expect(await codeOf(place.as('blog', 'SELECT * FROM shop.seen'))).toBe(1142);
    expect(await codeOf(place.as('blog', 'INSERT INTO shop.orders VALUES (1, 1)'))).toBe(1142);
    expect(await codeOf(place.as('blog', 'SELECT * FROM shop.nothing'))).toBe(1142);
    const { shares } = await place.status();
    expect(shares[0]).toMatchObject({ state: 'incomplete', missing: ['seen'], location: 'database shop' });
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('is closed when it leaves the manifest', { timeout: 60_000 }, async () => {
    await place.write(manifestOf(base));
    const { plan } = await place.plan();
    expect(plan.steps.some((step) => step.risk === 'access-reducing')).toBe(true);
    expect((await place.apply()).ending).toBe('done');
    expect(await codeOf(place.as('blog', 'SELECT * FROM shop.orders'))).toBe(1142);
    expect(await place.root("SELECT * FROM mysql.tables_priv WHERE User LIKE 'blog%'")).toEqual([]);
  });
});
