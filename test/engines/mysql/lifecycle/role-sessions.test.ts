import { expect, it } from 'vitest';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { manifestOf, wipe, workplace } from './harness.ts';

const shop = 'apps:\n  shop: { uses: { main: { connections: 5 } } }\n';

/** On MySQL a session with a role has neither what everybody has by a row without a user nor the rows of its user for more hosts. */
describeEachMysql('rights that a session with a role does not have', { versions: 'all' }, (server) => {
  const reads = async (user: string): Promise<boolean> =>
    await ask({ ...server(), user, password: 'x' }, 'SELECT * FROM shop.orders').then(
      () => true,
      () => false,
    );

  it.each([
    ['a row without a user', ["CREATE USER 'zed'@'%' IDENTIFIED BY 'x'"], 'zed@%'],
    // A known account for more hosts keeps what it has.
    [
      'a row of its user for more hosts',
      ["CREATE USER 'zed'@'127.%' IDENTIFIED BY 'x'", "CREATE USER 'zed'@'%' IDENTIFIED BY 'x'", "GRANT SELECT ON shop.* TO 'zed'@'%'"],
      'zed@127.%',
    ],
  ] as const)('do not make up for those of the role: %s', { timeout: 120_000 }, async (_, statements, key) => {
    const known = 'known: [{ user: zed@%, on: main, why: tests }]\n';
    await using place = await workplace(server(), manifestOf(key === 'zed@%' ? shop : shop + known, '    perimeter: warn\n'));
    await place.apply();
    await place.as('shop', 'CREATE TABLE orders (id INT)');
    const [user = '', host = ''] = key.split('@');
    const isMaria = server().flavor === 'mariadb';
    for (const sql of [
      ...statements,
      ...(key === 'zed@%'
        ? ["INSERT INTO mysql.db (Host, Db, User, Select_priv) VALUES ('127.%', 'shop', '', 'Y')", 'FLUSH PRIVILEGES']
        : []),
      isMaria ? 'CREATE ROLE team' : "CREATE ROLE 'team'@'%'",
      'GRANT SELECT ON shop.* TO team',
      `GRANT team TO '${user}'@'${host}'`,
      `SET DEFAULT ROLE team ${isMaria ? 'FOR' : 'TO'} '${user}'@'${host}'`,
    ])
      await place.root(sql);
    expect(await reads('zed')).toBe(true);
    const { plan } = await place.plan();
    const told = plan.steps.flatMap(({ losses = [] }) => losses.map(({ who, what }) => `${who}: ${what.join('; ')}`));
    expect(told).toEqual(isMaria ? [] : [`${key}: SELECT on shop.*`]);
    await place.apply();
    expect(await reads('zed')).toBe(isMaria);
    for (const sql of ["DELETE FROM mysql.db WHERE User = '' AND Db = 'shop'", 'FLUSH PRIVILEGES']) await place.root(sql);
    await wipe(server());
  });
});
