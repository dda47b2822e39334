import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { at, query } from '../../../support/query.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const shop = '  shop: { uses: { main: { connections: 3 } } }';
const crm = '  crm: { uses: { main: { isolation: schema, database: shared, connections: 3 } } }';
const stays = '  stays: { uses: { main: { connections: 3 } } }';
const manifest = (lines: readonly string[]): string => manifestOf(lines.length === 0 ? 'apps: {}\n' : `apps:\n${lines.join('\n')}\n`);
const marked = (app: string): string => `cotenant {"project":"life","app":"${app}"}`;

describeEachPostgres('what only looks like an app’s', { versions: 'ends' }, (server) => {
  let place: Workplace;
  const sql = async (text: string, database = 'postgres') => await query(at(server().url, { database }), text);
  const all = async (...texts: readonly string[]): Promise<void> => {
    for (const text of texts) await sql(text);
  };
  const rowsOf = async (names: string): Promise<readonly unknown[]> => [
    ...(await sql(
      `SELECT rolname, rolcanlogin, rolconnlimit, shobj_description(oid, 'pg_authid') AS said FROM pg_roles WHERE rolname ~ '${names}' ORDER BY 1`,
    )),
    ...(await sql(
      `SELECT datname, pg_get_userbyid(datdba), datacl::text, shobj_description(oid, 'pg_database') AS said FROM pg_database WHERE datname ~ '${names}' ORDER BY 1`,
    )),
  ];
  const leave = async (endings = /^(done|waiting)$/): Promise<void> => {
    for (const lines of [[shop, crm], [crm], []]) {
      await place.write(manifest(lines));
      expect((await place.apply()).ending).toMatch(endings);
    }
  };
  const appsAre = async (): Promise<readonly unknown[]> =>
    (
      await sql(
        `SELECT rolname FROM pg_roles WHERE rolname ~ '^(shop|crm|stays)_' AND rolname !~ '__gone_' UNION ALL SELECT datname FROM pg_database WHERE datname IN ('shop', 'stays')`,
      )
    ).map((row) => Object.values(row)[0]);

  beforeEach(async () => {
    await wipe(server().url);
    place = await workplace(server(), manifest([shop, crm, stays]));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
  });

  it('as a login or a group with the mark of an app that has no such role: it stays, and is told', async () => {
    await all(
      `CREATE ROLE alice LOGIN; COMMENT ON ROLE alice IS '${marked('shop')}'`,
      `CREATE ROLE alices; GRANT alices TO alice; COMMENT ON ROLE alices IS 'of alice''s\n${marked('crm')}'`,
      'CREATE DATABASE alicedb OWNER alice',
    );
    const before = await rowsOf('^alice');
    const { plan } = await place.plan();
    expect(plan.steps).toEqual([]);
    expect(plan.diagnostics.filter(({ code }) => code === 'CT2066').map(({ message }) => message)).toEqual([
      'role "alice" on "main" bears the mark of app "shop", which has no such role: it is taken for nobody\'s of this project',
      'role "alices" on "main" bears the mark of app "crm", which has no such role: it is taken for nobody\'s of this project',
    ]);
    await leave();
    expect(await appsAre()).toEqual([]);
    expect(await rowsOf('^alice')).toEqual(before);
    for (const { hint = '' } of (await place.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2066'))
      await sql(hint.replace(' takes the mark off', ''));
    expect((await place.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2066')).toEqual([]);
    expect((await sql("SELECT shobj_description('alices'::regrole, 'pg_authid') AS said"))[0]?.['said']).toBe("of alice's");
  });

  it.each(['shop_user', 'shop_owner', 'shop_ro', 'crm_rw'])(
    'as %s with the mark of another app: it goes on being its own app’s',
    async (role) => {
      await sql(`COMMENT ON ROLE ${role} IS '${marked('stays')}'`);
      await place.write(manifest([shop, crm]));
      expect(await place.apply()).toMatchObject({ ending: 'done', diagnostics: [] });
      expect((await sql(`SELECT shobj_description('${role}'::regrole, 'pg_authid') AS said`))[0]?.['said']).toContain(
        `"app":"${role.split('_')[0]}"`,
      );
      expect((await place.plan()).plan.steps).toEqual([]);
      await place.write(manifest([]));
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      expect(await appsAre()).toEqual([]);
    },
  );

  it('as what is retired today: it stays, and keeps no app from leaving', async () => {
    const day = ((await sql("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD') AS day"))[0]?.['day'] ?? '') as string;
    await all(
      `CREATE ROLE "shop_owner__gone_${day}"`,
      `CREATE ROLE "shop_user__gone_${day}" LOGIN`,
      `CREATE DATABASE "shop__gone_${day}" OWNER "shop_user__gone_${day}"`,
    );
    await sql(`CREATE SCHEMA "crm__gone_${day}"; CREATE TABLE "crm__gone_${day}".t (n int)`, 'shared');
    const before = await rowsOf(`^shop_.*__gone_${day}$|^shop__gone_${day}$`);
    await leave(/^done$/);
    expect((await place.apply()).ending).toBe('nothing-to-do');
    expect((await place.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2068')).toMatchObject([{}, {}]);
    expect(await appsAre()).toEqual([]);
    expect(await rowsOf(`^(shop_owner|shop_user|shop_)__gone_${day}$|^shop__gone_${day}$`)).toEqual(
      expect.arrayContaining([...before]) as unknown,
    );
    expect(await sql(`SELECT count(*)::int AS n FROM "crm__gone_${day}".t`, 'shared')).toEqual([{ n: 0 }]);
    await place.write(manifest([shop, crm, stays]));
    for (const app of ['shop', 'crm', 'stays']) expect(await place.restore(app)).toMatchObject({ ending: 'done' });
    await place.apply();
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await sql(`SELECT count(*)::int AS n FROM "crm__gone_${day}".t`, 'shared')).toEqual([{ n: 0 }]);
  });

  it('as a retired login that somebody opened again: who comes in by it is told what it loses', async () => {
    await leave();
    const [row] = await sql("SELECT rolname FROM pg_roles WHERE rolname LIKE 'shop_user__gone_%'");
    const who = String(row?.['rolname']);
    await sql(`ALTER ROLE "${who}" LOGIN`);
    const { plan } = await place.plan();
    expect(plan.steps.flatMap(({ losses = [] }) => losses.map((loss) => [loss.who, loss.of, ...loss.what]))).toEqual([
      [who, 'shop', 'log in'],
    ]);
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    expect((await place.plan()).plan.steps).toEqual([]);
  });
});
