import { hostname } from 'node:os';
import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const people = 'known: [{ user: legacy, why: stays }, { user: usher, why: stays }]\n';
const wiki = '  wiki: { uses: { main: { connections: 3 } } }\n';
const shop = '  shop: { uses: { main: { connections: 3 } } }\n';

/** Spellings of this machine. */
const aliases = [
  'localhost',
  'LocalHost',
  '127.0.0.1',
  '127.0.0.7',
  '127.1',
  '::1',
  '0:0::1',
  '0.0.0.0',
  hostname(),
  '',
  '/tmp',
  'not.to.be.found.invalid',
];

describeEachPostgres('what leads to an app that goes', { versions: 'ends' }, (server) => {
  let place: Workplace;
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const losses = async (who: string): Promise<readonly string[]> =>
    (await place.plan()).plan.steps
      .flatMap((step) => (step.losses ?? []).filter((one) => one.who === who).flatMap(({ what }) => what))
      .filter((what) => /^(foreign server|subscription)/.test(what))
      .map((what) => what.replace(/ \(.*/, ''))
      .sort();
  const without = (more = '') => manifestOf(`apps:\n${wiki}${people}${more}`);

  beforeEach(async () => {
    await wipe(server().url);
    await root(`CREATE ROLE legacy LOGIN PASSWORD 'x'; CREATE ROLE usher LOGIN PASSWORD 'x'; CREATE ROLE dba LOGIN SUPERUSER`);
    await root('CREATE DATABASE dwh');
    place = await workplace(server(), manifestOf(`apps:\n${wiki}${shop}${people}`));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    await root('CREATE EXTENSION postgres_fdw; CREATE EXTENSION dblink', 'dwh');
    return async () => {
      for (const { name } of await root(`SELECT subname AS name FROM pg_subscription`))
        await root(`ALTER SUBSCRIPTION "${String(name)}" SET (slot_name = NONE); DROP SUBSCRIPTION "${String(name)}"`, 'dwh');
      await place[Symbol.asyncDispose]();
    };
  });

  it('by any name of this server: retired, deleted, brought back', async () => {
    const wanted: string[] = [];
    for (const [index, host] of aliases.entries()) {
      const wrapper = index % 2 === 0 ? 'postgres_fdw' : 'dblink_fdw';
      await root(
        `CREATE SERVER s${index} FOREIGN DATA WRAPPER ${wrapper} OPTIONS (host '${host}', port '${server().port}', dbname 'shop');
         CREATE USER MAPPING FOR legacy SERVER s${index} OPTIONS (user 'legacy')`,
        'dwh',
      );
      wanted.push(`foreign server "s${index}" of database "dwh"`);
    }
    // An address wins over a name; a mapping for everybody serves whoever may use the server.
    await root(
      `CREATE SERVER byaddress FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'far.invalid', hostaddr '127.0.0.1', port '${server().port}', dbname 'shop');
       CREATE USER MAPPING FOR legacy SERVER byaddress; CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'localhost', hostaddr '192.0.2.7', port '${server().port}', dbname 'shop');
       CREATE USER MAPPING FOR legacy SERVER elsewhere; CREATE SERVER all_of_us FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'localhost', port '${server().port}', dbname 'shop');
       CREATE USER MAPPING FOR PUBLIC SERVER all_of_us OPTIONS (user 'usher'); GRANT USAGE ON FOREIGN SERVER all_of_us TO usher`,
      'dwh',
    );
    wanted.push('foreign server "byaddress" of database "dwh"');
    await place.write(without());
    expect(await losses('legacy')).toEqual(wanted.sort());
    expect(await losses('usher')).toEqual(['foreign server "all_of_us" of database "dwh"']);
    expect(await place.apply(['usher'])).toMatchObject({ ending: 'refused' });
    expect(await place.apply(['usher', 'legacy'])).toMatchObject({ ending: 'done' });
    const [gone] = await root(`SELECT datname AS name FROM pg_database WHERE datname LIKE 'shop__gone%'`);
    await root(`ALTER SERVER s5 OPTIONS (SET dbname '${String(gone?.['name'])}')`, 'dwh');
    await place.write(without('removal: delete\n'));
    expect(await losses('legacy')).toEqual(['foreign server "s5" of database "dwh"']);
  });

  it('by a subscription, however it says where', async () => {
    const { port } = server();
    const said = [
      `host=localhost port=${port} dbname=shop user=legacy`,
      `postgresql://legacy:x@localhost:${port}/shop`,
      `postgres://legacy@[::1]:${port}/shop?sslmode=disable`,
      `postgres:///shop?host=/tmp&port=${port}`,
    ];
    for (const [index, text] of said.entries())
      await root(`CREATE SUBSCRIPTION u${index} CONNECTION '${text}' PUBLICATION p WITH (connect = false)`, 'dwh');
    await root(
      `CREATE SUBSCRIPTION away CONNECTION 'postgres://legacy@192.0.2.7:${port}/shop' PUBLICATION p WITH (connect = false)`,
      'dwh',
    );
    for (const { name } of await root(`SELECT subname AS name FROM pg_subscription`))
      await root(`ALTER SUBSCRIPTION "${String(name)}" OWNER TO dba`, 'dwh');
    await place.write(without());
    expect(await losses('dba')).toEqual(said.map((_, index) => `subscription "u${index}" of database "dwh"`));
  });
});
