import { beforeEach, expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { fixPlan } from '../../../../src/app/fix.ts';
import { openProject } from '../../../../src/app/project.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import type { Loss } from '../../../../src/model/index.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import type { MysqlServer } from '../runtime.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const app = (name: string): string => `  ${name}: { uses: { main: { connections: 5 } } }\n`;
const both = `apps:\n${app('shop')}${app('blog')}`;
const alone = `apps:\n${app('blog')}`;

const shortly = (losses: readonly Loss[]): readonly string[] =>
  losses.flatMap(({ who, what }) => what.map((one) => `${who}: ${one}`)).sort();
const lossesOf = async (place: Workplace): Promise<readonly Loss[]> => (await place.plan()).plan.steps.flatMap(({ losses = [] }) => losses);

const make = async (server: MysqlServer, ...statements: readonly string[]): Promise<void> => {
  for (const sql of statements) await ask(server, sql);
};
const account = (name: string): string => `CREATE USER '${name}'@'%' IDENTIFIED BY 'x'`;

/** Rights of every form, by the login that has them. */
const FORMS: Readonly<Record<string, string>> = {
  boss: "GRANT ALL ON *.* TO 'boss'@'%' WITH GRANT OPTION",
  maker: "GRANT CREATE USER ON *.* TO 'maker'@'%'",
  giver: "GRANT USAGE ON *.* TO 'giver'@'%' WITH GRANT OPTION",
  dump: "GRANT SELECT, LOCK TABLES ON *.* TO 'dump'@'%'",
  alike: "GRANT SELECT ON `sh%`.* TO 'alike'@'%'",
  table: "GRANT SELECT ON shop.orders TO 'table'@'%'",
  column: "GRANT SELECT (id) ON shop.orders TO 'column'@'%'",
  routine: "GRANT EXECUTE ON PROCEDURE shop.p TO 'routine'@'%'",
};

async function leaving(place: Workplace): Promise<void> {
  await place.apply();
  await place.as('shop', 'CREATE TABLE orders (id INT PRIMARY KEY, note VARCHAR(20))');
  await place.as('shop', 'CREATE VIEW recent AS SELECT id FROM orders');
  await place.as('shop', 'CREATE PROCEDURE p() SELECT 1');
  await place.as('blog', 'CREATE TABLE posts (id INT)');
}

describeEachMysql('who has rights wider than one database', { versions: 'all' }, (server) => {
  beforeEach(async () => await wipe(server()));

  // One REVOKE of all that there is on everything, with GRANT OPTION in it, takes what somebody has on databases as well.
  it('keeps what it has on its own database when it is adopted and loses everything else', async () => {
    await make(
      server(),
      'CREATE DATABASE hand',
      'CREATE TABLE hand.notes (id INT PRIMARY KEY)',
      account('boss'),
      "GRANT ALL ON *.* TO 'boss'@'%' WITH GRANT OPTION",
      "GRANT ALL ON `hand`.* TO 'boss'@'%'",
      'CREATE DATABASE other',
      "GRANT SELECT ON other.* TO 'boss'@'%'",
    );
    const adopted = 'apps:\n  hand: { uses: { main: { adopt: true, names: { login: boss } } } }\n';
    await using place = await workplace(server(), manifestOf(adopted));
    expect((await place.apply(['boss@%'])).ending).toBe('done');
    const login = { host: server().host, port: server().port, user: 'boss', password: 'x', database: 'hand' };
    await ask(login, 'CREATE TABLE made (id INT)');
    await ask(login, 'INSERT INTO notes VALUES (1)');
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('is told of a database that is deleted, in whatever form it has them', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(both));
    await leaving(place);
    await place.write(manifestOf(alone));
    expect((await place.apply()).ending).toBe('done');
    for (const name of [...Object.keys(FORMS), 'member', 'monitor']) await make(server(), account(name));
    await make(server(), ...Object.values(FORMS), "GRANT PROCESS ON *.* TO 'monitor'@'%'");
    const role = server().flavor === 'mariadb' ? 'readers' : "'readers'@'%'";
    await make(server(), `CREATE ROLE ${role}`, `GRANT SELECT ON *.* TO ${role}`, `GRANT ${role} TO 'member'@'%'`);
    if (server().flavor === 'mysql') await make(server(), account('system'), "GRANT SYSTEM_USER ON *.* TO 'system'@'%'");
    await place.write(manifestOf(`${alone}removal: delete\n`));
    const said = await lossesOf(place);
    const losers = said.filter(({ what }) => what.includes('database "shop" and everything in it')).map(({ who }) => who);
    const names = [...Object.keys(FORMS), 'member', ...(server().flavor === 'mysql' ? ['system'] : [])].map((name) => `${name}@%`);
    // Rights by name in what is retired are closed first: those who have no others are told of that.
    expect([...new Set(said.map(({ who }) => who))].sort()).toEqual([...names].sort());
    expect(losers).toEqual(expect.arrayContaining(['boss@%', 'maker@%', 'giver@%', 'dump@%', 'member@%']));
    // No line of the manifest keeps a database.
    expect(said.find(({ who }) => who === 'boss@%')).toMatchObject({ of: null, keep: null });
    const refused = await place.cli('apply', '--yes', '--no-input', '--confirm=shop');
    expect(refused.stdout + refused.stderr).toContain('--confirm=boss@%');
    expect(await place.root("SHOW DATABASES LIKE 'shop'")).toHaveLength(1);
    expect((await place.apply(['shop'])).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('is told of what runs as a login that is retired', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(both));
    await leaving(place);
    await make(server(), account('boss'), FORMS['boss'] ?? '', account('dump'), FORMS['dump'] ?? '');
    const boss = { ...server(), user: 'boss', password: 'x' };
    await ask(boss, 'SELECT * FROM shop.recent');
    await place.write(manifestOf(alone));
    const said = shortly(await lossesOf(place));
    expect(said).toContain('boss@%: view shop.recent (it runs as shop_user@%, which loses rights)');
    expect(said).toContain('boss@%: procedure shop.p (it runs as shop_user@%, which loses rights)');
    expect(said).toContain('dump@%: view shop.recent (it runs as shop_user@%, which loses rights)');
    expect((await place.apply()).ending).toBe('done');
    await expect(ask(boss, 'SELECT * FROM shop.recent')).rejects.toThrow();
    await ask(boss, 'SELECT * FROM shop.orders');
  });

  it('is told what an anonymous account takes with it, and known logins keep it', { timeout: 120_000 }, async () => {
    const known = 'known: [{ user: old, on: main, why: tests }]\n';
    await using place = await workplace(server(), manifestOf(known + both));
    // Before: no fix is offered beside what is not applied.
    await place.apply();
    // The server does not let CREATE USER have two of them from one host.
    await make(server(), 'CREATE DATABASE erp', 'CREATE TABLE erp.t (x INT)', "CREATE USER ''@'%' IDENTIFIED BY 'nobody'");
    await make(server(), "GRANT SELECT, INSERT ON erp.* TO ''@'%'", account('old'), account('other'));
    for (const user of ['old', 'other']) await ask({ ...server(), user, password: 'x' }, 'SELECT * FROM erp.t');
    const strangers = shortly(await lossesOf(place)).filter((one) => !/^(?:shop|blog)_user/.test(one));
    expect(strangers).toEqual(['@%: INSERT, SELECT on erp.*', '@%: log in', 'other@%: INSERT, SELECT on erp.*'].sort());
    const project = await openProject({ cwd: place.folder, env: place.env });
    const { report } = await verifyProject(project, { seed: 3 });
    const fix = fixPlan(project, report).steps.filter(({ commands }) => commands.some(({ text }) => text.startsWith("DROP USER ''")));
    expect(shortly(fix.flatMap(({ losses = [] }) => losses))).toContain('other@%: INSERT, SELECT on erp.*');
    expect(shortly(fix.flatMap(({ losses = [] }) => losses)).filter((one) => one.startsWith('old'))).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
    await ask({ ...server(), user: 'old', password: 'x' }, 'INSERT INTO erp.t VALUES (1)');
    await expect(ask({ ...server(), user: 'other', password: 'x' }, 'SELECT * FROM erp.t')).rejects.toThrow();
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it('and mandatory roles and partial revokes count as the server counts them', { timeout: 120_000 }, async (context) => {
    if (server().flavor === 'mariadb') return context.skip();
    await make(server(), 'SET GLOBAL partial_revokes = ON');
    await using place = await workplace(server(), manifestOf(both));
    await leaving(place);
    await make(server(), account('most'), "GRANT SELECT ON *.* TO 'most'@'%'", "REVOKE SELECT ON shop.* FROM 'most'@'%'");
    await make(server(), "GRANT SELECT ON shop.orders TO 'most'@'%'", account('less'), "GRANT SELECT ON *.* TO 'less'@'%'");
    await make(server(), "REVOKE SELECT ON shop.* FROM 'less'@'%'", "CREATE ROLE 'all_have'@'%'", account('plain'));
    await make(server(), "GRANT INSERT ON shop.* TO 'all_have'@'%'", "SET GLOBAL mandatory_roles = '`all_have`@`%`'");
    await ask({ ...server(), user: 'most', password: 'x' }, 'SELECT * FROM shop.orders');
    await expect(ask({ ...server(), user: 'less', password: 'x' }, 'SELECT * FROM shop.orders')).rejects.toThrow();
    const said = shortly(await lossesOf(place));
    expect(said).toContain('most@%: SELECT on shop.orders');
    for (const name of ['most', 'less', 'plain']) expect(said).toContain(`${name}@%: INSERT on shop.*`);
    await make(server(), "SET GLOBAL mandatory_roles = ''", "DROP ROLE 'all_have'@'%'");
    expect((await place.apply()).ending).toBe('done');
    await expect(ask({ ...server(), user: 'most', password: 'x' }, 'SELECT * FROM shop.orders')).rejects.toThrow();
    await place.write(manifestOf(alone));
    await place.apply();
    await place.write(manifestOf(`${alone}removal: delete\n`));
    expect(shortly(await lossesOf(place))).toEqual([]);
    await make(server(), 'DROP USER most, less', 'SET GLOBAL partial_revokes = OFF');
  });
});
