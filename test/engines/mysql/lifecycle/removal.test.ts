import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { errorNumber } from '../../../../src/engines/mysql/connect/trouble.ts';
import { loginOf, manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const both = 'apps:\n  shop: { uses: { main: { connections: 5 } } }\n  blog: { uses: { main: { connections: 5 } } }\n';
const alone = 'apps:\n  blog: { uses: { main: { connections: 5 } } }\n';

/** Two apps with data, one of them retired and then up for deletion. */
async function leaving(place: Workplace): Promise<void> {
  await place.apply();
  await place.as('shop', 'CREATE TABLE orders (id INT PRIMARY KEY, note VARCHAR(20))');
  await place.as('shop', "INSERT INTO orders VALUES (1, 'a'), (2, 'b')");
  await place.as('blog', 'CREATE TABLE posts (id INT PRIMARY KEY)');
}

async function retire(place: Workplace): Promise<void> {
  await place.write(manifestOf(alone));
  expect((await place.apply()).ending).toBe('done');
  await place.write(manifestOf(`${alone}removal: delete\n`));
}

describeEachMysql('an app is deleted', { versions: 'all' }, (server) => {
  it.each([
    [
      'a foreign key of a neighbour',
      ['CREATE TABLE blog.sold (id INT, FOREIGN KEY sold_order (id) REFERENCES shop.orders (id))'],
      'blog.sold',
      'DROP TABLE blog.sold',
    ],
    [
      'a view of a stranger',
      ['CREATE DATABASE erp', 'CREATE VIEW erp.seen AS SELECT note FROM shop.orders'],
      'view erp.seen on shop.orders',
      'DROP DATABASE erp',
    ],
    [
      'a trigger of a neighbour',
      ['CREATE TRIGGER blog.copy AFTER INSERT ON blog.posts FOR EACH ROW INSERT INTO shop.orders VALUES (NEW.id, NULL)'],
      'trigger blog.copy on shop.orders',
      'DROP TRIGGER blog.copy',
    ],
    [
      'a procedure of a stranger',
      ['CREATE DATABASE erp', 'CREATE PROCEDURE erp.p() SELECT * FROM `shop` . orders'],
      'procedure erp.p on shop.orders',
      'DROP DATABASE erp',
    ],
    [
      'an event of a stranger',
      [
        'CREATE DATABASE erp',
        'CREATE EVENT erp.e ON SCHEDULE EVERY 1 DAY STARTS CURRENT_TIMESTAMP + INTERVAL 1 DAY DO DELETE FROM shop.orders',
      ],
      'event erp.e on shop.orders',
      'DROP DATABASE erp',
    ],
    [
      'a MERGE table',
      [
        'CREATE DATABASE erp',
        'CREATE TABLE shop.my (x INT) ENGINE = MyISAM',
        'CREATE TABLE erp.all_of_it (x INT) ENGINE = MERGE UNION = (shop.my)',
      ],
      'table erp.all_of_it (MRG_',
      'DROP DATABASE erp',
    ],
    [
      'a view of a table that keeps its history',
      ['CREATE DATABASE erp', 'CREATE TABLE shop.kept (x INT) WITH SYSTEM VERSIONING', 'CREATE VIEW erp.v AS SELECT x FROM shop.kept'],
      'view erp.v on shop.kept',
      'DROP DATABASE erp',
    ],
    [
      'a default that takes its numbers',
      ['CREATE SEQUENCE shop.numbers', 'CREATE TABLE blog.numbered (id INT DEFAULT NEXTVAL(shop.numbers), x INT)'],
      'default of blog.numbered (id) on a sequence of shop',
      'DROP TABLE blog.numbered',
    ],
    [
      'a procedure that takes its numbers',
      ['CREATE DATABASE erp', 'CREATE SEQUENCE shop.numbers', 'CREATE FUNCTION erp.f() RETURNS INT RETURN NEXTVAL(shop.numbers)'],
      'function erp.f on shop.numbers',
      'DROP DATABASE erp',
    ],
    [
      'something that runs as one of its accounts',
      ['CREATE DATABASE erp', "CREATE DEFINER = 'shop_user'@'%' PROCEDURE erp.p() SELECT 1"],
      'procedure erp.p, which runs as shop_user@%',
      'DROP DATABASE erp',
    ],
  ])('only when nothing of others depends on it: %s', { timeout: 120_000 }, async (_what, made, named, undo) => {
    if (server().flavor === 'mysql' && made.some((sql) => /SEQUENCE|VERSIONING/.test(sql))) {
      // MariaDB alone has them.
      expect(named).not.toBe('');
      return;
    }
    await using place = await workplace(server(), manifestOf(both));
    await leaving(place);
    for (const sql of made) await place.root(sql);
    await retire(place);
    const { plan } = await place.plan();
    expect(plan.diagnostics.filter(({ code }) => code === 'CT2062').map(({ message }) => message)).toEqual([
      expect.stringContaining(named),
    ]);
    expect(plan.steps.filter(({ risk }) => risk === 'destructive')).toEqual([]);
    expect((await place.apply(['shop'])).ending).toBe('failed');
    expect(await place.root('SELECT * FROM shop.orders')).toHaveLength(2);
    await place.root(undo);
    expect((await place.apply(['shop'])).ending).toBe('done');
    expect(await place.root("SHOW DATABASES LIKE 'shop'")).toEqual([]);
    expect(await place.root('SELECT * FROM blog.posts')).toEqual([]);
    expect((await place.plan()).plan.steps).toEqual([]);
    await wipe(server());
  });

  it('with what it holds counted, and those who could read it named', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(both));
    await leaving(place);
    await place.root("CREATE USER 'dump'@'%' IDENTIFIED BY 'x'");
    await place.root("GRANT SELECT ON *.* TO 'dump'@'%'");
    // No word of an alias, a string or a comment is a dependent.
    await place.root('CREATE DATABASE erp');
    await place.root('CREATE TABLE erp.shop (id INT, orders INT)');
    await place.root("CREATE PROCEDURE erp.p() SELECT shop.id, 'shop.orders' /* shop.orders */ FROM erp.shop");
    await place.root('CREATE VIEW erp.v AS SELECT shop.id FROM erp.shop');
    await retire(place);
    await place.root('ANALYZE TABLE shop.orders');
    const { plan } = await place.plan();
    const [drop] = plan.steps.filter(({ risk }) => risk === 'destructive');
    expect(plan.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(drop?.facts).toMatchObject({ name: 'shop', tables: 1, rows: 2 });
    expect(Number(drop?.facts['bytes'])).toBeGreaterThan(1000);
    expect(drop?.losses?.map(({ who, of, what }) => [who, of, what])).toEqual([['dump@%', null, ['database "shop" and everything in it']]]);
    expect((await place.apply(['shop'])).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    await wipe(server());
  });

  it('and whoever has a role that became its login is told that it goes', { timeout: 120_000 }, async () => {
    // MariaDB's roles cannot log in.
    const isLogin = server().flavor === 'mysql';
    const known = 'known:\n  - { user: "erp@%", on: main, why: "an app of before" }\n';
    const login = isLogin ? 'shop_role' : 'shop_user';
    const before = `apps:\n  shop: { uses: { main: { connections: 5, adopt: true, names: { login: ${login} } } } }\n${known}`;
    await using place = await workplace(server(), manifestOf(before));
    for (const sql of ['CREATE DATABASE shop', "CREATE USER 'erp'@'%' IDENTIFIED BY 'x'"]) await place.root(sql);
    if (isLogin)
      for (const sql of ["CREATE ROLE 'shop_role'", 'GRANT ALL ON shop.* TO shop_role', "GRANT 'shop_role' TO 'erp'@'%'"])
        await place.root(sql);
    expect((await place.apply()).ending).toBe('done');
    await place.write(manifestOf(`apps: {}\n${known}`));
    expect((await place.apply(['erp@%'])).ending).toBe('done');
    await place.write(manifestOf(`apps: {}\n${known}removal: delete\n`));
    const { plan } = await place.plan();
    const losses = plan.steps.filter(({ risk }) => risk === 'destructive').flatMap((one) => one.losses ?? []);
    expect(losses.map(({ who, confirm, what }) => [who, confirm, what])).toEqual(
      isLogin ? [['erp@%', 'erp@%', ['the role shop_role@% (it is dropped)']]] : [],
    );
    expect((await place.apply(['shop', 'erp@%'])).ending).toBe('done');
    await wipe(server());
  });
});

describeEachMysql('a retired app', { versions: 'all' }, (server) => {
  it('that is opened by hand is seen, and closed by the next apply', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(both));
    await leaving(place);
    const login = loginOf(await place.reveal('shop'));
    await place.write(manifestOf(alone));
    await place.apply();
    for (const sql of [
      "ALTER USER 'shop_user'@'%' ACCOUNT UNLOCK",
      "GRANT ALL ON shop.* TO 'shop_user'@'%'",
      "GRANT SELECT ON blog.* TO 'shop_user'@'%'",
    ])
      await place.root(sql);
    await place.root("CREATE USER 'thief'@'%' IDENTIFIED BY 'x'");
    await place.root("GRANT SELECT ON shop.* TO 'thief'@'%'");
    await ask(login, 'SELECT * FROM blog.posts');
    const { plan } = await place.plan();
    expect(plan.steps.map(({ title, cause }) => [title, cause]).slice(0, 2)).toEqual([
      ['close account of a retired app again', 'drift'],
      ['revoke access of others to the database of a retired app', 'drift'],
    ]);
    expect((await place.apply()).ending).toBe('done');
    expect([1045, 3118, 4151]).toContain(errorNumber(await ask(login, 'SELECT 1').catch((error: unknown) => error)));
    await expect(ask({ ...server(), user: 'thief', password: 'x' }, 'SELECT * FROM shop.orders')).rejects.toThrow();
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await place.root('SELECT * FROM shop.orders')).toHaveLength(2);
    await wipe(server());
  });

  it('that was a reader comes back by itself', { timeout: 120_000 }, async () => {
    const lens = `${both}readers:\n  lens: { reads: [shop] }\n`;
    await using place = await workplace(server(), manifestOf(lens));
    await leaving(place);
    await place.as('lens', 'SELECT * FROM shop.orders');
    await place.write(manifestOf(both));
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    await place.write(manifestOf(lens));
    expect((await place.apply()).diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    await place.as('lens', 'SELECT * FROM shop.orders');
    expect((await place.plan()).plan.steps).toEqual([]);
    await wipe(server());
  });
});

describeEachMysql('what another project has', { versions: 'all' }, (server) => {
  it.each([
    ['its database and login', 'y: { uses: { main: { database: shop, adopt: true, names: { login: y } } } }'],
    ['its login', 'y: { uses: { main: { adopt: true, names: { login: shop_user } } } }'],
    ['its login from another host', 'y: { uses: { main: { hosts: ["127.0.0.%"], names: { login: shop_user } } } }'],
    ['its second login', 'y: { uses: { main: { names: { login: shop_user_2 } } } }'],
  ])('is nobody else’s: %s', { timeout: 120_000 }, async (_what, app) => {
    await using place = await workplace(server(), manifestOf(both));
    await leaving(place);
    await using other = await workplace(server(), manifestOf(`apps:\n  ${app}\n`).replace('project: life', 'project: other'));
    const { ending, diagnostics } = await other.apply();
    expect(ending).toBe('failed');
    expect(diagnostics.map(({ code }) => code)).toContain('CT2006');
    await place.as('shop', 'SELECT * FROM orders');
    expect((await place.plan()).plan.steps).toEqual([]);
    // Nor what it has retired.
    await place.write(manifestOf(alone));
    await place.apply();
    expect((await other.apply()).ending).toBe('failed');
    expect(await place.root('SELECT * FROM shop.orders')).toHaveLength(2);
    await wipe(server());
  });
});
