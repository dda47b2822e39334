import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { manifestOf, session, workplace } from './harness.ts';

const LOCK = "SELECT pg_advisory_lock(x'636f7465'::int, 0)";
const shop = 'apps:\n  shop: { uses: { main: { connections: 5 } } }\n';

describeEachPostgres('the lock of an instance', { versions: 'each' }, (server) => {
  it('is one for all who reach it, whatever database their URL names', async () => {
    const { url } = server();
    await query(url, 'CREATE DATABASE elsewhere');
    await using place = await workplace(server(), manifestOf(shop).replace('/postgres\n', '/elsewhere\n'));
    await using holder = await session(url, LOCK);
    expect(await place.cli('apply', '--yes', '--lock-timeout', '0s')).toMatchObject({ code: 6 });
    await holder.end();
    expect(await place.cli('apply', '--yes')).toMatchObject({ code: 0 });
  });

  it('is taken where the URL leads where nobody may enter the database postgres', async () => {
    const { url } = server();
    const elsewhere = url.replace(/\/postgres$/, '/elsewhere');
    await query(elsewhere, 'ALTER DATABASE postgres ALLOW_CONNECTIONS false');
    await using place = await workplace(server(), manifestOf(shop).replace('/postgres\n', '/elsewhere\n'));
    await using holder = await session(elsewhere, LOCK);
    expect(await place.cli('apply', '--yes', '--lock-timeout', '0s')).toMatchObject({ code: 6 });
    await holder.end();
    await query(elsewhere, 'ALTER DATABASE postgres ALLOW_CONNECTIONS true');
  });
});
