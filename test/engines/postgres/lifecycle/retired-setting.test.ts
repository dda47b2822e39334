import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { manifestOf, workplace } from './harness.ts';

const people = 'operators: { backup: { may: [connect] } }\nknown: [{ user: deploy, why: stays }, { user: other, why: stays }]\n';
const wiki = '  wiki: { uses: { main: { connections: 3 } } }\n';

describeEachPostgres('logins whose sessions begin as a role of an app that is retired', { versions: 'ends' }, (server) => {
  it('are told that the setting names nobody any more, wherever it stands', async () => {
    const root = (sql: string) => query(server().url, sql);
    for (const name of ['backup', 'deploy', 'other', 'stranger']) await root(`CREATE ROLE ${name} LOGIN PASSWORD 'x'`);
    await root("CREATE ROLE dba LOGIN SUPERUSER PASSWORD 'x'");
    await root('CREATE DATABASE reports');
    await using place = await workplace(server(), manifestOf(`apps:\n${wiki}  shop: { uses: { main: { connections: 3 } } }\n${people}`));
    expect(await place.apply(['stranger'])).toMatchObject({ ending: 'done' });
    await root('GRANT shop_owner TO deploy, backup; ALTER ROLE deploy SET role = shop_owner; ALTER ROLE dba SET role = shop_owner');
    await root('ALTER DATABASE reports SET role = shop_owner; ALTER ROLE backup IN DATABASE reports SET role = shop_owner');
    // It names what the login cannot become: that does nothing today.
    await root('ALTER ROLE other SET role = shop_owner');
    await place.write(manifestOf(`apps:\n${wiki}${people}`));
    const losses = (await place.plan()).plan.steps
      .flatMap(({ losses: all = [] }) => all.flatMap(({ who, of, what }) => what.map((one) => `${who} (${of ?? '-'}) ${one}`)))
      .map((one) => one.replaceAll(/__gone_\d{8}/g, '__gone'))
      .filter((one) => one.includes('role'));
    const renamed = '(it is renamed to "shop_owner__gone")';
    expect(losses.filter((one) => one.includes('setting')).sort()).toEqual([
      `backup (backup) the setting role = shop_owner in database "reports" ${renamed}`,
      `dba (-) the setting role = shop_owner ${renamed}`,
      `deploy (deploy) the setting role = shop_owner ${renamed}`,
      `deploy (deploy) the setting role = shop_owner in database "reports" ${renamed}`,
    ]);
    expect(await place.apply()).toMatchObject({ ending: 'refused' });
    expect(await place.apply(['dba'])).toMatchObject({ ending: 'refused' });
    expect(await place.apply(['dba', 'backup', 'deploy'])).toMatchObject({ ending: 'done' });
  });
});
