import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { importServer } from '../../../../src/app/import.ts';
import { openProject } from '../../../../src/app/project.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { manifestOf, wipe, workplace } from './harness.ts';

const both = (removal = ''): string =>
  manifestOf(
    `apps:\n  shop: { uses: { main: { connections: 5 } } }\n  blog: { uses: { main: { connections: 5 } } }\nreaders:\n  lens: { reads: [shop] }\nshares:\n  - { from: shop, tables: [orders, folded], to: blog, via: grant }\n${removal}`,
  );
const alone = (removal = ''): string => manifestOf(`apps:\n  blog: { uses: { main: { connections: 5 } } }\n${removal}`);

/** Each writes down who runs it, where that is somebody who can do more than the app. */
const TRAPS = [
  'CREATE TABLE orders (id INT PRIMARY KEY, n INT)',
  'CREATE TABLE my (x INT) ENGINE = MyISAM',
  'CREATE FUNCTION trap() RETURNS INT DETERMINISTIC MODIFIES SQL DATA SQL SECURITY INVOKER BEGIN DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; INSERT INTO trapbox.caught VALUES (CURRENT_USER()); RETURN 1; END',
  'CREATE SQL SECURITY INVOKER VIEW plain AS SELECT trap() AS n',
  'CREATE SQL SECURITY INVOKER VIEW folded AS SELECT ROUND(id, trap()) AS n, DATE_ADD(id, INTERVAL trap() DAY) AS d, id FROM orders WHERE id = trap()',
  'CREATE ALGORITHM = TEMPTABLE SQL SECURITY INVOKER VIEW made AS SELECT trap() AS n, (SELECT MAX(trap()) FROM orders) AS m',
  'CREATE SQL SECURITY INVOKER VIEW derived AS SELECT * FROM (SELECT trap() AS n) AS d',
  'CREATE TRIGGER t1 BEFORE INSERT ON orders FOR EACH ROW SET NEW.n = trap()',
  'CREATE TRIGGER t2 AFTER DELETE ON orders FOR EACH ROW SET @n = trap()',
  'INSERT INTO orders VALUES (7, 0)',
];

describeEachMysql('what a tenant has written', { versions: 'all', settings: {} }, (server) => {
  it('never runs in a session of the operator, whatever cotenant does', { timeout: 240_000 }, async () => {
    await using place = await workplace(server(), both());
    await place.apply();
    await place.root('CREATE DATABASE trapbox');
    await place.root('CREATE TABLE trapbox.caught (who VARCHAR(200))');
    for (const sql of TRAPS) await place.as('shop', sql);
    const caught = async (when: string): Promise<void> => {
      expect([when, await place.root('SELECT who FROM trapbox.caught')]).toEqual([when, []]);
    };
    await caught('the app itself');
    await place.root('SELECT * FROM shop.plain');
    expect(await place.root('SELECT who FROM trapbox.caught')).toEqual([{ who: 'root@127.0.0.1' }]);
    await place.root('DELETE FROM trapbox.caught');
    await place.plan();
    await place.apply();
    await place.status();
    await caught('plan, apply, status');
    await verifyProject(await openProject({ cwd: place.folder, env: place.env }), { seed: 7, destructive: false });
    await place.cli('verify', '--fix', '--yes', '--no-input');
    await caught('verify');
    await importServer({ url: `mysql://root@${server().host}:${server().port}`, password: server().password, env: {}, cwd: place.folder });
    await caught('import');
    await place.write(alone());
    await place.apply();
    await caught('retire');
    await place.write(both());
    await place.restore('shop');
    await place.apply();
    await caught('restore');
    await place.write(alone());
    await place.apply();
    await place.write(alone('removal: delete\n'));
    await place.root('CREATE DATABASE erp');
    await place.root('CREATE TABLE erp.all_of_it (x INT) ENGINE = MERGE UNION = (shop.my)');
    await place.apply(['shop']);
    await caught('a delete that is refused');
    await place.root('DROP DATABASE erp');
    expect((await place.apply(['shop', 'lens'])).ending).toBe('done');
    await caught('delete');
    await wipe(server());
  });

  it('is said where the server runs it in every session', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), both());
    await place.apply();
    await place.root("SET GLOBAL init_connect = 'SELECT COUNT(*) FROM shop.orders INTO @a'");
    const { plan } = await place.plan();
    expect(plan.diagnostics.map(({ code }) => code)).toContain('CT2064');
    await place.root("SET GLOBAL init_connect = ''");
    expect((await place.plan()).plan.diagnostics.map(({ code }) => code)).not.toContain('CT2064');
    await wipe(server());
  });
});

describeEachMysql('what runs as the operator or a stranger', { versions: 'all' }, (server) => {
  it.each([
    ['a procedure', 'CREATE PROCEDURE shop.p() SELECT * FROM mysql.user', 'procedure shop.p'],
    ['a function', 'CREATE FUNCTION shop.f() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM mysql.user)', 'function shop.f'],
    ['a view', 'CREATE VIEW shop.v AS SELECT * FROM mysql.user', 'view shop.v'],
    ['a trigger', 'CREATE TRIGGER shop.t BEFORE INSERT ON shop.orders FOR EACH ROW SET @a = 1', 'trigger shop.t'],
  ])('is not handed to an app: %s', { timeout: 120_000 }, async (_what, sql, named) => {
    for (const one of ['CREATE DATABASE shop', 'CREATE TABLE shop.orders (id INT)', sql])
      await workplace(server(), both()).then(async (place) => {
        await place.root(one);
        await place[Symbol.asyncDispose]();
      });
    const adopting = manifestOf('apps:\n  shop: { uses: { main: { adopt: true } } }\n');
    await using place = await workplace(server(), adopting);
    const { ending, diagnostics } = await place.apply();
    expect(diagnostics.filter(({ code }) => code === 'CT2063').map(({ severity, message }) => [severity, message])).toEqual([
      ['error', expect.stringContaining(named)],
    ]);
    expect(ending).toBe('failed');
    // Whoever has the right already is handed nothing.
    await place.root("CREATE USER 'shop_user'@'%' IDENTIFIED BY 'x'");
    await place.root("GRANT ALL ON shop.* TO 'shop_user'@'%'");
    expect((await place.apply()).ending).toBe('done');
    const { plan } = await place.plan();
    expect(plan.steps).toEqual([]);
    expect(plan.diagnostics.filter(({ code }) => code === 'CT2063').map(({ severity }) => severity)).toEqual(['warning']);
    // Nor to a reader, nor to an app that comes back.
    await place.write(`${adopting}readers:\n  lens: { reads: [shop] }\n`);
    const reading = (await place.plan()).plan.diagnostics.filter(({ code, severity }) => code === 'CT2063' && severity === 'error');
    expect(reading).toHaveLength(named.startsWith('view') ? 1 : 0);
    await wipe(server());
  });
});
