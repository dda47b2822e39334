import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { envOfApp } from '../../../../src/app/env.ts';
import { openProject } from '../../../../src/app/project.ts';
import type { Row } from '../../../../src/engines/mysql/connect/connection.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { ground, shortly } from '../verify/harness.ts';
import { loginOf, manifestOf, wipe } from './harness.ts';

const apps = (logins: string): string =>
  manifestOf(`apps:
  shop: { uses: { main: { connections: 5, relax: { events: true }${logins === '' ? '' : `, logins: ${logins}`} } } }
  blog: { uses: { main: { connections: 5 } } }
shares:
  - { from: blog, tables: [posts], to: shop, via: grant }
`);

const THREE = '{ app: rw, migrator: owner, reports: { as: read, connections: 2 } }';

describeEachMysql('an app with several logins', { versions: 'all' }, (server) => {
  it('has each with its own rights, limit and variables, and what the migrator made works for all', { timeout: 180_000 }, async () => {
    await using made = await ground(server(), apps(THREE));
    const { place } = made;
    const as = async (login: string, sql: string): Promise<readonly Row[]> => {
      const { variables } = await envOfApp(await openProject({ cwd: place.folder, env: place.env }), 'shop', { login });
      return await ask(loginOf(Object.fromEntries(variables.map(({ name, value }) => [name, value]))), sql);
    };
    await place.as('blog', 'CREATE TABLE posts (id INT PRIMARY KEY)');
    await place.apply();
    const env = await place.reveal('shop');
    expect(env['MYSQL_USER']).toBe('shop_user');
    expect(env['SHOP_MIGRATOR_MYSQL_URL']).toMatch(/^mysql:\/\/shop_migrator:.+@.+\/shop$/);
    expect(env['SHOP_REPORTS_MYSQL_URL']).toContain('shop_reports:');
    for (const sql of [
      'CREATE TABLE orders (id INT PRIMARY KEY, note VARCHAR(40))',
      'CREATE TABLE log (note VARCHAR(40))',
      'CREATE VIEW recent AS SELECT id FROM orders',
      'CREATE VIEW theirs AS SELECT id FROM blog.posts',
      'CREATE PROCEDURE put(n INT) INSERT INTO orders VALUES (n, NULL)',
      'CREATE TRIGGER noted AFTER INSERT ON orders FOR EACH ROW INSERT INTO log VALUES (NEW.note)',
      "CREATE EVENT tick ON SCHEDULE EVERY 1 DAY DO INSERT INTO log VALUES ('tick')",
    ])
      await as('migrator', sql);
    const use = async (id: number): Promise<void> => {
      for (const sql of [`INSERT INTO orders VALUES (${id}, 'x')`, `CALL put(${id + 1})`, 'SELECT * FROM theirs']) await as('app', sql);
      await as('reports', 'SELECT * FROM recent');
    };
    await use(1);
    for (const sql of ['CREATE TABLE t (x INT)', 'DROP TABLE orders', 'CREATE VIEW v AS SELECT 1', 'DROP EVENT tick'])
      await expect(as('app', sql)).rejects.toThrow(/denied/);
    for (const sql of ["INSERT INTO orders VALUES (9, '')", 'CALL put(9)']) await expect(as('reports', sql)).rejects.toThrow(/denied/);
    const limits = await place.root(
      "SELECT User AS u, max_user_connections AS n FROM mysql.user WHERE User LIKE 'shop%' AND User NOT LIKE '%2' ORDER BY User",
    );
    expect(limits.map(({ u, n }) => `${String(u)} ${String(n)}`)).toEqual(['shop_migrator 5', 'shop_reports 2', 'shop_user 5']);
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(shortly((await made.verify()).findings)).toEqual([]);
    // The migrator goes: what it made works on.
    await place.write(apps('{ app: owner }'));
    expect((await place.apply()).ending).toBe('done');
    await as('app', "INSERT INTO orders VALUES (20, 'y')");
    await as('app', 'SELECT * FROM theirs');
    await expect(as('migrator', 'SELECT 1')).rejects.toThrow();
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(shortly((await made.verify()).findings)).toEqual([]);
    await place.write(apps(THREE));
    expect((await place.apply()).ending).toBe('done');
    await use(30);
    expect((await place.plan()).plan.steps).toEqual([]);
    // And with all of them the app leaves and comes back.
    await place.write(manifestOf('apps:\n  blog: { uses: { main: { connections: 5 } } }\n'));
    expect((await place.apply()).ending).toBe('done');
    await place.write(apps(THREE));
    await place.restore('shop');
    expect((await place.apply()).ending).toBe('done');
    await use(40);
    expect((await place.plan()).plan.steps).toEqual([]);
    await wipe(server());
  });

  it('begins as one that has a single login, and nothing of it breaks', { timeout: 120_000 }, async () => {
    await using made = await ground(server(), apps(''));
    const { place } = made;
    await place.as('shop', 'CREATE TABLE orders (id INT PRIMARY KEY)');
    await place.as('shop', 'CREATE FUNCTION f() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM orders)');
    await place.as('shop', 'CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET NEW.id = NEW.id + 1');
    // Somebody else who may fire it is told as well, not in its place.
    await place.root("CREATE USER 'boss'@'%' IDENTIFIED BY 'x'");
    await place.root("GRANT ALL ON *.* TO 'boss'@'%' WITH GRANT OPTION");
    await place.write(apps(THREE));
    const losses = (await place.plan()).plan.steps.flatMap(({ losses: some = [] }) => some);
    // Its login made a trigger, which runs with the right that goes.
    expect(losses.map(({ who, of }) => [who, of])).toContainEqual(['shop_user@%', 'shop']);
    for (const user of ['shop_user@%', 'boss@%'])
      expect(losses.flatMap(({ who, what }) => (who === user ? what : []))).toContainEqual(expect.stringContaining('trigger shop.t'));
    await wipe(server());
  });
});
