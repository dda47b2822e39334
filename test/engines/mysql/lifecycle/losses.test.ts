import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import type { Loss } from '../../../../src/model/index.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const shop = 'apps:\n  shop: { uses: { main: { connections: 5 } } }\n  blog: { uses: { main: { connections: 5 } } }\n';

const lossesOf = async (place: Workplace): Promise<readonly Loss[]> => (await place.plan()).plan.steps.flatMap(({ losses = [] }) => losses);
const shortly = (losses: readonly Loss[]): readonly string[] =>
  losses.flatMap(({ who, of, what }) => what.map((one) => `${who}${of === null ? '' : ` of ${of}`}: ${one}`)).sort();

describeEachMysql('who loses what', { versions: 'all' }, (server) => {
  it('is told of strangers in an app’s database, however they have their rights', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(shop));
    await place.apply();
    await place.as('shop', 'CREATE TABLE orders (id INT)');
    const r = server().flavor === 'mariadb' ? 'clerks' : "'clerks'@'%'";
    for (const sql of [
      "CREATE USER 'direct'@'%' IDENTIFIED BY 'x'",
      "CREATE USER 'direct'@'10.0.0.%' IDENTIFIED BY 'x'",
      "CREATE USER 'dump'@'%' IDENTIFIED BY 'x'",
      "CREATE USER 'member'@'%' IDENTIFIED BY 'x'",
      "CREATE USER 'actor'@'%' IDENTIFIED BY 'x'",
      "GRANT SELECT, INSERT ON shop.* TO 'direct'@'%'",
      "GRANT SELECT ON shop.orders TO 'direct'@'10.0.0.%'",
      "GRANT SELECT ON *.* TO 'dump'@'%'",
      "GRANT SELECT, UPDATE ON shop.* TO 'dump'@'%'",
      `CREATE ROLE ${r}`,
      `GRANT DELETE ON shop.* TO ${r}`,
      `GRANT ${r} TO 'member'@'%'`,
      "GRANT PROXY ON 'direct'@'%' TO 'actor'@'%'",
    ])
      await place.root(sql);
    const losses = await lossesOf(place);
    expect(shortly(losses)).toEqual([
      'actor@%: INSERT, SELECT on shop.*',
      'direct@%: INSERT, SELECT on shop.*',
      'direct@10.0.0.%: INSERT, SELECT on shop.*',
      'direct@10.0.0.%: SELECT on shop.orders',
      // What it has on everything is left to it.
      'dump@%: UPDATE on shop.*',
      'member@%: DELETE on shop.*',
    ]);
    expect(losses.find(({ who }) => who === 'dump@%')?.keep).toBe('known: [{ user: "dump@%", on: main, why: … }]');
    const { ending } = await place.apply();
    expect(ending).toBe('done');
    expect(shortly(await lossesOf(place))).toEqual([]);
    await wipe(server());
  });

  it('counts sessions, and is nothing that --yes agrees to', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(shop));
    await place.apply();
    await place.root("CREATE USER 'direct'@'%' IDENTIFIED BY 'x'");
    await place.root("GRANT SELECT ON shop.* TO 'direct'@'%'");
    const slow = ask({ ...server(), user: 'direct', password: 'x' }, 'SELECT SLEEP(600)').catch(() => null);
    await expect.poll(async () => (await lossesOf(place))[0]?.sessions).toBe(1);
    const refused = await place.cli('apply', '--yes', '--no-input');
    expect(refused.stderr + refused.stdout).toContain('CT4009');
    expect(await place.root("SELECT 1 FROM mysql.db WHERE User = 'direct'")).toHaveLength(1);
    expect((await place.cli('apply', '--yes', '--no-input', '--confirm=direct@%')).code).toBe(0);
    await slow;
    await wipe(server());
  });

  it('names what everybody had, and gives it by name to those that the manifest knows', { timeout: 120_000 }, async () => {
    const all =
      server().flavor === 'mariadb'
        ? ['CREATE DATABASE test', 'GRANT SELECT, INSERT ON test.* TO PUBLIC']
        : [
            'CREATE DATABASE test',
            "INSERT INTO mysql.db (Host, Db, User, Select_priv, Insert_priv) VALUES ('%', 'test', '', 'Y', 'Y')",
            'FLUSH PRIVILEGES',
          ];
    for (const sql of [
      ...all,
      "CREATE USER 'old'@'%' IDENTIFIED BY 'x'",
      "CREATE USER 'other'@'%' IDENTIFIED BY 'x'",
      "CREATE USER ''@'localhost'",
    ])
      await ask(server(), sql);
    await ask(server(), 'CREATE TABLE test.t (x INT)');
    await using place = await workplace(server(), manifestOf(`${shop}known: [{ user: old, on: main, why: tests }]\n`));
    expect(shortly(await lossesOf(place))).toEqual(
      ['@localhost: INSERT, SELECT on test.*', '@localhost: log in', 'other@%: INSERT, SELECT on test.*'].sort(),
    );
    expect((await place.apply()).ending).toBe('done');
    await ask({ ...server(), user: 'old', password: 'x' }, 'INSERT INTO test.t VALUES (1)');
    await expect(ask({ ...server(), user: 'other', password: 'x' }, 'SELECT * FROM test.t')).rejects.toThrow();
    expect((await place.plan()).plan.steps).toEqual([]);
    await wipe(server());
  });

  it('leaves known strangers and operators what they have in an app’s database', { timeout: 120_000 }, async () => {
    const people =
      'operators: { backup: { may: [read-all] }, exporter: { may: [connect, monitor] } }\nknown: [{ user: report@%, why: tests }]\n';
    for (const user of ['backup', 'exporter', 'report']) await ask(server(), `CREATE USER '${user}'@'%' IDENTIFIED BY 'x'`);
    await using place = await workplace(server(), manifestOf(shop + people));
    await place.apply();
    await place.as('shop', 'CREATE TABLE orders (id INT)');
    await place.root("GRANT SELECT ON shop.* TO 'report'@'%'");
    await place.root("GRANT UPDATE ON shop.* TO 'exporter'@'%'");
    const { plan } = await place.plan();
    expect(plan.steps).toEqual([]);
    expect(plan.diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
      `CT2061 the operator's login exporter@% has more privileges than "connect, monitor": UPDATE on shop.*`,
    ]);
    const backup = { ...server(), user: 'backup', password: 'x' };
    await ask(backup, 'SELECT * FROM shop.orders');
    await ask(backup, 'FLUSH TABLES');
    await ask(backup, 'SHOW EVENTS FROM shop');
    const exporter = { ...server(), user: 'exporter', password: 'x' };
    await ask(exporter, server().flavor === 'mariadb' ? 'SHOW ALL SLAVES STATUS' : 'SHOW REPLICA STATUS');
    await ask(exporter, 'SELECT COUNT(*) FROM performance_schema.events_statements_summary_by_digest');
    await expect(ask(exporter, 'SELECT * FROM shop.orders')).rejects.toThrow();
    // What is taken by hand comes back.
    await place.root("REVOKE SELECT ON *.* FROM 'backup'@'%'");
    expect((await place.plan()).plan.steps.map(({ title }) => title)).toEqual(['grant the operator’s privileges']);
    await place.apply();
    await ask(backup, 'SELECT * FROM shop.orders');
    expect((await place.plan()).plan.steps).toEqual([]);
    await place.write(manifestOf(`${shop}operators: { ghost: { may: [connect] } }\n`));
    expect((await place.plan()).plan.diagnostics.map(({ code }) => code)).toContain('CT2060');
    await wipe(server());
  });

  it('names objects of others that run as an account which is closed', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifestOf(shop));
    await place.apply();
    await place.as('shop', 'CREATE TABLE orders (id INT)');
    for (const sql of [
      'CREATE DATABASE erp',
      "CREATE USER 'erp'@'%' IDENTIFIED BY 'x'",
      "GRANT SELECT ON erp.* TO 'erp'@'%'",
      "CREATE DEFINER = 'shop_user'@'%' VIEW erp.orders AS SELECT * FROM shop.orders",
      "GRANT EVENT ON erp.* TO 'erp'@'%'",
      "CREATE DEFINER = 'shop_user'@'%' EVENT erp.nightly ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO DELETE FROM shop.orders",
    ])
      await place.root(sql);
    await ask({ ...server(), user: 'erp', password: 'x' }, 'SELECT * FROM erp.orders');
    await place.write(manifestOf('apps:\n  blog: { uses: { main: { connections: 5 } } }\n'));
    const said = shortly(await lossesOf(place));
    expect(said).toContain('erp@%: view erp.orders (it runs as shop_user@%, which loses rights)');
    expect(said).toContain('erp@%: event erp.nightly (it runs as shop_user@%, which loses rights)');
    expect(said).toContain('shop_user@% of shop: log in');
    await wipe(server());
  });
});
