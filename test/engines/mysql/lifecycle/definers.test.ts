import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import { openProject } from '../../../../src/app/project.ts';
import { errorNumber } from '../../../../src/engines/mysql/connect/trouble.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const app = (fields: string): string => manifestOf(`apps:\n  shop: { uses: { main: { connections: 5, ${fields} } } }\n`);

/** Everything that runs with the rights of whoever made it, made with the app's own login. */
async function makeObjects(place: Workplace): Promise<void> {
  for (const sql of [
    'CREATE TABLE orders (id INT PRIMARY KEY, note VARCHAR(40))',
    'CREATE TABLE log (note VARCHAR(40))',
    "INSERT INTO orders VALUES (1, 'first')",
    'CREATE VIEW recent AS SELECT id FROM orders',
    'CREATE FUNCTION total() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM orders)',
    'CREATE PROCEDURE put(n INT) INSERT INTO orders VALUES (n, NULL)',
    'CREATE TRIGGER noted AFTER INSERT ON orders FOR EACH ROW INSERT INTO log VALUES (NEW.note)',
    "CREATE EVENT tick ON SCHEDULE EVERY 1 DAY DO INSERT INTO log VALUES ('tick')",
  ])
    await place.as('shop', sql);
}

async function useObjects(place: Workplace, id: number): Promise<void> {
  await place.as('shop', 'SELECT * FROM recent');
  await place.as('shop', 'SELECT total() AS n');
  await place.as('shop', `CALL put(${id})`);
  await place.as('shop', `INSERT INTO orders VALUES (${id + 1}, 'x')`);
}

async function findingsOf(place: Workplace): Promise<readonly string[]> {
  const { report } = await verifyProject(await openProject({ cwd: place.folder, env: place.env }), { seed: 7, destructive: false });
  return report.findings.map(({ probe, statement, answer }) => `${probe} ${statement}: ${answer}`);
}

describeEachMysql('what an account of an app has made', { versions: 'all' }, (server) => {
  it.each([
    ['its hosts change', 'hosts: ["%"], relax: { events: true }', 'hosts: ["127.0.0.%"], relax: { events: true }'],
    ['its login is renamed', 'relax: { events: true }', 'names: { login: shopkeeper }, relax: { events: true }'],
    [
      'its slots change places',
      'names: { login: one, standbyLogin: two }, relax: { events: true }',
      'names: { login: two, standbyLogin: one }, relax: { events: true }',
    ],
  ])('works on when %s', { timeout: 120_000 }, async (_what, before, after) => {
    await using place = await workplace(server(), app(before));
    await place.apply();
    await makeObjects(place);
    await useObjects(place, 10);
    await place.write(app(after));
    const { plan } = await place.plan();
    expect((await place.apply()).ending).toBe('done');
    await useObjects(place, 20);
    if (!after.includes('two')) {
      expect(plan.steps.flatMap(({ facts }) => facts['definerOf'] ?? [])).toEqual([expect.stringContaining('view shop.recent')]);
      const user = before.includes('two') ? 'one' : 'shop_user';
      const old = await place.root(`SELECT 1 FROM mysql.db WHERE User = '${user}' AND Host = '%' AND Event_priv = 'Y'`);
      expect(old).toHaveLength(1);
    }
    expect((await place.plan()).plan.steps).toEqual([]);
    expect(await findingsOf(place)).toEqual([]);
    // What an earlier version had taken from such an account is given back.
    await place.root("REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'shop_user'@'%'").catch(() => undefined);
    await place.apply();
    await useObjects(place, 30);
    await place.as('shop', 'DROP VIEW recent');
    await place.as('shop', 'DROP FUNCTION total');
    await place.as('shop', 'DROP PROCEDURE put');
    await place.as('shop', 'DROP TRIGGER noted');
    await place.as('shop', 'DROP EVENT tick');
    // Nothing needs it any more.
    expect((await place.apply()).ending).not.toBe('failed');
    expect(await place.root("SELECT 1 FROM mysql.db WHERE User = 'shop_user'")).toHaveLength(after.includes('127') ? 1 : 0);
    expect((await place.plan()).plan.steps).toEqual([]);
    await wipe(server());
  });

  it('comes back whole with an app that was retired', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), app('hosts: ["%"], relax: { events: true }'));
    await place.apply();
    await makeObjects(place);
    const moved = app('hosts: ["127.0.0.%"], relax: { events: true }');
    await place.write(moved);
    await place.apply();
    await place.write(manifestOf('apps: {}\n'));
    expect((await place.apply()).ending).toBe('done');
    await place.write(moved);
    expect((await place.restore('shop')).ending).toBe('done');
    expect((await place.apply()).ending).toBe('done');
    await useObjects(place, 10);
    expect((await place.plan()).plan.steps).toEqual([]);
    await wipe(server());
  });
});

describeEachMysql('sessions that hold what was taken', { versions: 'kinds' }, (server) => {
  it('are ended by the next apply where one was cut short before', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), app(''));
    await place.apply();
    // As an apply leaves it that was killed between the REVOKE and the KILL.
    await place.root("INSERT INTO cotenant.ledger (kind, name, project, app) VALUES ('ending', 'shop_user', 'life', 'shop')");
    expect((await place.plan()).plan.steps.map(({ title }) => title)).toEqual(['end sessions that use revoked access']);
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    await wipe(server());
  });
});

describeEachMysql('a role whose administrator is not the operator', { versions: 'all' }, (server, version) => {
  it.skipIf(version === 'mysql9')('is taken from a login all the same', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), app(''));
    await place.apply();
    await place.root("CREATE ROLE ra WITH ADMIN 'shop_user'@'%'");
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    const refused = await place.as('shop', 'SET ROLE ra').then(
      () => 0,
      (error: unknown) => errorNumber(error),
    );
    expect(refused).toBe(1959);
    await wipe(server());
  });
});
