import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, workplace } from '../lifecycle/harness.ts';

const adopting = 'apps:\n  shop: { uses: { main: { adopt: true, database: shop, names: { login: shop } } } }\n';

describeEachPostgres('what a plan says would keep everything', { versions: 'ends' }, (server) => {
  it('is an entry under known where a monitor has more than an operator keeps, and then it loses nothing', async () => {
    const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
    const asMonitor = () =>
      query(at(server().url, { user: 'monitor', password: 'x', database: 'shop' }), 'SELECT health() AS h, (SELECT h FROM hv) AS v');
    await root(
      "CREATE ROLE shop LOGIN PASSWORD 'x'; CREATE ROLE monitor LOGIN PASSWORD 'x' IN ROLE pg_monitor; CREATE ROLE backup LOGIN PASSWORD 'x' IN ROLE pg_read_all_data",
    );
    await root('CREATE DATABASE shop OWNER shop');
    await root('REVOKE CONNECT, TEMPORARY ON DATABASE shop FROM PUBLIC; GRANT CONNECT, TEMPORARY ON DATABASE shop TO monitor');
    await root(
      `GRANT CREATE ON SCHEMA public TO shop; SET ROLE shop; CREATE FUNCTION public.health() RETURNS int LANGUAGE sql AS 'SELECT 1';
       CREATE VIEW public.hv AS SELECT public.health() AS h; GRANT SELECT ON public.hv TO monitor`,
      'shop',
    );
    await using place = await workplace(server(), manifestOf(adopting));
    const losses = async () => (await place.plan()).plan.steps.flatMap(({ losses: all = [] }) => all);
    const keeps = async (who: string) => [...new Set((await losses()).filter((one) => one.who === who).map(({ keep }) => keep))];
    expect(await keeps('monitor')).toEqual(['known: [{ user: monitor, on: main, why: … }]']);
    expect(await keeps('backup')).toEqual(['operators: { backup: { may: [read-all] } }']);
    await place.write(manifestOf(`${adopting}known: [{ user: monitor, on: main, why: x }]\noperators: { backup: { may: [read-all] } }\n`));
    expect((await losses()).filter(({ who }) => who === 'monitor')).toEqual([]);
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    expect(await asMonitor()).toEqual([{ h: 1, v: 1 }]);
  });
});
