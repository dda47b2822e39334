import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { manifestOf, wipe } from '../lifecycle/harness.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { ground, shortly } from './harness.ts';

const apps = (more = ''): string =>
  manifestOf(`apps:\n  shop: { uses: { main: { connections: 5 } } }\n  blog: { uses: { main: { connections: 5 } } }\n${more}`);

describeEachMysql('verify of those who are no tenants', { versions: 'all' }, (server) => {
  it('is green for operators and known strangers, and shows an operator that may more', { timeout: 120_000 }, async () => {
    for (const user of ['backup', 'report']) await ask(server(), `CREATE USER '${user}'@'%' IDENTIFIED BY 'x'`);
    await using made = await ground(server(), apps('operators: { backup: { may: [read-all] } }\nknown: [{ user: report, why: tests }]\n'));
    await made.place.root("GRANT SELECT ON shop.* TO 'report'@'%'");
    expect(shortly((await made.verify()).findings)).toEqual([]);
    await made.place.root("GRANT INSERT ON *.* TO 'backup'@'%'");
    const { findings } = await made.verify();
    expect(findings.map(({ probe, from, answer }) => [probe, from, answer])).toEqual([['MY-Y26', 'backup@%', 'INSERT']]);
    // No fix takes anything from an operator.
    expect(findings.flatMap(({ fix }) => fix)).toEqual([]);
    await wipe(server());
  });

  it('shows a retired app that was opened, and a stranger in its database', { timeout: 120_000 }, async () => {
    await using made = await ground(server(), apps());
    await made.place.write(manifestOf('apps:\n  blog: { uses: { main: { connections: 5 } } }\n'));
    await made.place.apply();
    expect(shortly((await made.verify()).findings)).toEqual([]);
    await made.place.root("ALTER USER 'shop_user'@'%' ACCOUNT UNLOCK");
    await made.place.root("GRANT SELECT ON blog.* TO 'shop_user'@'%'");
    await made.place.root("CREATE USER 'thief'@'%' IDENTIFIED BY 'x'");
    await made.place.root("GRANT SELECT ON shop.* TO 'thief'@'%'");
    const { findings } = await made.verify();
    expect([...new Set(findings.map(({ probe, from, to }) => `${probe} ${from} ${to}`))].sort()).toEqual([
      'MY-Y23 thief@% shop',
      'MY-Y27 shop_user@% shop',
    ]);
    // What is taken from a stranger wants its name.
    expect(findings.filter(({ probe }) => probe === 'MY-Y23').flatMap(({ fix }) => fix.flatMap(({ losses = [] }) => losses))).toEqual([
      expect.objectContaining({ who: 'thief@%', of: null, what: [expect.stringContaining('SELECT')] }),
    ]);
    await made.place.apply();
    expect(shortly((await made.verify()).findings)).toEqual([]);
    await wipe(server());
  });

  it('takes nothing from a known stranger that has the name of an app’s login from elsewhere', { timeout: 120_000 }, async () => {
    await using made = await ground(server(), apps());
    await made.place.root("CREATE USER 'shop_user'@'10.0.0.5' IDENTIFIED BY 'x'");
    expect((await made.verify()).findings.map(({ probe }) => probe)).toContain('MY-Y24');
    await made.place.write(apps('known: [{ user: shop_user@10.0.0.5, on: main, why: tests }]\n'));
    expect(shortly((await made.verify()).findings)).toEqual([]);
    await wipe(server());
  });

  it('finds nothing in rows that the server does not look at', { timeout: 120_000 }, async () => {
    await using made = await ground(server(), apps());
    await made.place.root(
      "INSERT INTO mysql.tables_priv (Host, Db, User, Table_name, Table_priv) VALUES ('%', 'shop', '', 'orders', 'Select,Insert')",
    );
    await made.place.root('FLUSH PRIVILEGES');
    expect(shortly((await made.verify()).findings)).toEqual([]);
    expect((await made.place.plan()).plan.steps).toEqual([]);
    await made.place.root("DELETE FROM mysql.tables_priv WHERE User = ''");
    await wipe(server());
  });

  it('closes a second account of an app’s name, whatever it is called, with one fix', { timeout: 120_000 }, async () => {
    await using made = await ground(server(), apps());
    await made.place.root("CREATE USER 'shop_user'@'10.0.0.5' IDENTIFIED BY 'x'");
    const refused = await made.place.cli('verify', '--fix', '--yes', '--no-input');
    expect(refused.code).not.toBe(0);
    expect(await made.place.root("SELECT 1 FROM mysql.user WHERE Host = '10.0.0.5'")).toHaveLength(1);
    const { code, stdout, stderr } = await made.place.cli('verify', '--fix', '--yes', '--no-input', '--confirm=shop_user@10.0.0.5');
    expect([code, stdout + stderr]).toEqual([0, expect.anything()]);
    expect(await made.place.root("SELECT 1 FROM mysql.user WHERE Host = '10.0.0.5'")).toEqual([]);
    await wipe(server());
  });

  it('quotes names of accounts that are meant to break a statement', { timeout: 120_000 }, async () => {
    await using made = await ground(server(), apps());
    const evil = "x''@''%''; DROP DATABASE blog; -- \\\\";
    await made.place.root(`CREATE USER '${evil}'@'%' IDENTIFIED BY 'x'`);
    await made.place.root(`GRANT SELECT ON shop.* TO '${evil}'@'%'`);
    await made.place.root(`GRANT PROXY ON 'shop_user'@'%' TO '${evil}'@'%'`);
    const fixes = (await made.verify()).findings.flatMap(({ fix }) => fix);
    expect(fixes.length).toBeGreaterThan(1);
    for (const { statement } of fixes) await made.place.root(statement.text);
    expect(shortly((await made.verify()).findings)).toEqual([]);
    expect(await made.place.root("SHOW DATABASES LIKE 'blog'")).toHaveLength(1);
    await wipe(server());
  });
});
