import { expect, it } from 'vitest';
import { describeEachMajor, freshPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, workplace } from '../lifecycle/harness.ts';

/** Can connect and use the schema by name, has nothing more by name. */
const guests = ['stranger', 'member', 'known', 'watcher', 'setter'];
const everybody = [...guests, 'outside', 'shop', 'pub'];

describeEachMajor('what an app will make, after its adoption', { versions: 'ends' }, (major) => {
  it('is told to whoever could have used it as everybody, and kept for those whom the manifest knows', async () => {
    await using server = await freshPostgres({ major });
    const inside = (user: string) => at(server.url, { database: 'shop', user, password: 'x' });
    const root = (sql: string, database = 'postgres') => query(at(server.url, { database }), sql);
    for (const name of everybody) await root(`CREATE ROLE ${name} LOGIN PASSWORD 'x'`);
    await root(
      `CREATE ROLE team; GRANT team TO member; CREATE ROLE apart NOINHERIT LOGIN; GRANT team TO apart; ALTER ROLE setter NOINHERIT; GRANT team TO setter`,
    );
    await root('CREATE DATABASE shop OWNER shop');
    await root('GRANT CONNECT ON DATABASE shop TO stranger, team, setter, known, watcher, outside, pub');
    await root(
      `CREATE SCHEMA api AUTHORIZATION shop; GRANT USAGE ON SCHEMA api TO stranger, team, known, watcher, pub; REVOKE ALL ON SCHEMA public FROM PUBLIC;
       ALTER DEFAULT PRIVILEGES FOR ROLE shop IN SCHEMA api GRANT SELECT ON TABLES TO PUBLIC`,
      'shop',
    );
    await using place = await workplace(
      server,
      manifestOf(`apps:
  shop: { uses: { main: { adopt: true, connections: 5, schema: api, names: { login: shop } } } }
operators: { watcher: { may: [connect, monitor] } }
known: [{ user: known, why: test }]
`),
    );
    const future = async () =>
      (await place.plan()).plan.steps
        .flatMap((step) => (step.losses ?? []).flatMap(({ who, what }) => what.map((one) => `${who}: ${one}`)))
        .filter((one) => one.includes('future'))
        .sort();
    const ofEach = (who: string, as = ''): string[] => [
      `${who}: EXECUTE on each future function of "shop" in database "shop"${as}`,
      `${who}: SELECT on each future table of "shop" in database "shop"${as}`,
    ];
    expect(await future()).toEqual(ofEach('watcher'));
    // Whoever loses the way in loses with it what everybody had there, and is told so.
    const shut = (await place.plan()).plan.steps.flatMap((step) =>
      (step.losses ?? []).filter(({ what }) => what.includes('connect to database "shop"')),
    );
    expect([...new Set(shut.map(({ who }) => who))].sort()).toEqual(['apart', 'member', 'outside', 'pub', 'setter', 'stranger']);
    expect(await place.apply([...everybody, 'apart', 'postgres'])).toMatchObject({ ending: 'done' });
    expect((await place.plan()).plan.steps).toEqual([]);

    await query(inside('shop'), `CREATE TABLE api.later (x int); CREATE FUNCTION api.f() RETURNS int LANGUAGE sql AS 'SELECT 1'`);
    const refused = async (user: string, sql: string) => await query(inside(user), sql).then(() => '', String);
    expect([await refused('known', 'SELECT api.f()'), await refused('known', 'SELECT * FROM api.later')]).toEqual(['', '']);
    for (const who of ['stranger', 'member', 'pub', 'watcher']) expect(await refused(who, 'SELECT api.f()')).toContain('permission denied');
    expect((await place.plan()).plan.steps).toEqual([]);
  });
});
