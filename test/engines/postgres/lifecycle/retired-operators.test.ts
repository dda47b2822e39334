import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { ground } from '../verify/harness.ts';
import { manifestOf } from './harness.ts';

const shop =
  '  shop: { uses: { main: { connections: 3 } } }\n  blog: { uses: { main: { isolation: schema, database: shared, connections: 3 } } }\n';
const wiki = '  wiki: { uses: { main: { connections: 3 } } }\n';
const people = 'operators: { backup: { may: [connect, read-all] } }\nknown:\n  - { user: legacy, on: main, why: "stays a while" }\n';

describeEachPostgres('operators and known logins at a removal', { versions: 'ends' }, (server) => {
  it('keep what they have; a stranger loses it, by name and with consent', { timeout: 120_000 }, async () => {
    await query(
      server().url,
      `CREATE ROLE backup LOGIN PASSWORD 'x'; CREATE ROLE legacy LOGIN PASSWORD 'x'; CREATE ROLE readers; GRANT readers TO legacy`,
    );
    await using made = await ground(server(), manifestOf(`apps:\n${wiki}${shop}${people}`));
    const { place } = made;
    await query(
      server().url,
      `CREATE ROLE stranger LOGIN PASSWORD 'x'; GRANT CONNECT ON DATABASE shop TO legacy, stranger; GRANT TEMPORARY ON DATABASE shop TO readers`,
    );
    await place.write(manifestOf(`apps:\n${wiki}${people}`));
    const { plan } = await place.plan();
    const losses = plan.steps.flatMap((step) => step.losses ?? []);
    expect(losses.map(({ who }) => who)).toContain('stranger');
    expect(await place.apply()).toMatchObject({ ending: 'refused' });
    expect(await place.apply(['stranger', 'backup'])).toMatchObject({ ending: 'done' });
    const [row] = await query(server().url, `SELECT datname FROM pg_database WHERE datname LIKE 'shop__gone%'`);
    const gone = String(row?.['datname']);
    for (const user of ['backup', 'legacy'])
      expect(await query(at(server().url, { user, password: 'x', database: gone }), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    // Also by a group, and a second apply has nothing against it.
    expect(await query(server().url, `SELECT has_database_privilege('legacy', '${gone}', 'TEMPORARY') AS has`)).toEqual([{ has: true }]);
    await expect(query(at(server().url, { user: 'stranger', password: 'x', database: gone }), 'SELECT 1')).rejects.toThrow(
      /permission denied/,
    );
    expect((await place.plan()).plan.steps.map(({ id }) => id)).toEqual([]);
    expect(await place.apply()).toMatchObject({ ending: 'nothing-to-do' });
    expect(
      (await made.analyse()).findings
        .filter(({ from, to }) => [from, to].some((one) => one === gone || one === 'shop' || one === 'legacy'))
        .map(({ answer }) => answer),
    ).toEqual([]);
    // What they keep has another name.
    for (const user of ['backup', 'legacy']) {
      const lost = losses.filter(({ who }) => who === user);
      expect(lost.map(({ of }) => of)).toEqual(lost.map(() => user));
      for (const one of lost.flatMap(({ what }) => what)) expect(one).toContain('it is renamed to');
    }
  });
});
