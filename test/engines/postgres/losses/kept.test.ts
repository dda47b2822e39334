import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { type TestProject, testProject } from '../../../support/project.ts';
import { at, query } from '../../../support/query.ts';
import { wipe } from '../lifecycle/harness.ts';

const WORD = 'word';

/** Told is what is lost, by effective rights: what somebody has from a third hand, or by another setting, stays. */
describeEachPostgres('what is not lost is not told', { versions: 'ends' }, (server, major) => {
  let project: TestProject;
  const root = (sql: string, database = 'postgres') => query(at(server().url, { database }), sql);
  const as = (user: string, database: string, sql: string) => query(at(server().url, { user, password: WORD, database }), sql);
  const write = (rest: string): Promise<void> =>
    project.write(`cotenant: 1
project: kept
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${server().port}/postgres', password: { env: ADMIN }, connections: { reserve: 1 } } }
${rest}`);
  const told = async (who: string): Promise<readonly string[]> =>
    (await project.plan()).plan.steps.flatMap(({ losses = [] }) => losses.filter((loss) => loss.who === who).flatMap(({ what }) => what));

  beforeEach(async () => {
    await wipe(server().url);
    for (const login of ['shop', 'crm', 'deployer', 'heir']) await root(`CREATE ROLE ${login} LOGIN PASSWORD '${WORD}'`);
    project = await testProject('cotenant: 1\nproject: kept\n', { ADMIN: server().password });
    await root('CREATE DATABASE shop OWNER shop');
    await root(`CREATE FUNCTION total() RETURNS int LANGUAGE sql AS 'SELECT 1'`, 'shop');
    await root('ALTER FUNCTION total() OWNER TO shop', 'shop');
    return async () => await project[Symbol.asyncDispose]();
  });
  const app = 'apps: { shop: { uses: { main: { connections: 5, adopt: true, names: { login: shop } } } } }\n';

  it('a member has what a known login gets by its name', async () => {
    await root(
      major < 16
        ? 'ALTER ROLE deployer NOINHERIT; GRANT crm TO deployer, heir'
        : 'GRANT crm TO deployer WITH INHERIT FALSE; GRANT crm TO heir',
    );
    await write(`${app}known: [{ user: crm, why: test }, { user: deployer, why: test }]\n`);
    expect(await told('deployer')).toEqual([]);
    expect((await told('heir')).filter((one) => !one.startsWith('EXECUTE on each future'))).toEqual([]);
    expect(await project.apply({ confirm: ['heir'] })).toMatchObject({ ending: 'done', trouble: '' });
    for (const database of ['shop', 'postgres']) {
      await as('deployer', database, 'SET ROLE crm; CREATE TEMP TABLE t (n int)');
      await as('heir', database, 'CREATE TEMP TABLE t (n int)');
    }
    await as('deployer', 'shop', 'SET ROLE crm; SELECT public.total()');
    expect(await as('heir', 'shop', 'SELECT public.total() AS n')).toEqual([{ n: 1 }]);
    expect((await project.plan()).plan.steps).toEqual([]);
  });

  it('but not what it has of somebody who is not named', async () => {
    await root(major < 16 ? 'ALTER ROLE deployer NOINHERIT; GRANT heir TO deployer' : 'GRANT heir TO deployer WITH INHERIT FALSE');
    await write(`${app}known: [{ user: deployer, why: test }]\n`);
    expect(await told('deployer')).toContainEqual(expect.stringContaining('as "heir"'));
  });

  it('a setting said of the login in its database is the same said of the login', async () => {
    await root(
      `ALTER ROLE shop IN DATABASE shop SET application_name = 'web'; ALTER ROLE shop IN DATABASE shop SET extra_float_digits = '2'`,
    );
    await write(
      'apps: { shop: { uses: { main: { connections: 5, adopt: true, names: { login: shop }, settings: { application_name: web } } } } }\n',
    );
    const settings = (await told('shop')).filter((one) => one.startsWith('the setting'));
    expect(settings).toEqual(['the setting extra_float_digits = 2 in database "shop"']);
    expect(await project.apply({ confirm: 'strangers' })).toMatchObject({ ending: 'done', trouble: '' });
    expect(await as('shop', 'shop', 'SHOW application_name')).toEqual([{ application_name: 'web' }]);
  });
});
