import { beforeEach, expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import { manifestOf, wipe, type Workplace, workplace } from './harness.ts';

const shop = (hosts: string, more = ''): string =>
  manifestOf(`apps:\n  shop: { uses: { main: { connections: 5, hosts: [${hosts}] } } }\n${more}`);

describeEachMysql('hosts of one user that overlap', { versions: 'kinds' }, (server) => {
  let place: Workplace;
  const rows = async (): Promise<readonly unknown[]> =>
    await place.root(
      "SELECT concat(User, '@', Host) AS who, Select_priv AS may FROM mysql.db WHERE Db = 'shop' AND User = 'shop_user' ORDER BY 1",
    );

  beforeEach(async () => {
    await wipe(server());
    place = await workplace(server(), manifestOf('apps: {}\n'));
    for (const host of ['10.%', '10.0.%', '10.0.0.%']) await place.root(`DROP USER IF EXISTS 'shop_user'@'${host}'`);
  });

  it('are accounts of one app, each with what the app has', async () => {
    await place.write(shop("'10.%', '10.0.%'"));
    expect((await place.apply()).ending).toBe('done');
    expect(await rows()).toEqual(
      [
        { who: 'shop_user@10.%', may: 'Y' },
        { who: 'shop_user@10.0.%', may: 'Y' },
      ].toSorted((a, b) => (a.who < b.who ? -1 : 1)),
    );
    expect((await place.plan()).plan.steps).toEqual([]);
    await place.write(shop("'10.0.%'"));
    expect((await place.apply()).ending).toBe('done');
    expect(await rows()).toEqual([{ who: 'shop_user@10.0.%', may: 'Y' }]);
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  it.each([
    ['10.0.%', '10.%'],
    ['10.%', '10.0.%'],
  ])('are refused where a stranger has the app’s user at %s, and the app is to have it at %s', async (theirs, ours) => {
    await place.root(`CREATE USER 'shop_user'@'${theirs}' IDENTIFIED BY 'x'`);
    await place.write(shop(`'${ours}'`));
    const { plan } = await place.plan();
    expect(plan.diagnostics.map(({ code, message }) => [code, message])).toEqual([
      ['CT2005', `the login "shop_user" exists on "main" as shop_user@${theirs}, and is not cotenant's`],
    ]);
    expect((await place.apply()).ending).toBe('failed');
    expect(await place.root(`SELECT 1 FROM mysql.user WHERE User = 'shop_user'`)).toHaveLength(1);
  });
});
