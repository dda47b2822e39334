import { beforeEach, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { manifestOf, wipe, workplace } from '../lifecycle/harness.ts';

describeEachPostgres('a foreign database that is closed', { versions: 'ends' }, (server) => {
  beforeEach(async () => {
    await wipe(server().url);
  });

  it('says to how many and to whom it stays open by name', async () => {
    const { url } = server();
    for (const sql of [
      'CREATE ROLE anna LOGIN',
      'CREATE ROLE "Carl" LOGIN',
      'CREATE DATABASE dwh',
      'GRANT TEMPORARY ON DATABASE dwh TO anna',
    ])
      await query(url, sql);
    const closed = manifestOf('apps:\n  shop: { uses: { main: { connections: 3 } } }\n').replace(
      'engine: postgres',
      'engine: postgres\n    foreignDatabases: close',
    );
    await using place = await workplace(server(), closed);
    const { plan } = await place.plan();
    const step = plan.steps.find(({ address }) => address.name === 'dwh');
    expect(step?.title).toBe('revoke access of everybody to a foreign database, and grant it by name to 2 roles');
    expect(step?.facts).toMatchObject({ database: 'dwh', 'granted by name': 'CONNECT, TEMPORARY to "Carl"; CONNECT to "anna"' });
    expect(await place.apply(['anna', 'Carl'])).toMatchObject({ ending: 'done' });
    expect((await place.plan()).plan.steps).toEqual([]);
  });
});
