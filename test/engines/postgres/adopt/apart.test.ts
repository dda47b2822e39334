import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, wipe, workplace } from '../lifecycle/harness.ts';

const world = [
  `CREATE ROLE shop LOGIN PASSWORD 'pw'`,
  'CREATE DATABASE shop OWNER shop',
  `CREATE ROLE shop_owner LOGIN PASSWORD 'pw'`,
  'CREATE DATABASE own OWNER shop_owner',
  `CREATE ROLE shop_rw`,
  'GRANT CONNECT ON DATABASE own TO shop_rw',
  'CREATE ROLE shop_ro',
  `CREATE ROLE wiki LOGIN PASSWORD 'pw'`,
  'CREATE DATABASE docs OWNER wiki',
  `CREATE ROLE docs_tenants LOGIN PASSWORD 'pw'`,
];

const manifest = (names = ''): string =>
  manifestOf(`apps:
  shop: { uses: { main: { adopt: true, database: shop, connections: 5, names: { login: shop${names} } } } }
  wiki: { uses: { main: { adopt: true, isolation: schema, database: docs, connections: 5, names: { login: wiki } } } }
`);

describeEachPostgres('adoption of roles under names that nobody wrote down', { versions: 'ends' }, (server) => {
  beforeEach(async () => {
    await wipe(server().url);
    for (const one of world) await query(server().url, one);
  });

  const roles = async (): Promise<unknown> =>
    await query(server().url, `SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname ~ '^(shop|docs)' ORDER BY 1`);
  const refusals = async (text: string): Promise<readonly string[]> => {
    await using place = await workplace(server(), text);
    const { plan } = await place.plan();
    return plan.diagnostics
      .flatMap(({ code, severity, message, hint }) => (severity === 'error' ? [`${code} ${message} | ${hint}`] : []))
      .sort();
  };

  it('takes nobody else’s: who logs in, has rights elsewhere, or nothing to do with the app', { timeout: 60_000 }, async () => {
    const before = await roles();
    expect(await refusals(manifest())).toEqual([
      expect.stringMatching(/^CT2005 role "docs_tenants".*: it can log in \| rename it/),
      expect.stringMatching(/^CT2005 role "shop_owner".*: it can log in \| .*names: { owner: shop_owner }/),
      expect.stringMatching(/^CT2005 role "shop_ro".*: nothing on the server says that it is that of app "shop" \| .*readOnly: shop_ro/),
      expect.stringMatching(/^CT2005 role "shop_rw".*: it has rights on database "own" \| .*readWrite: shop_rw/),
    ]);
    await using place = await workplace(server(), manifest());
    const done = await place.cli('apply', '--yes');
    expect([done.code, done.stderr]).toEqual([1, expect.stringContaining('CT2005')]);
    expect(await roles()).toEqual(before);
  });

  it('takes what the manifest names, and what the app’s login is a member of', { timeout: 60_000 }, async () => {
    await query(server().url, 'GRANT shop_ro TO shop');
    await query(server().url, 'REVOKE CONNECT ON DATABASE own FROM shop_rw');
    const left = await refusals(manifest(', owner: shop_boss, readWrite: shop_rw'));
    expect(left).toEqual([expect.stringMatching(/^CT2005 role "docs_tenants"/)]);
    for (const one of ['DROP ROLE docs_tenants', 'DROP DATABASE own', 'DROP ROLE shop_owner', 'DROP ROLE shop_rw'])
      await query(server().url, one);
    await using place = await workplace(server(), manifest());
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('takes no group with what it has in another database and the app has not, whoever wrote its name', { timeout: 240_000 }, async () => {
    await query(server().url, 'DROP ROLE docs_tenants');
    await query(server().url, 'DROP ROLE shop_ro');
    await query(server().url, `CREATE ROLE m_grp; CREATE ROLE ann LOGIN PASSWORD 'pw' IN ROLE m_grp`);
    await query(server().url, 'CREATE DATABASE m_other OWNER ann');
    const other = (user: string, sql: string) => query(at(server().url, { user, password: 'pw', database: 'm_other' }), sql);
    await other(
      'ann',
      `CREATE SCHEMA s; GRANT USAGE ON SCHEMA s TO m_grp; CREATE TABLE s.t AS SELECT 'a secret' AS what; GRANT SELECT ON s.t TO m_grp`,
    );
    const names = ', owner: m_grp, readWrite: shop_some';
    const denied = { code: '42501' };
    await expect(other('shop', 'SELECT * FROM s.t')).rejects.toMatchObject(denied);
    expect(await refusals(manifest(names))).toEqual([
      expect.stringMatching(
        /^CT2005 role "m_grp".*: it has rights in database "m_other" that no login of app "shop" has \| .*GRANT "m_grp" TO "shop"/,
      ),
    ]);
    await using place = await workplace(server(), manifest(names));
    expect((await place.cli('apply', '--yes', '--confirm=ann')).code).toBe(1);
    await expect(other('shop', 'SELECT * FROM s.t')).rejects.toMatchObject(denied);
    // What nobody wrote down has nothing to do with another database, though a login of the app is in it.
    await query(server().url, 'CREATE ROLE shop_ro; GRANT shop_ro TO shop');
    await other('ann', 'GRANT SELECT ON s.t TO shop_ro');
    await query(server().url, 'GRANT m_grp TO shop');
    expect(await refusals(manifest(names))).toEqual([
      expect.stringMatching(/^CT2005 role "shop_ro".*: it has rights in database "m_other"/),
    ]);
    expect(await refusals(manifest(`${names}, readOnly: shop_ro`))).toEqual([]);
  });
});
