import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { sampled } from '../../../support/sample.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const shop = '  shop: { uses: { main: { connections: 3 } } }';
const crm = '  crm: { uses: { main: { isolation: schema, database: shared, connections: 3 } } }';
const team = '  team: { uses: { main: { isolation: rows, database: pool, connections: 3 } } }';
const stays = '  stays: { uses: { main: { connections: 3 } } }';
const all = [shop, crm, team, stays];
const lens = 'readers:\n  lens: { reads: [shop], connections: 2 }\n';
const manifest = (lines: readonly string[], more = ''): string => manifestOf(`apps:\n${lines.join('\n')}\n${more}`);

/** Everything that bears a mark and is of one app, by the statement that takes its comment. */
const MARKED = `SELECT 'ROLE ' || quote_ident(rolname) AS what FROM pg_roles r JOIN pg_shdescription d ON d.objoid = r.oid WHERE d.description LIKE '%"app":"APP"%'
  UNION ALL SELECT 'DATABASE ' || quote_ident(datname) FROM pg_database b JOIN pg_shdescription d ON d.objoid = b.oid WHERE d.description LIKE '%"app":"APP"%' ORDER BY 1`;
const OPEN = `SELECT rolname::text AS name FROM pg_roles WHERE rolname ~ '^(shop|crm|team|lens)' AND rolname !~ '__gone_'
  UNION ALL SELECT datname FROM pg_database WHERE datname ~ '^shop' AND datname !~ '__gone_' ORDER BY 1`;

describeEachPostgres('a mark that somebody wrote over', { versions: 'ends' }, (server) => {
  let place: Workplace;
  const sql = async (text: string) => await query(server().url, text);
  const marked = async (app: string): Promise<string[]> => (await sql(MARKED.replaceAll('APP', app))).map(({ what }) => String(what));
  const open = async (): Promise<string[]> => (await sql(OPEN)).map(({ name }) => String(name));
  const told = async () =>
    (await place.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2068').map(({ message, hint = '' }) => ({ message, hint }));
  const putBack = async (): Promise<void> => {
    for (const { hint } of await told()) await sql(/^(COMMENT ON .*) puts the mark back/s.exec(hint)?.[1] ?? hint);
  };

  beforeEach(async () => {
    await wipe(server().url);
    place = await workplace(server(), manifest(all, lens));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
  });

  it.each([
    ['shop', [crm, team, stays]],
    ['crm', [shop, team, stays]],
    ['team', [shop, crm, stays]],
  ] as const)('of anything that %s has does not keep it from leaving whole', async (app, rest) => {
    const things = await marked(app);
    expect(things.length).toBeGreaterThan(1);
    for (const thing of sampled(things, { oneOf: 3, name: `lost-marks ${app}` })) {
      await sql(`COMMENT ON ${thing} IS 'written by a person'`);
      await place.write(manifest(rest));
      expect(await told()).toEqual([]);
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      expect((await open()).filter((name) => name.startsWith(app))).toEqual([]);
      expect((await place.plan()).plan.steps.map(({ title }) => title)).toEqual([]);
      await place.write(manifest(all, lens));
      expect(await place.restore(app)).toMatchObject({ ending: 'done' });
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      expect((await place.plan()).plan.steps.map(({ title }) => title)).toEqual([]);
      expect(await marked(app)).toEqual(things);
      const comments = await sql(
        `SELECT description FROM pg_shdescription WHERE description LIKE 'written by a person%' AND description LIKE '%cotenant%'`,
      );
      expect(comments.length).toBeGreaterThan(0);
    }
  });

  it('of a reader, or of what several share, does not either', async () => {
    const things = ['ROLE lens_user', 'ROLE lens_user_2', 'ROLE shared_tenants', 'DATABASE shared', 'ROLE pool_rw', 'DATABASE pool'];
    for (const thing of sampled(things, { oneOf: 2, name: 'lost-marks shared' })) {
      await sql(`COMMENT ON ${thing} IS NULL`);
      await place.write(manifest([shop, stays]));
      expect(await told()).toEqual([]);
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      expect((await open()).filter((name) => /^(crm|team|lens)/.test(name))).toEqual([]);
      await place.write(manifest(all, lens));
      for (const app of ['crm', 'team', 'lens']) expect(await place.restore(app)).toMatchObject({ ending: 'done' });
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      expect((await place.plan()).plan.steps.map(({ title }) => title)).toEqual([]);
    }
  });

  it('is put back with an edit of the manifest', async () => {
    let limit = 3;
    for (const thing of [...(await marked('shop')), ...(await marked('crm')), ...(await marked('team'))]) {
      await sql(`COMMENT ON ${thing} IS NULL`);
      await place.write(manifest(all, lens).replaceAll('connections: 3', `connections: ${(limit = 7 - limit)}`));
      expect(await place.apply()).toMatchObject({ ending: 'done', diagnostics: [] });
    }
    expect((await place.plan()).plan.steps.map(({ title }) => title)).toEqual([]);
  });

  it('of a role with a name of its own is known by the other marks of its app', async () => {
    const own =
      '  acme: { uses: { main: { connections: 3, names: { owner: acme_o, readWrite: w, readOnly: r, login: web, standbyLogin: web2 } } } }';
    await place.write(manifest([...all, own], lens));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    const roles = ['acme_o', 'w', 'r', 'web', 'web2'];
    const left = async () => (await sql(`SELECT rolname FROM pg_roles WHERE rolname = ANY ('{${roles.join()}}')`)).length;
    for (const role of sampled(roles, { oneOf: 2, name: 'lost-marks names' })) {
      await sql(`COMMENT ON ROLE ${role} IS 'written by a person'`);
      await place.write(manifest(all, lens));
      expect(await told()).toEqual([]);
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      expect(await left()).toBe(0);
      await place.write(manifest([...all, own], lens));
      expect(await place.restore('acme')).toMatchObject({ ending: 'done' });
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      expect((await place.plan()).plan.steps.map(({ title }) => title)).toEqual([]);
    }
    // With another password it is told, and nobody's.
    await sql(`COMMENT ON ROLE web IS NULL; ALTER ROLE web PASSWORD 'mine'`);
    await place.write(manifest(all, lens));
    expect((await told()).map(({ message }) => message)).toEqual([expect.stringContaining('role "web" on "main"') as unknown]);
  });

  it('of everything that an app has is told where it leaves, with the statements that put them back', async () => {
    for (const thing of await marked('shop')) await sql(`COMMENT ON ${thing} IS NULL`);
    await place.write(manifest([crm, team, stays], ''));
    expect((await told()).map(({ message }) => message).join()).toContain('role "shop_user" on "main"');
    expect(await place.apply()).toMatchObject({ ending: 'waiting' });
    for (let round = 0; round < 4; round++) await putBack();
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    expect((await open()).filter((name) => name.startsWith('shop'))).toEqual([]);
  });

  it('of a login is told where the secret store is another one, and nothing of a stranger is taken for the app’s', async () => {
    await sql(`COMMENT ON ROLE shop_user IS 'mine'`);
    await rm(join(place.folder, '.cotenant'), { recursive: true });
    await sql('CREATE DATABASE shop_test');
    await sql(`GRANT ALL ON DATABASE shop_test TO shop_owner`);
    await sql(`CREATE ROLE friend LOGIN; GRANT shop_rw TO friend; CREATE ROLE shop_friends; GRANT shop_friends TO shop_owner`);
    await place.write(manifest([crm, team, stays]));
    expect(await told()).toEqual([
      {
        message: `role "shop_user" on "main" bears no mark and by all signs was app "shop"’s: it is left as it is, and nothing closes, restores or deletes it`,
        hint: expect.stringMatching(/^COMMENT ON ROLE "shop_user" IS .*mine.*cotenant \{"project":"life","app":"shop"\}' puts/s) as unknown,
      },
    ]);
    await place.apply(['friend', 'new-passwords']);
    await putBack();
    expect(await place.apply(['friend', 'new-passwords'])).toMatchObject({ ending: 'done' });
    expect(await open()).toEqual(expect.arrayContaining(['shop_friends', 'shop_test']) as unknown);
    expect((await open()).filter((name) => name.startsWith('shop'))).toEqual(['shop_friends', 'shop_test']);
  });

  it('of something retired is told', async () => {
    await place.write(manifest([crm, team, stays]));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    for (const thing of await marked('shop')) {
      await sql(`COMMENT ON ${thing} IS NULL`);
      expect((await told()).map(({ message }) => message)).toEqual([expect.stringContaining(thing.replace(/^\w+ /, '')) as unknown]);
      await putBack();
      expect(await told()).toEqual([]);
    }
    expect((await place.plan()).plan.steps.map(({ title }) => title)).toEqual([]);
    await place.write(manifest(all, lens));
    expect(await place.restore('shop')).toMatchObject({ ending: 'done' });
    expect(await place.apply()).toMatchObject({ ending: 'done' });
  });

  it('does not make a copy of its database the app’s', async () => {
    const mark = (await sql(`SELECT shobj_description(oid, 'pg_database') AS mark FROM pg_database WHERE datname = 'shop'`))[0]?.['mark'];
    await sql('CREATE DATABASE shop_copy TEMPLATE shop');
    await sql(`COMMENT ON DATABASE shop_copy IS '${String(mark)}'`);
    await sql('COMMENT ON DATABASE shop IS NULL');
    expect((await place.plan()).plan.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    await place.write(manifest([crm, team, stays]));
    expect((await place.plan()).plan.diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code)).toEqual([
      'CT2066',
    ]);
    await sql('COMMENT ON DATABASE shop_copy IS NULL');
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    expect(await open()).toEqual(expect.arrayContaining(['shop_copy']) as unknown);
    expect(await open()).not.toContain('shop');
  });

  it.each([
    ['CREATE ROLE shop_ro', 'GRANT stays_ro TO shop_ro'],
    ['CREATE ROLE shop_rw', 'GRANT CONNECT ON DATABASE stays TO shop_rw'],
    ["CREATE ROLE shop_user LOGIN PASSWORD 'x'", 'GRANT stays_ro TO shop_user'],
    ['CREATE ROLE shop_user_2 LOGIN', 'GRANT CONNECT ON DATABASE stays TO shop_user_2'],
  ])('is not what a stranger’s role lacks under a name that an app has left: %s; %s', async (make, tie) => {
    await place.write(manifest([crm, team, stays]));
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    const name = make.split(' ')[2] ?? '';
    await sql(make);
    await sql(tie);
    const look = async () =>
      await sql(`SELECT rolname, rolcanlogin, shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = '${name}'`);
    const before = await look();
    const { plan } = await place.plan();
    expect(plan.diagnostics.filter(({ code }) => code === 'CT2068')).toEqual([]);
    // What it was given is an app's, and goes as every stranger's does; nobody has what a role without members has.
    const told = plan.steps.flatMap(({ losses = [] }) => losses.map(({ who, of }) => `${who} of ${of ?? 'nobody'}`));
    expect(told).toEqual(make.includes('LOGIN') ? [`${name} of nobody`] : []);
    expect(await place.apply([name])).toMatchObject({ ending: 'done' });
    expect(await look()).toEqual(before);
  });
});
