import { beforeEach, expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { fixPlan } from '../../../../src/app/fix.ts';
import { openProject } from '../../../../src/app/project.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import type { Loss } from '../../../../src/model/index.ts';
import { openDriver } from '../../../../src/engines/mysql/connect/connection.ts';
import type { MysqlServer } from '../runtime.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const shop = 'apps:\n  shop: { uses: { main: { connections: 5 } } }\n  blog: { uses: { main: { connections: 5 } } }\n';

const shortly = (losses: readonly Loss[]): readonly string[] =>
  [...new Set(losses.flatMap(({ who, of, what }) => what.map((one) => `${who}${of === null ? '' : ` of ${of}`}: ${one}`)))].sort();
const lossesOf = async (place: Workplace): Promise<readonly string[]> =>
  shortly((await place.plan()).plan.steps.flatMap(({ losses = [] }) => losses));

async function fixOf(place: Workplace) {
  const project = await openProject({ cwd: place.folder, env: place.env });
  const { report } = await verifyProject(project, { seed: 3 });
  return fixPlan(project, report);
}

const make = async (server: MysqlServer, ...statements: readonly string[]): Promise<void> => {
  for (const sql of statements) await ask(server, sql);
};

async function openSession(server: MysqlServer, password: string) {
  const driver = await openDriver({ ...server, user: 'twin', password, ssl: null }, 'twin', 10_000);
  return { driver, isOpen: () => driver.query('SELECT 1').then(Boolean, () => false) };
}

describeEachMysql('strangers', { versions: 'all' }, (server, version) => {
  beforeEach(async () => await wipe(server()));

  it('are told of what they lose while they are locked out, and so is a role that waits for members', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(shop));
    await place.apply();
    const role = server().flavor === 'mariadb' ? 'waiting' : "'waiting'@'%'";
    await make(
      server(),
      "CREATE USER 'away'@'%' IDENTIFIED BY 'x' ACCOUNT LOCK",
      "GRANT SELECT ON shop.* TO 'away'@'%'",
      `CREATE ROLE ${role}`,
      `GRANT INSERT ON shop.* TO ${role}`,
    );
    const called = server().flavor === 'mariadb' ? 'waiting@' : 'waiting@%';
    expect(await lossesOf(place)).toEqual(['away@%: SELECT on shop.*', `${called}: INSERT on shop.*`]);
  });

  it('keep the sessions of an account that only has the name of one that loses something', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(shop));
    await place.apply();
    const role = server().flavor === 'mariadb' ? 'reading' : "'reading'@'%'";
    await make(
      server(),
      "CREATE USER 'twin'@'127.0.0.1' IDENTIFIED BY 'near'",
      "CREATE USER 'twin'@'%' IDENTIFIED BY 'far'",
      // By a role: a row for all hosts would count for the one that is near too.
      `CREATE ROLE ${role}`,
      `GRANT SELECT ON shop.* TO ${role}`,
      `GRANT ${role} TO 'twin'@'%'`,
    );
    const near = await openSession(server(), 'near');
    expect(await lossesOf(place)).toEqual(['twin@%: SELECT on shop.*']);
    expect((await place.apply()).ending).toBe('done');
    expect(await near.isOpen()).toBe(true);
    // Here it is the account for everywhere else whose sessions look like those that are meant.
    await make(
      server(),
      "DROP USER 'twin'@'127.0.0.1'",
      "CREATE USER 'twin'@'10.1.%' IDENTIFIED BY 'x'",
      `GRANT SELECT ON shop.* TO ${role}`,
    );
    expect(await lossesOf(place)).toEqual([
      expect.stringMatching(/^twin@%: SELECT on shop/),
      expect.stringMatching(/^twin@10\.1\.%: its open sessions/),
    ]);
    await near.driver.end();
  });

  it('have what a row for more hosts gives to their name, where they have none of their own', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(shop));
    await place.apply();
    await make(
      server(),
      'CREATE TABLE shop.t (id int)',
      'CREATE TABLE blog.t (id int)',
      "CREATE USER 'twin'@'127.0.0.1' IDENTIFIED BY 'near'",
      "CREATE USER 'twin'@'%' IDENTIFIED BY 'far'",
      "GRANT SELECT ON shop.* TO 'twin'@'%'",
      "GRANT SELECT ON blog.* TO 'twin'@'%'",
      "GRANT INSERT ON blog.* TO 'twin'@'127.0.0.1'",
    );
    const near = await openSession(server(), 'near');
    const does = (sql: string) =>
      near.driver.query(sql).then(
        () => true,
        () => false,
      );
    // The nearest row counts alone.
    expect([await does('SELECT * FROM shop.t'), await does('SELECT * FROM blog.t')]).toEqual([true, false]);
    expect(await lossesOf(place)).toEqual([
      'twin@%: SELECT on blog.*',
      'twin@%: SELECT on shop.*',
      'twin@127.0.0.1: INSERT on blog.*',
      'twin@127.0.0.1: SELECT on shop.*',
    ]);
    await near.driver.end();
  });

  it('have what a row for a network gives to their name', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(shop));
    await place.apply();
    // Only MySQL knows the short form.
    const nets = ['127.0.0.0/255.255.255.0', ...(server().flavor === 'mysql' ? ['127.0.0.0/16'] : [])];
    const rights = ['SELECT', 'INSERT'];
    await make(
      server(),
      'CREATE TABLE shop.t (id int)',
      'CREATE TABLE blog.t (id int)',
      "CREATE USER 'twin'@'127.0.0.1' IDENTIFIED BY 'near'",
    );
    for (const [at, net] of nets.entries()) {
      await make(server(), `CREATE USER 'twin'@'${net}' IDENTIFIED BY 'far'`);
      await make(server(), `GRANT ${rights[at] ?? ''} ON ${['shop', 'blog'][at] ?? ''}.* TO 'twin'@'${net}'`);
    }
    const near = await openSession(server(), 'near');
    const does = (sql: string) => near.driver.query(sql).then(Boolean, () => false);
    expect(await does('SELECT * FROM shop.t')).toBe(true);
    const losses = await lossesOf(place);
    expect(losses).toContain('twin@127.0.0.1: SELECT on shop.*');
    if (nets.length > 1) {
      expect(await does('INSERT INTO blog.t VALUES (1)')).toBe(true);
      expect(losses).toContain('twin@127.0.0.1: INSERT on blog.*');
      expect(losses).toContain('twin@127.0.0.0/255.255.255.0: INSERT on blog.*');
    }
    await near.driver.end();
  });

  it('are not the accounts of the operator’s own user at other hosts: nothing of them is taken, nothing wants their name', {
    timeout: 120_000,
  }, async () => {
    await using place = await workplace(server(), manifestOf(shop));
    await place.apply();
    await place.as('shop', 'CREATE TABLE orders (id INT)');
    await place.as('shop', 'CREATE VIEW recent AS SELECT * FROM orders');
    const far = "'root'@'10.9.8.%'";
    await make(
      server(),
      `CREATE USER ${far} IDENTIFIED BY 'x'`,
      `GRANT SELECT ON shop.* TO ${far}`,
      `GRANT INSERT ON \`sho%\`.* TO ${far}`,
    );
    try {
      expect((await place.plan()).plan.steps).toEqual([]);
      expect((await fixOf(place)).steps.filter(({ commands }) => commands.some(({ text }) => text.includes('10.9.8')))).toEqual([]);
      // Told, where something stops for them all the same.
      await place.write(manifestOf(shop.replace('  shop: { uses: { main: { connections: 5 } } }\n', '')));
      const losses = (await place.plan()).plan.steps.flatMap(({ losses: all = [] }) => all).filter(({ who }) => who === 'root@10.9.8.%');
      expect(losses).toMatchObject([{ of: 'root', what: ['view shop.recent (it runs as shop_user@%, which loses rights)'] }]);
      expect((await place.cli('apply', '--yes', '--no-input')).code).toBe(0);
    } finally {
      await make(server(), `DROP USER ${far}`);
    }
  });

  it('keep their sessions where they have the same right elsewhere', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(shop));
    await place.apply();
    await make(
      server(),
      "CREATE USER 'twin'@'%' IDENTIFIED BY 'far'",
      "GRANT SELECT ON *.* TO 'twin'@'%'",
      "GRANT SELECT ON shop.* TO 'twin'@'%'",
    );
    const far = await openSession(server(), 'far');
    expect(await lossesOf(place)).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
    expect(await far.isOpen()).toBe(true);
    await far.driver.end();
  });

  it('lose nothing by a fix that does not name them', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(shop));
    await place.apply();
    await place.as('shop', 'CREATE TABLE orders (id INT)');
    const role = server().flavor === 'mariadb' ? 'clerks' : "'clerks'@'%'";
    await make(
      server(),
      "CREATE USER 'direct'@'%' IDENTIFIED BY 'x'",
      "CREATE USER 'member'@'%' IDENTIFIED BY 'x'",
      "GRANT SELECT ON shop.* TO 'direct'@'%'",
      `CREATE ROLE ${role}`,
      `GRANT INSERT ON shop.* TO ${role}`,
      `GRANT ${role} TO 'member'@'%'`,
      'CREATE DATABASE audit',
      'CREATE TABLE audit.log (id INT)',
      "GRANT INSERT ON audit.* TO 'direct'@'%'",
      "CREATE DEFINER = 'direct'@'%' TRIGGER shop.noted AFTER INSERT ON shop.orders FOR EACH ROW INSERT INTO audit.log VALUES (NEW.id)",
    );
    const { steps } = await fixOf(place);
    expect(shortly(steps.flatMap(({ losses = [] }) => losses))).toEqual([
      'direct@%: SELECT on shop.*',
      'member@%: INSERT on shop.*',
      // Whoever may add rows to its table fires it.
      'member@%: trigger shop.noted (it runs as direct@%, which loses rights)',
      'shop_user@% of shop: trigger shop.noted (it runs as direct@%, which loses rights)',
    ]);
  });

  it.skipIf(version === 'mysql9')(
    'keep by name what a fix takes from everybody, where the manifest knows them',
    { timeout: 120_000 },
    async () => {
      await make(server(), 'CREATE DATABASE test', "CREATE USER 'old'@'%' IDENTIFIED BY 'x'", "CREATE USER 'other'@'%' IDENTIFIED BY 'x'");
      await using place = await workplace(server(), manifestOf(`${shop}known: [{ user: old, on: main, why: tests }]\n`));
      await place.apply();
      await make(server(), 'GRANT SELECT ON test.* TO PUBLIC');
      const { steps } = await fixOf(place);
      expect(steps.map(({ commands }) => commands[0]?.text)).toEqual([
        expect.stringMatching(/^GRANT SELECT ON `test`\.\* TO 'old'@'%'/),
        expect.stringMatching(/^REVOKE SELECT ON `test`\.\* FROM PUBLIC/),
      ]);
      expect(shortly(steps.flatMap(({ losses = [] }) => losses))).toEqual([
        'blog_user@% of blog: SELECT on test.*',
        'other@%: SELECT on test.*',
        'shop_user@% of shop: SELECT on test.*',
      ]);
    },
  );

  it('lose nothing of what they made by a fix in a database that is named and not adopted', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(shop));
    await place.apply();
    const seedTables = async (database: string): Promise<void> =>
      await make(
        server(),
        `CREATE TABLE ${database}.old_log (id INT PRIMARY KEY) ENGINE = MyISAM`,
        `CREATE TABLE ${database}.t (id INT)`,
        `CREATE TABLE ${database}.all_logs (id INT NOT NULL, KEY (id)) ENGINE = MERGE UNION = (${database}.old_log)`,
        `CREATE PROCEDURE ${database}.put(k INT) INSERT INTO ${database}.t VALUES (k)`,
        `CREATE DEFINER = 'shop_user'@'%' EVENT ${database}.tick ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO SELECT 1`,
      );
    await make(server(), 'CREATE DATABASE hand');
    await seedTables('hand');
    await seedTables('shop');
    await place.write(manifestOf(`${shop}  hand: { uses: { main: { connections: 5 } } }\n`));
    // Named and not applied: nothing is fixed on the instance.
    expect((await fixOf(place)).steps).toEqual([]);
    await place.write(manifestOf(shop));
    const drops = (await fixOf(place)).steps.filter(({ commands }) => commands.some(({ text }) => text.startsWith('DROP')));
    // What is an app's own a fix may end, with its name, and it says that the app loses it.
    expect(drops.length).toBeGreaterThan(0);
    for (const { confirm, losses = [] } of drops) expect([confirm, losses.some(({ of }) => of === 'shop')]).toEqual(['shop', true]);
    await make(server(), 'DROP DATABASE hand');
  });

  it('are no reason for a fix to fail that takes the same twice', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf('apps:\n  big_shop: { uses: { main: { connections: 5 } } }\n'));
    await place.apply();
    await make(server(), "GRANT ALL ON `big_shop`.* TO 'big_shop_user'@'%' WITH GRANT OPTION");
    const fixed = await place.cli('verify', '--fix', '--yes', '--no-input');
    expect(fixed.stdout + fixed.stderr).not.toContain('no such grant');
    expect((await place.plan()).plan.steps).toEqual([]);
  });
});
