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
