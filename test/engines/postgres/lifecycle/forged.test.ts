import { beforeEach, expect, it } from 'vitest';
import { verifyProject } from '../../../../src/app/verify.ts';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, urlOf, wipe, type Workplace, workplace } from './harness.ts';

const mark = (app: string | null, more: object = {}): string => `cotenant ${JSON.stringify({ project: 'life', app, ...more })}`;
const full = manifestOf(`apps:
  shop: { uses: { main: {} } }
  erp: { uses: { main: { isolation: schema, database: shared } } }
  crm: { uses: { main: { isolation: schema, database: shared } } }
known:
  - { user: victim, on: main, why: somebody }
  - { user: landlord, on: main, why: somebody }
`);

describeEachPostgres('a mark that somebody else wrote', { versions: 'ends' }, (server) => {
  let place: Workplace;
  const root = (sql: string) => query(server().url, sql);
  /** As the owner of a database does it. */
  const asLandlord = (sql: string) => query(at(server().url, { user: 'landlord', password: 'word', database: 'theirs' }), sql);

  beforeEach(async () => {
    await wipe(server().url);
    place = await workplace(server(), full);
    await root(
      `CREATE ROLE victim LOGIN PASSWORD 'word'; CREATE ROLE landlord LOGIN PASSWORD 'word'; CREATE ROLE grp; GRANT grp TO victim`,
    );
    await root('CREATE DATABASE theirs OWNER landlord');
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  const told = async (): Promise<readonly string[]> =>
    (await place.plan()).plan.diagnostics.flatMap(({ code, severity, message }) => (code === 'CT2071' ? [`${severity} ${message}`] : []));
  const fixes = async (): Promise<readonly string[]> => {
    const { report } = await verifyProject(await place.open());
    return report.findings
      .flatMap(({ fix }) => fix.map(({ statement }) => statement.text))
      .filter((text) => /victim|theirs|grp|landlord/.test(text));
  };
  const nobody = expect.stringContaining("it is taken for nobody's of this project, and left as it is") as unknown;

  it.each([
    ['a login', `COMMENT ON ROLE victim IS '${mark('ghost')}'`],
    ['a login, with the hash of an apply', `COMMENT ON ROLE victim IS '${mark('ghost', { applied: 'abc' })}'`],
    ['a group', `COMMENT ON ROLE grp IS '${mark('ghost')}'`],
    ['a login, as retired', `COMMENT ON ROLE victim IS '${mark('ghost', { retired: '2026-11-01', was: 'x' })}'`],
    ['a login, as retired from an app that is there', `COMMENT ON ROLE victim IS '${mark('shop', { retired: '2026-11-01', was: 'x' })}'`],
    ['a login, as that of a share', `COMMENT ON ROLE victim IS '${mark('shop', { share: 'login' })}'`],
    ['a login, as what serves several apps', `COMMENT ON ROLE victim IS '${mark(null)}'`],
    ['a database of the operator, as a restored dump does', `COMMENT ON DATABASE ops IS '${mark('ghost')}'`],
  ])('on %s takes nothing from anybody', { timeout: 120_000 }, async (_, sql) => {
    await root('CREATE DATABASE ops');
    await place.apply();
    await root(sql);
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await told()).toEqual([nobody]);
    expect(await fixes()).toEqual([]);
    const { placements } = await place.status();
    expect(placements.map(({ app, state }) => [app, state])).toEqual(['shop', 'erp', 'crm'].map((app) => [app, 'ready']));
    await place.write(full.replace(/ {2}erp: .*\n/, '').replace('known:', 'removal: delete\nknown:'));
    const { plan } = await place.plan();
    expect(plan.steps.filter((step) => /victim|theirs|grp|"ops"/.test(JSON.stringify(step.commands)))).toEqual([]);
    expect((await place.apply(['erp', 'ghost'])).ending).toBe('done');
    expect(await query(at(server().url, { user: 'victim', password: 'word', database: 'theirs' }), 'SELECT 1 AS one')).toEqual([
      { one: 1 },
    ]);
    expect(await root(`SELECT datname FROM pg_database WHERE datname IN ('ops', 'theirs') AND datallowconn`)).toHaveLength(2);
  });

  it.each(['retain', 'delete'])(
    'on a login that the manifest knows, under a retired name, takes nothing: removal %s',
    { timeout: 120_000 },
    async (removal) => {
      const known = full.replaceAll('victim', 'x__gone_20261101').replace('known:', `removal: ${removal}\nknown:`);
      await root('ALTER ROLE victim RENAME TO x__gone_20261101');
      await root(`ALTER ROLE x__gone_20261101 PASSWORD 'word'`);
      await place.write(known);
      expect((await place.apply()).ending).toBe('done');
      for (const app of ['ghost', 'erp']) {
        await root(`COMMENT ON ROLE x__gone_20261101 IS '${mark(app, { retired: '2026-11-01', was: 'x' })}'`);
        expect((await place.plan()).plan.steps).toEqual([]);
        expect(await told()).toEqual([nobody]);
        expect((await place.apply([app])).ending).toBe('nothing-to-do');
      }
      expect(await query(at(server().url, { user: 'x__gone_20261101', password: 'word', database: 'theirs' }), 'SELECT 1 AS one')).toEqual([
        { one: 1 },
      ]);
    },
  );

  it.each(['shop', 'crm'])(
    'on a stranger’s login, of app %s that is there, gets no fix from a proof',
    { timeout: 120_000 },
    async (app) => {
      await place.write(full.replace('{ user: victim, on: main, why: somebody }', '{ user: grp, on: main, why: somebody }'));
      await place.apply(['victim']);
      await root('GRANT CONNECT ON DATABASE postgres TO victim');
      await root(`COMMENT ON ROLE victim IS '${mark(app)}'`);
      expect((await place.plan()).plan.steps.filter((step) => JSON.stringify(step.commands).includes('victim'))).toEqual([]);
      expect(await fixes()).toEqual([]);
    },
  );

  it.each([
    ['retain', 'a role of it that the operator gave', 'GRANT erp_ro TO victim'],
    ['delete', 'a role of it that the operator gave', 'GRANT erp_ro TO victim'],
    ['delete', 'a way into its database', 'GRANT CONNECT ON DATABASE shared TO victim'],
  ])(
    'on a stranger who holds something of the app makes none of its logins: removal %s, %s',
    { timeout: 120_000 },
    async (removal, _, tie) => {
      const stranger = full.replace('{ user: victim, on: main, why: somebody }', '{ user: grp, on: main, why: somebody }');
      await place.write(stranger);
      await place.apply(['victim']);
      await root(`${tie}; COMMENT ON ROLE victim IS '${mark('erp')}'`);
      const { plan } = await place.plan();
      expect(plan.diagnostics.flatMap(({ code, message }) => (code === 'CT2066' ? [message] : []))).toEqual([
        expect.stringContaining('role "victim" on "main" bears the mark of app "erp", which has no such role') as unknown,
      ]);
      await place.write(stranger.replace(/ {2}erp: .*\n/, '').replace('known:', `removal: ${removal}\nknown:`));
      const leaving = (await place.plan()).plan.steps.filter((step) => JSON.stringify(step.commands).includes('victim'));
      const lost = leaving.flatMap(({ losses = [] }) => losses.map(({ who }) => who));
      expect(leaving.some(({ id }) => id.startsWith('role/victim'))).toBe(false);
      expect((await place.apply(['erp', ...lost])).ending).toBe('done');
      expect(await root(`SELECT 1 FROM pg_roles WHERE rolname = 'victim' AND rolcanlogin`)).toHaveLength(1);
      expect(await query(at(server().url, { user: 'victim', password: 'word', database: 'theirs' }), 'SELECT 1 AS one')).toEqual([
        { one: 1 },
      ]);
    },
  );

  it('on a copy of what was put aside, under a name of its own, brings no delete about', { timeout: 120_000 }, async () => {
    await place.write(full.replace(/ {2}shop: .*\n/, ''));
    expect((await place.apply()).ending).toBe('done');
    const [aside] = await root(
      `SELECT datname AS name, shobj_description(oid, 'pg_database') AS mark FROM pg_database WHERE datname LIKE 'shop\\_\\_gone%'`,
    );
    await root('CREATE DATABASE mycopy');
    await root(`COMMENT ON DATABASE mycopy IS '${String(aside?.['mark'])}'`);
    await query(at(server().url, { database: 'mycopy' }), 'CREATE TABLE mine (id int)');
    await place.write(full.replace(/ {2}shop: .*\n/, '').replace('known:', 'removal: delete\nknown:'));
    const { plan } = await place.plan();
    expect(plan.steps.filter((step) => JSON.stringify(step).includes('mycopy'))).toEqual([]);
    expect(plan.diagnostics.map(({ hint }) => hint)).toContain('COMMENT ON DATABASE "mycopy" IS NULL takes the mark off');
    await place.apply(['shop']);
    expect(await query(at(server().url, { database: 'mycopy' }), 'SELECT count(*)::int AS n FROM mine')).toEqual([{ n: 0 }]);
    expect(await told()).toEqual([nobody]);
  });

  it('on what was put aside and then renamed says how it counts again', { timeout: 120_000 }, async () => {
    await place.write(full.replace(/ {2}shop: .*\n/, ''));
    expect((await place.apply()).ending).toBe('done');
    const [row] = await root(`SELECT datname AS name FROM pg_database WHERE datname LIKE 'shop\\_\\_gone%'`);
    const aside = String(row?.['name']);
    await root(`ALTER DATABASE "${aside}" RENAME TO shop_old`);
    const { plan } = await place.plan();
    const [hint = ''] = plan.diagnostics.flatMap(({ code, hint: said = '' }) => (code === 'CT2071' ? [said] : []));
    const rename = `ALTER DATABASE "shop_old" RENAME TO "${aside}"`;
    expect(hint).toBe(`if it is the app's, ${rename}; if not, COMMENT ON DATABASE "shop_old" IS NULL takes the mark off`);
    await root(rename);
    expect(await told()).toEqual([]);
    expect((await place.restore('shop')).ending).toBe('done');
  });

  it.each([
    ['of another app, under a name of its own', 'zz', mark('shop', { retired: '2026-11-01', was: 'zz' })],
    ['of another app, under a retired name', 'zz__gone_20261101', mark('shop', { retired: '2026-11-01', was: 'zz' })],
    ['of an app that is nowhere', 'zz__gone_20261101', mark('ghost', { retired: '2026-11-01', was: 'zz' })],
    ['of its own, where it never lay', 'zz__gone_20261101', mark('other', { retired: '2026-11-01', was: 'zz' })],
  ])('by an app on a schema of its own, %s, stops nothing and is not brought back', { timeout: 120_000 }, async (_, name, text) => {
    await place.write(full.replace('apps:\n', 'apps:\n  other: { uses: { main: { relax: { createOnDatabase: true } } } }\n'));
    expect((await place.apply()).ending).toBe('done');
    await query(await urlOf(place, 'other'), `CREATE SCHEMA "${name}"; COMMENT ON SCHEMA "${name}" IS '${text}'`);
    const { plan } = await place.plan();
    expect(plan.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(plan.steps).toEqual([]);
    expect(await told()).toEqual([nobody]);
    expect(plan.diagnostics.map(({ hint }) => hint)).toContain(
      `connected to "other", COMMENT ON SCHEMA "${name}" IS NULL takes the mark off`,
    );
    await expect(place.restore('shop')).rejects.toThrow(/CT2016: there is no retired app "shop"/);
  });

  it.each([
    ['of an app that is nowhere', mark('ghost')],
    ['of one that is put aside', mark('ghost', { retired: '2026-11-01', was: 'x' })],
    ['of what serves several apps', mark(null, { name: 'theirs' })],
    ['of an app in another database', mark('erp')],
  ])('by the owner of a database, %s, takes nothing and stops nothing', { timeout: 120_000 }, async (_, text) => {
    await asLandlord(`COMMENT ON DATABASE theirs IS '${text}'`);
    const { plan } = await place.plan();
    expect(plan.steps).toEqual([]);
    expect(plan.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(await told()).toEqual([expect.stringContaining('belongs to "landlord", who could have written it') as unknown]);
    expect(await fixes()).toEqual([]);
    await place.write(full.replace(/ {2}erp: .*\n/, '').replace('known:', 'removal: delete\nknown:'));
    expect((await place.apply()).ending).toBe('done');
    expect((await place.apply(['erp', 'ghost'])).ending).toBe('done');
    expect(await asLandlord('SELECT current_database()::text AS name')).toEqual([{ name: 'theirs' }]);
  });

  it.each([
    ['a membership of theirs', `GRANT ghost_team TO ghost`, {}],
    ['a list of roles', 'SELECT 1', { applied: 'abc', roles: ['ghost', 'ghost_team', 'shop_user'] }],
  ])('by whoever may make roles is not proved by %s', { timeout: 120_000 }, async (_, tie, more) => {
    await root(`CREATE ROLE boss LOGIN CREATEROLE PASSWORD 'word'; GRANT boss TO landlord`);
    const asBoss = (sql: string) => query(at(server().url, { user: 'boss', password: 'word', database: 'theirs' }), sql);
    await asBoss(
      `CREATE ROLE ghost LOGIN; CREATE ROLE ghost_team; ${tie}; COMMENT ON ROLE ghost IS '${mark('ghost', more)}'; COMMENT ON ROLE ghost_team IS '${mark('ghost', more)}'`,
    );
    expect((await place.plan()).plan.steps.flatMap(({ title, losses = [] }) => [title, ...losses.map(({ who }) => who)])).toEqual([]);
    expect(await told()).toEqual([nobody, nobody]);
    expect(await root(`SELECT 1 FROM pg_roles WHERE rolname = 'ghost'`)).toHaveLength(1);
  });

  // From 16 on the server itself makes whoever makes a role an admin of it, as if a superuser had.
  it('by whoever may make roles, on a maker of roles and on one that it made, takes nothing', { timeout: 120_000 }, async () => {
    await root(`CREATE ROLE boss LOGIN CREATEROLE PASSWORD 'word'; GRANT boss TO landlord`);
    const as = (user: string, sql: string) => query(at(server().url, { user, password: 'word', database: 'theirs' }), sql);
    await as('boss', `CREATE ROLE boss2 LOGIN CREATEROLE PASSWORD 'word'; COMMENT ON ROLE boss2 IS '${mark('ghost')}'`);
    await as('boss2', `CREATE ROLE ghost LOGIN; COMMENT ON ROLE ghost IS '${mark('ghost')}'`);
    expect((await place.plan()).plan.steps.flatMap(({ title, losses = [] }) => [title, ...losses.map(({ who }) => who)])).toEqual([]);
    expect(await told()).toEqual([nobody, nobody]);
  });

  it('of a login of the operator counts on a database, and the way to tell so is said', { timeout: 120_000 }, async () => {
    await place.write(full.replace(/ {2}shop: .*\n/, ''));
    expect((await place.apply()).ending).toBe('done');
    const [aside] = await root(`SELECT datname AS name FROM pg_database WHERE datname LIKE 'shop\\_\\_gone%'`);
    await root(`CREATE ROLE deputy LOGIN CREATEDB`);
    await root(`ALTER DATABASE "${String(aside?.['name'])}" OWNER TO deputy`);
    const { plan } = await place.plan();
    const hints = plan.diagnostics.flatMap(({ code, hint }) => (code === 'CT2071' ? [hint] : []));
    expect(hints).toEqual([
      expect.stringContaining(
        `if it is the app's, ALTER DATABASE "${String(aside?.['name'])}" OWNER TO "postgres", or name "deputy" under \`operators\``,
      ),
    ]);
    await place.write(full.replace(/ {2}shop: .*\n/, '').replace('known:', 'operators: { deputy: { may: [connect] } }\nknown:'));
    expect(await told()).toEqual([]);
    expect((await place.status()).placements).toContainEqual(expect.objectContaining({ app: 'shop', location: aside?.['name'] }));
  });

  it('does not stand for `adopt` where a new app gets its name', { timeout: 120_000 }, async () => {
    await place.write(full.replace('apps:\n', 'apps:\n  theirs: { uses: { main: {} } }\n'));
    const before = (await place.plan()).plan;
    expect(before.diagnostics.flatMap(({ code, severity }) => (severity === 'error' ? [code] : []))).toEqual(['CT2005']);
    await asLandlord(`COMMENT ON DATABASE theirs IS '${mark('theirs')}'`);
    const after = (await place.plan()).plan;
    expect(after.diagnostics.flatMap(({ code, severity }) => (severity === 'error' ? [code] : []))).toEqual(['CT2005']);
    expect((await place.apply()).ending).toBe('failed');
  });

  it('is told from one that cotenant wrote: an app leaves whose marks are left on one role only', { timeout: 120_000 }, async () => {
    await root('COMMENT ON DATABASE shop IS NULL');
    for (const role of ['shop_owner', 'shop_rw', 'shop_ro', 'shop_user_2']) await root(`COMMENT ON ROLE ${role} IS NULL`);
    await place.write(full.replace(/ {2}shop: .*\n/, ''));
    expect((await place.apply()).ending).toBe('done');
    expect(await root(`SELECT 1 FROM pg_roles WHERE rolname LIKE 'shop%' AND rolcanlogin`)).toEqual([]);
  });
});
