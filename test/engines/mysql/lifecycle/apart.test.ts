import { beforeEach, expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const manifest = (more = '', login = ''): string =>
  manifestOf(`apps:
  shop: { uses: { main: { adopt: true, connections: 5${more}, logins: { app: owner, reports: { as: read${login} } } } } }
`);

describeEachMysql('adoption of accounts under names that nobody wrote down', { versions: 'kinds' }, (server) => {
  let place: Workplace;

  beforeEach(async () => {
    await wipe(server());
    place = await workplace(server(), manifest());
    for (const one of [
      'CREATE DATABASE shop',
      'CREATE DATABASE own',
      'CREATE TABLE own.t (n INT)',
      "CREATE USER shop_user@'%' IDENTIFIED BY 'A-long-1-word'",
      'GRANT SELECT, INSERT ON shop.* TO shop_user',
      "CREATE USER shop_reports@'%' IDENTIFIED BY 'A-long-1-word'",
    ])
      await place.root(one);
  });

  const accounts = async (): Promise<unknown> => [
    await place.root("SELECT User AS u, Host AS h FROM mysql.user WHERE User LIKE 'shop%' ORDER BY 1, 2"),
    await place.root("SELECT Db AS d, User AS u, Select_priv AS s FROM mysql.db WHERE User LIKE 'shop%' ORDER BY 1, 2"),
  ];
  const refusals = async (): Promise<readonly string[]> =>
    (await place.plan()).plan.diagnostics.flatMap(({ code, severity, message, hint }) =>
      severity === 'error' ? [`${code} ${message} | ${hint}`] : [],
    );

  it.each([
    ['who has nothing of the app', [], /nothing on the server says that it is app "shop"’s/],
    [
      'with rights on another database',
      ['GRANT SELECT ON shop.* TO shop_reports', 'GRANT SELECT ON own.* TO shop_reports'],
      /it has rights on own\.\*/,
    ],
    [
      'with rights on a table elsewhere',
      ['GRANT SELECT ON shop.* TO shop_reports', 'GRANT SELECT ON own.t TO shop_reports'],
      /it has rights on own\.t/,
    ],
    ['with rights on everything', ['GRANT SELECT ON *.* TO shop_reports'], /it has rights on \*\.\*/],
    ['with a role', ['GRANT SELECT ON shop.* TO shop_reports', 'CREATE ROLE desk', 'GRANT desk TO shop_reports'], /it has the role desk/],
    [
      'who waits, locked',
      ["CREATE USER shop_user_2@'%' IDENTIFIED BY 'A-long-1-word' ACCOUNT LOCK", 'GRANT SELECT ON shop.* TO shop_reports'],
      /"shop_user_2@%".*nothing on the server/,
    ],
    [
      'whose name is the usual one',
      ['GRANT SELECT ON shop.* TO shop_reports', 'GRANT SELECT ON own.* TO shop_user'],
      /"shop_user@%".*rights on own\.\*/,
    ],
  ])('takes nobody else’s: %s', { timeout: 60_000 }, async (_who, statements, why) => {
    for (const one of statements) await place.root(one);
    const before = await accounts();
    expect(await refusals()).toEqual([expect.stringMatching(why)]);
    expect((await refusals()).join()).toMatch(
      /^CT2005 account .*names: \{ (login|standbyLogin): |^CT2005 account .*logins: \{ reports: \{ as: read, login: shop_reports \} \}/,
    );
    expect((await place.apply()).ending).toBe('failed');
    expect(await accounts()).toEqual(before);
  });

  it('takes who has rights by a name in which nobody escaped what stands for any letter', async () => {
    await place.write(manifestOf('apps:\n  my-shop: { uses: { main: { adopt: true, connections: 5 } } }\n'));
    for (const one of [
      'CREATE DATABASE my_shop',
      "CREATE USER my_shop_user@'%' IDENTIFIED BY 'A-long-1-word'",
      'GRANT ALL ON my_shop.* TO my_shop_user',
    ])
      await place.root(one);
    expect(await refusals()).toEqual([]);
  });

  it('takes who has rights there only, and what the manifest names', { timeout: 60_000 }, async () => {
    await place.root('GRANT SELECT ON shop.* TO shop_reports');
    expect(await refusals()).toEqual([]);
    await place.root('GRANT SELECT ON own.* TO shop_reports');
    await place.write(manifest('', ', login: shop_reports'));
    expect(await refusals()).toEqual([]);
    expect((await place.apply()).ending).toBe('done');
    expect((await place.plan()).plan.steps).toEqual([]);
  });
});
