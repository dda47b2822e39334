import { expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { manifestOf, wipe, workplace } from './harness.ts';

describeEachMysql('a right that somebody takes between a plan and its apply', { versions: 'kinds' }, (server) => {
  it.each([
    ['of a database', 'SELECT, INSERT ON shop.*', 'INSERT ON shop.*'],
    ['of a table', 'SELECT, INSERT ON shop.orders', 'INSERT ON shop.orders'],
    ['of a table, with what it gives on', 'SELECT, INSERT, GRANT OPTION ON shop.orders', 'INSERT ON shop.orders'],
    ['of a column', 'SELECT (n), INSERT (n) ON shop.orders', 'INSERT (n) ON shop.orders'],
    ['of a routine', 'EXECUTE, ALTER ROUTINE ON PROCEDURE shop.p', 'ALTER ROUTINE ON PROCEDURE shop.p'],
    ['that is all of a list', 'SELECT, INSERT ON shop.*', 'SELECT, INSERT ON shop.*'],
  ])('does not leave the others of its list where they are: %s', async (_, given, taken) => {
    await wipe(server());
    await using place = await workplace(server(), manifestOf('apps:\n  shop: { uses: { main: { connections: 5 } } }\n'));
    expect((await place.apply()).ending).toBe('done');
    await place.root("DROP USER IF EXISTS 'alice'@'%'");
    await place.as('shop', 'CREATE TABLE orders (n INT)');
    await place.root('CREATE PROCEDURE shop.p() SELECT 1');
    await place.root("CREATE USER 'alice'@'%'");
    const option = given.includes(', GRANT OPTION');
    await place.root(`GRANT ${given.replace(', GRANT OPTION', '')} TO 'alice'@'%'${option ? ' WITH GRANT OPTION' : ''}`);
    const consent = async (): Promise<boolean> => {
      await place.root(`REVOKE ${taken} FROM 'alice'@'%'`);
      return true;
    };
    expect((await place.apply(['alice@%', 'shop'], consent)).ending).toBe('done');
    const left = (await place.root("SHOW GRANTS FOR 'alice'@'%'")).flatMap((row) => Object.values(row).map(String));
    expect(left.filter((text) => text.includes('shop'))).toEqual([]);
    expect((await place.plan()).plan.steps).toEqual([]);
    await place.root("DROP USER 'alice'@'%'");
  });
});
