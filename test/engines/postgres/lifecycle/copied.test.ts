import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const shop = '  shop: { uses: { main: { connections: 3 } } }';
const erp = '  erp: { uses: { main: { isolation: schema, database: shared, connections: 3 } } }';
const crm = '  crm: { uses: { main: { isolation: schema, database: shared, connections: 3 } } }';
const team = '  team: { uses: { main: { isolation: rows, database: pool, connections: 3 } } }';
const club = '  club: { uses: { main: { isolation: rows, database: pool, connections: 3 } } }';
const before = manifestOf(`apps:\n${[shop, erp, crm, team, club].join('\n')}\n`);
const after = (removal: string): string => manifestOf(`apps:\n${erp}\n${team}\nremoval: ${removal}\n`);

/** What a copy holds, marks included. */
const CONTENT = `SELECT n.nspname, pg_catalog.obj_description(n.oid, 'pg_namespace') AS mark, pg_catalog.pg_get_userbyid(n.nspowner) AS owner,
  (SELECT pg_catalog.string_agg(c.relname || ' ' || pg_catalog.pg_get_userbyid(c.relowner), ', ' ORDER BY c.relname) FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relkind = 'r') AS tables
  FROM pg_catalog.pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1`;

describeEachPostgres('a copy of a database that somebody made', { versions: 'ends' }, (server) => {
  let place: Workplace;
  const sql = async (database: string, text: string) => await query(at(server().url, { database }), text);

  beforeEach(async () => {
    await wipe(server().url);
    place = await workplace(server(), before);
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    await sql('shop', 'SET ROLE shop_owner; CREATE TABLE app.things (id int); INSERT INTO app.things VALUES (1)').catch(
      async () => await sql('shop', 'SET ROLE shop_owner; CREATE TABLE things (id int); INSERT INTO things VALUES (1)'),
    );
    await sql('shared', 'SET ROLE crm_owner; CREATE TABLE crm.things (id int); INSERT INTO crm.things VALUES (1)');
    for (const database of ['shop', 'shared', 'pool']) {
      await query(server().url, `CREATE DATABASE ${database}_copy TEMPLATE ${database}`);
      // As a restored dump brings the comment of its database along.
      const [row] = await query(
        server().url,
        `SELECT pg_catalog.shobj_description(oid, 'pg_database') AS mark FROM pg_catalog.pg_database WHERE datname = '${database}'`,
      );
      await query(server().url, `COMMENT ON DATABASE ${database}_copy IS '${String(row?.['mark'])}'`);
    }
  });

  const copies = ['shop_copy', 'shared_copy', 'pool_copy'];
  const look = async () => await Promise.all(copies.map(async (name) => await sql(name, CONTENT)));
  const counts = async () => [
    await sql('shared_copy', 'SELECT * FROM crm.things'),
    await sql('shop_copy', `SELECT relname FROM pg_class WHERE relname = 'things'`),
  ];
  const errors = async () =>
    (await place.plan()).plan.diagnostics.flatMap(({ code, severity, message, hint }) =>
      severity === 'error' ? [{ code, message, hint }] : [],
    );

  it('is told of, and changes nothing for the apps', async () => {
    const { plan } = await place.plan();
    expect(plan.steps.map(({ title }) => title)).toEqual([]);
    expect(plan.diagnostics.filter(({ code }) => code === 'CT2066').map(({ severity, message }) => `${severity} ${message}`)).toEqual(
      copies.toSorted().map((name): unknown => expect.stringMatching(new RegExp(`^warning .*"${name}" is taken for a copy`))),
    );
  });

  it('of another project is no affair of this one', async () => {
    await query(server().url, `COMMENT ON DATABASE shop_copy IS NULL`);
    const mark = 'cotenant {"project":"others","app":"wiki"}';
    await query(server().url, `CREATE DATABASE wiki`);
    await query(server().url, `CREATE DATABASE wiki_copy`);
    for (const name of ['wiki', 'wiki_copy']) await query(server().url, `COMMENT ON DATABASE ${name} IS '${mark}'`);
    const told = async () =>
      (await place.plan()).plan.diagnostics.filter(({ message }) => message.includes('wiki')).map(({ code }) => code);
    expect(await told()).not.toContain('CT2066');
    expect(await place.apply()).toMatchObject({ ending: 'nothing-to-do' });
    await query(server().url, `DROP DATABASE wiki`);
    await query(server().url, `DROP DATABASE wiki_copy`);
  });

  it('of a retired app stops nothing, is nobody’s once the app is back, and is never taken for the app’s', async () => {
    await query(server().url, `COMMENT ON DATABASE shop_copy IS NULL`);
    await place.write(after('retain'));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    const [gone] = await query(
      server().url,
      `SELECT datname, shobj_description(oid, 'pg_database') AS mark FROM pg_database WHERE datname LIKE 'shop__gone%'`,
    );
    await query(server().url, `COMMENT ON DATABASE shop_copy IS '${String(gone?.['mark'])}'`);
    expect(await errors()).toEqual([]);
    expect(await place.apply()).toMatchObject({ ending: 'nothing-to-do' });
    await place.write(after('delete'));
    const deleting = (await place.plan()).plan;
    expect(deleting.diagnostics.filter(({ code, message }) => code === 'CT2071' && message.includes('"shop_copy"'))).toHaveLength(1);
    expect(deleting.steps.filter((step) => JSON.stringify(step).includes('shop_copy'))).toEqual([]);
    await place.write(before);
    for (const app of ['shop', 'crm', 'club']) expect(await place.restore(app)).toMatchObject({ ending: 'done' });
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    await query(server().url, `CREATE ROLE nachbar; GRANT CONNECT ON DATABASE shop_copy TO nachbar`);
    const { plan } = await place.plan();
    expect(plan.steps.map(({ title }) => title)).toEqual([]);
    expect(plan.diagnostics.filter(({ code, message }) => code === 'CT2071' && message.includes('shop_copy'))).toHaveLength(1);
    await place.write(after('retain'));
    const leaving = (await place.plan()).plan;
    expect(leaving.steps.filter((step) => JSON.stringify(step).includes('shop_copy'))).toEqual([]);
    await query(server().url, `DROP OWNED BY nachbar; DROP ROLE nachbar`);
  });

  it('that bears the name of before is the copy of what was put aside, however old it is', async () => {
    await wipe(server().url);
    await query(server().url, 'CREATE DATABASE earlier');
    await using other = await workplace(server(), before);
    expect(await other.apply()).toMatchObject({ ending: 'done' });
    await other.write(after('retain'));
    expect(await other.apply()).toMatchObject({ ending: 'done' });
    const [gone] = await query(
      server().url,
      `SELECT datname AS name, shobj_description(oid, 'pg_database') AS mark FROM pg_database WHERE datname LIKE 'shop__gone%'`,
    );
    await query(server().url, 'ALTER DATABASE earlier RENAME TO shop');
    await query(server().url, `COMMENT ON DATABASE shop IS '${String(gone?.['mark'])}'`);
    const { plan } = await other.plan();
    expect(plan.diagnostics.flatMap(({ code, message }) => (code === 'CT2066' ? [message] : []))).toEqual([
      expect.stringContaining(`databases "${String(gone?.['name'])}" and "shop" on "main" bear one mark`),
    ]);
    expect((await other.status()).placements).toContainEqual(
      expect.objectContaining({ app: 'shop', location: String(gone?.['name']), state: 'retired' }),
    );
  });

  it.each([false, true])(
    'is known as one where an older version wrote the mark, which has no name; its access list came along: %s',
    async (list) => {
      for (const name of ['shared', 'shared_copy', 'pool', 'pool_copy'])
        await query(server().url, `COMMENT ON DATABASE ${name} IS 'cotenant {"project":"life","app":null}'`);
      if (list) {
        await query(server().url, 'REVOKE ALL ON DATABASE shared_copy, pool_copy FROM PUBLIC');
        await query(
          server().url,
          'GRANT CONNECT ON DATABASE shared_copy TO shared_tenants; GRANT ALL ON DATABASE pool_copy TO pool_owner; GRANT CONNECT ON DATABASE pool_copy TO pool_rw',
        );
      } else await query(server().url, `COMMENT ON DATABASE pool_copy IS NULL; COMMENT ON DATABASE pool IS NULL`);
      const told = (await place.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2066').map(({ message }) => message);
      expect(told.some((message) => message.includes('"shared_copy" is taken for a copy'))).toBe(true);
      expect(told.some((message) => message.includes('"pool_copy" is taken for a copy'))).toBe(list);
      expect(await errors()).toEqual([]);
    },
  );

  it.each(['retain', 'delete'])('is not touched by the removal of an app: %s', async (removal) => {
    const rows = await look();
    await place.write(after('retain'));
    const found = await errors();
    expect(found).toEqual([
      {
        code: 'CT2066',
        message: expect.stringMatching(/databases "shop" and "shop_copy" .* app "shop": it cannot leave/) as unknown,
        hint: 'take the mark off the one that is the copy: COMMENT ON DATABASE "shop" IS NULL, or COMMENT ON DATABASE "shop_copy" IS NULL',
      },
    ]);
    expect(await place.apply()).toMatchObject({ ending: 'failed' });
    await query(server().url, 'COMMENT ON DATABASE shop_copy IS NULL');
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    if (removal === 'delete') {
      await place.write(after('delete'));
      // The roles of an app that is deleted own objects in the copies: they are not the app's alone any more.
      expect(new Set((await errors()).map(({ code }) => code))).toEqual(new Set(['CT2030']));
      expect(await place.apply(['shop', 'crm', 'club'])).toMatchObject({ ending: 'failed' });
      // What the hint says of keeping it ends the matter, and takes nothing.
      const kept = await counts();
      for (const { hint = '' } of await errors()) {
        const [, database = '', statements = ''] = /^connected to "(\w+)", (REASSIGN OWNED BY .*); keeps all of it/.exec(hint) ?? [];
        await sql(database, statements);
      }
      expect(await errors()).toEqual([]);
      expect(await place.apply(['shop', 'crm', 'club'])).toMatchObject({ ending: 'done' });
      expect(await counts()).toEqual(kept);
      return;
    }
    // Roles that own a copy's objects have another name now, and the objects are the same.
    const bare = (all: readonly unknown[]): string => JSON.stringify(all).replaceAll(/__gone_\d+/g, '');
    expect(bare(await look())).toEqual(bare(rows));
    expect(
      (await query(server().url, "SELECT datname FROM pg_database WHERE datname LIKE '%copy' ORDER BY 1")).map((row) => row['datname']),
    ).toEqual(copies.toSorted());
  });
});
