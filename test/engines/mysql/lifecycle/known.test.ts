import { beforeEach, expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { fixPlan } from '../../../../src/app/fix.ts';
import { importServer } from '../../../../src/app/import.ts';
import { openProject } from '../../../../src/app/project.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import type { Loss } from '../../../../src/model/index.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import type { MysqlServer } from '../runtime.ts';
import { manifestOf, session, wipe, type Workplace, workplace } from './harness.ts';

const apps = 'apps:\n  shop: { uses: { main: { connections: 5 } } }\n  blog: { uses: { main: { connections: 5 } } }\n';
const known = (...users: readonly string[]): string =>
  `known: [${users.map((user) => `{ user: "${user}", on: main, why: tests }`).join(', ')}]\n`;

const shortly = (losses: readonly Loss[]): readonly string[] =>
  [...new Set(losses.flatMap(({ who, of, what }) => what.map((one) => `${who}${of === null ? '' : ` of ${of}`}: ${one}`)))].sort();
const lossesOf = async (place: Workplace): Promise<readonly Loss[]> => (await place.plan()).plan.steps.flatMap(({ losses = [] }) => losses);

const make = async (server: MysqlServer, ...statements: readonly string[]): Promise<void> => {
  for (const sql of statements) await ask(server, sql);
};
const account = (name: string): string => `CREATE USER '${name}'@'%' IDENTIFIED BY 'x'`;
/** A role as the server names it in statements. */
const roleIn = (server: MysqlServer, name: string): string => (server.flavor === 'mariadb' ? name : `'${name}'@'%'`);
const byDefault = (server: MysqlServer, role: string, user: string): string =>
  `SET DEFAULT ROLE ${roleIn(server, role)} ${server.flavor === 'mariadb' ? 'FOR' : 'TO'} '${user}'@'%'`;

async function stepsOf(place: Workplace, what: 'plan' | 'fix') {
  if (what === 'plan') return (await place.plan()).plan.steps;
  const project = await openProject({ cwd: place.folder, env: place.env });
  return fixPlan(project, (await verifyProject(project, { seed: 3 })).report).steps;
}

describeEachMysql('a known stranger', { versions: 'all' }, (server) => {
  beforeEach(async () => await wipe(server()));

  const team = async (...members: readonly string[]): Promise<void> => {
    const role = roleIn(server(), 'reporting');
    await make(server(), `CREATE ROLE ${role}`, `GRANT SELECT ON shop.* TO ${role}`);
    for (const name of members)
      await make(server(), account(name), `GRANT ${role} TO '${name}'@'%'`, byDefault(server(), 'reporting', name));
  };

  it('keeps what it has by a role that only known strangers have', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(apps + known('rita@%', 'otto')));
    await place.apply();
    await place.as('shop', 'CREATE TABLE orders (id INT)');
    await team('rita', 'otto');
    for (const what of ['plan', 'fix'] as const) expect([what, await stepsOf(place, what)]).toEqual([what, []]);
    const found = await verifyProject(await openProject({ cwd: place.folder, env: place.env }), { seed: 3 });
    expect(found.report.findings).toEqual([]);
    await ask({ ...server(), user: 'rita', password: 'x' }, 'SELECT * FROM shop.orders');
  });

  it('keeps it by name where others have the role as well', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(apps + known('rita@%')));
    await place.apply();
    await place.as('shop', 'CREATE TABLE orders (id INT)');
    await team('rita', 'mallory');
    const outer = roleIn(server(), 'outer_role');
    await make(server(), `CREATE ROLE ${outer}`, `GRANT ${roleIn(server(), 'reporting')} TO ${outer}`, account('indirect'));
    await make(server(), `GRANT ${outer} TO 'indirect'@'%'`, byDefault(server(), 'outer_role', 'indirect'));
    for (const what of ['plan', 'fix'] as const) {
      const losses = (await stepsOf(place, what)).flatMap((step) => step.losses ?? []);
      expect([what, shortly(losses)]).toEqual([what, ['indirect@%: SELECT on shop.*', 'mallory@%: SELECT on shop.*']]);
    }
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    await ask({ ...server(), user: 'rita', password: 'x' }, 'SELECT * FROM shop.orders');
    for (const user of ['mallory', 'indirect'])
      await expect(ask({ ...server(), user, password: 'x' }, 'SELECT * FROM shop.orders')).rejects.toThrow();
  });

  it('keeps it in the database of an app that goes, and of one that is retired', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(apps + known('rita@%')));
    await place.apply();
    await place.as('shop', 'CREATE TABLE orders (id INT)');
    await team('rita', 'mallory');
    await place.write(manifestOf(`apps:\n  blog: { uses: { main: { connections: 5 } } }\n${known('rita@%')}`));
    const reads = (user: string) => ask({ ...server(), user, password: 'x' }, 'SELECT * FROM shop.orders');
    for (const _ of [1, 2]) {
      expect(shortly(await lossesOf(place)).filter((one) => one.startsWith('rita'))).toEqual([]);
      expect((await place.apply()).ending).toBe('done');
      await reads('rita');
      await expect(reads('mallory')).rejects.toThrow();
      expect((await place.plan()).plan.steps).toEqual([]);
      await make(server(), `GRANT SELECT ON shop.* TO ${roleIn(server(), 'reporting')}`);
      if (_ === 1) await reads('mallory');
    }
  });

  it('is judged by nobody for a session that keeps what it had', { timeout: 120_000 }, async () => {
    const people = `${known('kim', 'gone@%')}operators: { exporter: { may: [connect] } }\n`;
    await using place = await workplace(server(), manifestOf(apps));
    await make(server(), ...['kim', 'gone', 'exporter', 'mallory'].map(account));
    await place.write(manifestOf(apps + people));
    await place.apply();
    const users = ['kim', 'gone', 'exporter', 'mallory'];
    for (const user of users) await make(server(), `GRANT SELECT ON shop.* TO '${user}'@'%'`);
    await using held = new AsyncDisposableStack();
    for (const user of users) held.use(await session({ ...server(), user, password: 'x', database: 'shop' }));
    for (const user of users) await make(server(), `REVOKE SELECT ON shop.* FROM '${user}'@'%'`);
    await make(server(), "DROP USER 'gone'@'%'");
    const { report } = await verifyProject(await openProject({ cwd: place.folder, env: place.env }), { seed: 3 });
    expect(report.findings.filter(({ probe }) => probe === 'MY-Y33').map(({ from }) => from)).toEqual(['mallory']);
  });

  it.each(['live', 'retired', 'going'] as const)(
    'whose entry goes loses what it was left by name in an app that is %s',
    {
      timeout: 120_000,
    },
    async (state) => {
      const without = 'apps:\n  blog: { uses: { main: { connections: 5 } } }\n';
      await using place = await workplace(server(), manifestOf(apps + known('rita@%')));
      await place.apply();
      await place.as('shop', 'CREATE TABLE orders (id INT)');
      // By a role that others have as well, so that an apply gives it by name.
      await team('rita', 'mallory');
      await place.apply();
      const reads = () => ask({ ...server(), user: 'rita', password: 'x' }, 'SELECT * FROM shop.orders');
      expect(await ask(server(), "SELECT 1 FROM mysql.db WHERE User = 'rita'")).toHaveLength(1);
      if (state === 'retired') {
        await place.write(manifestOf(without + known('rita@%')));
        await place.apply();
      }
      await reads();
      await place.write(manifestOf(state === 'live' ? apps : without));
      expect(shortly(await lossesOf(place)).filter((one) => one.startsWith('rita'))).toEqual(['rita@%: SELECT on shop.*']);
      const refused = await place.cli('apply', '--yes', '--no-input');
      expect(refused.stdout + refused.stderr).toContain('--confirm=rita@%');
      expect((await place.apply()).ending).toBe('done');
      await expect(reads()).rejects.toThrow();
      expect((await place.plan()).plan.steps).toEqual([]);
    },
  );

  it('is told of what stops because its maker loses something, under the name that the manifest has for it', {
    timeout: 120_000,
  }, async () => {
    await using place = await workplace(server(), manifestOf(apps + known('backup@%', 'reader')));
    await place.apply();
    await place.as('shop', 'CREATE TABLE orders (id INT)');
    await make(server(), account('bi'), account('backup'), account('reader'), 'GRANT SELECT ON shop.* TO bi@"%"');
    await make(server(), 'CREATE DATABASE dw', "CREATE DEFINER = 'bi'@'%' VIEW dw.v AS SELECT * FROM shop.orders");
    await make(server(), "GRANT SELECT ON *.* TO 'backup'@'%'", "GRANT SELECT ON dw.v TO 'reader'@'%'");
    const losses = await lossesOf(place);
    const view = 'view dw.v (it runs as bi@%, which loses rights)';
    expect(shortly(losses)).toEqual([`backup@% of backup@%: ${view}`, 'bi@%: SELECT on shop.*', `reader@% of reader: ${view}`]);
    // It stands in the manifest already; what it loses is agreed to by its name all the same.
    expect(losses.filter(({ who }) => who !== 'bi@%').map(({ keep, confirm }) => [keep, confirm])).toEqual([
      [null, 'backup@%'],
      [null, 'reader@%'],
    ]);
    const refused = await place.cli('apply', '--yes', '--no-input', '--confirm=bi@%');
    expect(refused.stdout + refused.stderr).toContain('--confirm=backup@%');
    expect(refused.stdout + refused.stderr).not.toMatch(/backup@%.*nobody that the manifest names/);
  });

  it.each(['backup@%', 'auditor@%'])('so is an operator, whose name agrees to it and not --yes: %s', { timeout: 120_000 }, async (who) => {
    const people = 'operators: { "backup@%": { may: [read-all] }, auditor: { may: [connect] } }\n';
    await using place = await workplace(server(), manifestOf(apps));
    await make(server(), account('backup'), account('auditor'), account('bi'));
    await place.write(manifestOf(apps + people));
    await place.apply();
    await place.as('shop', 'CREATE TABLE orders (id INT)');
    await make(server(), 'GRANT SELECT ON shop.* TO bi@"%"', 'CREATE DATABASE dw');
    await make(server(), "CREATE DEFINER = 'bi'@'%' VIEW dw.v AS SELECT * FROM shop.orders", "GRANT SELECT ON dw.v TO 'auditor'@'%'");
    expect((await lossesOf(place)).filter(({ of }) => of !== null).map(({ confirm }) => confirm)).toEqual(['auditor@%', 'backup@%']);
    const others = ['bi@%', 'backup@%', 'auditor@%'].filter((one) => one !== who).map((one) => `--confirm=${one}`);
    const refused = await place.cli('apply', '--yes', '--no-input', ...others);
    expect(refused.stdout + refused.stderr).toContain(`--confirm=${who}`);
    expect((await place.cli('apply', '--yes', '--no-input', ...others, `--confirm=${who}`)).code).toBe(0);
    // The database of an app that is deleted goes for them with it.
    await place.write(manifestOf(`apps:\n  blog: { uses: { main: { connections: 5 } } }\n${people}`));
    expect((await place.apply()).ending).toBe('done');
    await place.write(manifestOf(`apps:\n  blog: { uses: { main: { connections: 5 } } }\n${people}removal: delete\n`));
    await make(server(), 'DROP VIEW dw.v');
    const gone = (await lossesOf(place)).filter((one) => one.who === 'backup@%');
    expect(gone.map(({ what, confirm }) => [what.join(), confirm])).toEqual([['database "shop" and everything in it', undefined]]);
  });

  it('is no loser where it cannot use what stops', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(apps));
    await place.apply();
    await place.as('shop', 'CREATE TABLE orders (id INT)');
    await place.as('shop', 'CREATE VIEW vo AS SELECT id FROM orders');
    await place.as('shop', 'CREATE TABLE pub (id INT)');
    await place.as('shop', 'CREATE PROCEDURE p() SELECT 1');
    await place.as('shop', 'CREATE PROCEDURE q() SELECT 2');
    for (const name of ['hubu', 'onview', 'oncolumn', 'ontable']) await make(server(), account(name));
    await make(
      server(),
      "GRANT EXECUTE ON PROCEDURE shop.p TO 'hubu'@'%'",
      "GRANT SELECT ON shop.pub TO 'hubu'@'%'",
      "GRANT SELECT ON shop.vo TO 'onview'@'%'",
      "GRANT SELECT (id) ON shop.vo TO 'oncolumn'@'%'",
      "GRANT UPDATE ON shop.orders TO 'ontable'@'%'",
      "CREATE DEFINER = 'shop_user'@'%' TRIGGER shop.t1 AFTER UPDATE ON shop.orders FOR EACH ROW SET @a = (SELECT MAX(id) FROM shop.pub)",
      "CREATE DEFINER = 'shop_user'@'%' TRIGGER shop.t2 AFTER UPDATE ON shop.pub FOR EACH ROW SET @a = 1",
    );
    await place.write(
      manifestOf(`apps:\n  blog: { uses: { main: { connections: 5 } } }\n${known('hubu', 'onview', 'oncolumn', 'ontable')}`),
    );
    const because = shortly(await lossesOf(place)).filter((one) => one.includes('runs as') && !one.startsWith('shop_user'));
    expect(because).toEqual([
      'hubu@% of hubu: procedure shop.p (it runs as shop_user@%, which loses rights)',
      'oncolumn@% of oncolumn: view shop.vo (it runs as shop_user@%, which loses rights)',
      'ontable@% of ontable: trigger shop.t1 (it runs as shop_user@%, which loses rights)',
      'onview@% of onview: view shop.vo (it runs as shop_user@%, which loses rights)',
    ]);
  });

  it('of an import keeps what it has by roles, and roles that wait for members keep theirs', { timeout: 120_000 }, async (context) => {
    if (server().flavor === 'mysql') return context.skip();
    await make(server(), 'CREATE DATABASE shop', 'CREATE TABLE shop.orders (id INT)', account('shopkeeper'), 'CREATE ROLE waiting');
    await make(server(), "GRANT ALL ON shop.* TO 'shopkeeper'@'%'", 'GRANT SELECT ON shop.* TO waiting');
    await team('rita');
    await using place = await workplace(server(), manifestOf('apps: {}\n'));
    const { host, port, password } = server();
    const { yaml } = await importServer({ url: `mysql://root@${host}:${port}`, password, env: {}, cwd: place.folder });
    await place.write(yaml.replace('MYSQL_ROOT_PASSWORD', 'ADMIN_PASSWORD'));
    expect(shortly(await lossesOf(place)).filter((one) => !one.startsWith('shopkeeper'))).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
    await ask({ ...server(), user: 'rita', password: 'x' }, 'SELECT * FROM shop.orders');
    expect(await place.root("SELECT 1 FROM mysql.db WHERE User = 'waiting'")).toHaveLength(1);
    expect((await place.plan()).plan.steps).toEqual([]);
  });
});
