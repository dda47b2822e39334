import { beforeEach, expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const app = (name: string, connections = 5): string => `  ${name}: { uses: { main: { connections: ${connections} } } }\n`;
const manifest = (lines: string, more = ''): string => manifestOf(lines === '' ? `apps: {}\n${more}` : `apps:\n${lines}${more}`);

describeEachMysql('a row of the ledger that somebody edited', { versions: 'kinds' }, (server) => {
  let place: Workplace;

  beforeEach(async () => {
    await wipe(server());
    await (await workplace(server(), manifest(''))).root("DROP USER IF EXISTS 'alice'@'%'");
    place = await workplace(server(), manifest(app('shop') + app('stays')));
    expect((await place.apply()).ending).toBe('done');
    await place.as('shop', 'CREATE TABLE orders (n INT)');
  });

  const rows: readonly (readonly [string])[] = [["kind = 'account' AND name LIKE 'shop_user@%'"], ["kind = 'database' AND name = 'shop'"]];

  it.each(rows)('to be another app’s takes nothing from its own when that one goes, and is put right: %s', async (where) => {
    await place.root(`UPDATE cotenant.ledger SET app = 'stays' WHERE ${where}`);
    await place.write(manifest(app('shop'), 'removal: delete\n'));
    expect((await place.apply()).ending).toBe('done');
    expect((await place.apply(['stays'])).ending).toBe('done');
    await place.as('shop', 'INSERT INTO orders VALUES (1)');
    expect(await place.root(`SELECT app FROM cotenant.ledger WHERE ${where}`)).toEqual([{ app: 'shop' }]);
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it.each(rows)('together with an edit of the manifest nothing is sent: %s', async (where) => {
    await place.root(`UPDATE cotenant.ledger SET app = 'stays' WHERE ${where}`);
    await place.write(manifest(app('shop', 6), 'removal: delete\n'));
    const { plan } = await place.plan();
    expect(plan.diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code)).toEqual(['CT2006']);
    expect((await place.apply(['stays'])).ending).toBe('failed');
    await place.as('shop', 'INSERT INTO orders VALUES (1)');
  });

  it.each([
    ["kind = 'account' AND app = 'shop'", /account "shop_user@.*account "shop_user_2@|account "shop_user_2@.*account "shop_user@/],
    ["kind = 'database' AND app = 'shop'", /database "shop"/],
    ["app = 'shop'", /account "shop_user@.*database "shop"/],
  ] as const)(
    'to be another project’s, which has no such app, is told when its own goes, until it is put right: %s',
    async (where, what) => {
      await place.root(`UPDATE cotenant.ledger SET project = 'other' WHERE ${where}`);
      expect((await place.plan()).plan.diagnostics.map(({ code }) => code)).toContain('CT2006');
      await place.write(manifest(app('stays')));
      const told = async () => (await place.plan()).plan.diagnostics.filter(({ code }) => code === 'CT2068');
      expect((await told()).map(({ message }) => message).join()).toMatch(what);
      expect((await told())[0]?.message).toContain('is project "other"’s by its row of the ledger, which has no such app');
      expect((await place.apply()).ending).toBe('waiting');
      expect(
        await place.root("SELECT 'yes' AS one FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'orders'"),
      ).toEqual([{ one: 'yes' }]);
      // With the first rows more is known: the login that waits for the next rotation is called after its app.
      for (let turn = 0; turn < 2; turn++)
        for (const { hint = '' } of await told()) await place.root(/^(INSERT .*) puts the row back/.exec(hint)?.[1] ?? hint);
      expect((await place.apply()).ending).toMatch(/^(done|nothing-to-do)$/);
      expect(await told()).toEqual([]);
      const open = await place.root("SELECT user FROM mysql.user WHERE user LIKE 'shop\\_user%'");
      expect(open.length).toBeGreaterThan(0);
      await expect(place.as('stays', 'SELECT * FROM shop.orders')).rejects.toThrow();
      await place.write(manifest(app('shop') + app('stays')));
      expect((await place.restore('shop')).ending).toBe('done');
      expect((await place.apply()).ending).toBe('done');
      await place.as('shop', 'INSERT INTO orders VALUES (1)');
    },
  );

  it('to be an app’s of another project that is there takes nothing from that one', async () => {
    await place.root(
      "INSERT INTO cotenant.ledger (kind, name, project, app, applied) VALUES ('app', 'other/theirs', 'other', 'theirs', 'x')",
    );
    await place.root("UPDATE cotenant.ledger SET project = 'other', app = 'theirs' WHERE kind = 'database' AND name = 'shop'");
    await place.write(manifest(app('stays'), 'removal: delete\n'));
    expect((await place.apply()).ending).toBe('done');
    expect((await place.apply(['shop'])).ending).toBe('done');
    expect(await place.root("SELECT 'yes' AS one FROM information_schema.tables WHERE table_schema = 'shop'")).toEqual([{ one: 'yes' }]);
  });

  it('what an account of another project has in an app’s database is told and taken like a stranger’s', async () => {
    await place.root("CREATE USER 'alice'@'%' IDENTIFIED BY 'x'");
    await place.root("GRANT SELECT ON shop.* TO 'alice'@'%'");
    await place.root("INSERT INTO cotenant.ledger (kind, name, project, app) VALUES ('account', 'alice@%', 'other', 'al')");
    const { plan } = await place.plan();
    expect(plan.steps.flatMap(({ losses = [] }) => losses.map(({ who, of }) => [who, of]))).toEqual([['alice@%', null]]);
    expect((await place.apply(['alice@%'])).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
    await place.root("DROP USER 'alice'@'%'");
  });
});
