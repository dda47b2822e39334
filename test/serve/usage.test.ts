import { expect, test } from 'vitest';
import { session, urlOf, workplace } from '../engines/postgres/lifecycle/harness.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { query } from '../support/query.ts';
import { started } from './started.ts';

describeEachPostgres('what apps do shows in the metrics', { versions: 'newest' }, (server) => {
  const manifest = (): string => `cotenant: 1
project: digi
instances:
  main: { engine: postgres, url: "postgres://postgres@127.0.0.1:${server().port}/postgres", password: { env: ADMIN_PASSWORD } }
apps:
  shop: { uses: { main: { connections: 4 } } }
  blog: { uses: { main: {} } }
`;

  test('an app that holds a transaction, one that waits, and one that uses all of its connections', async () => {
    await using place = await workplace(server(), manifest());
    expect((await place.apply()).ending).toBe('done');
    const [shop, blog] = [await urlOf(place, 'shop'), await urlOf(place, 'blog')];
    await query(shop, 'CREATE TABLE t (x int); INSERT INTO t VALUES (1)');
    await using service = await started(manifest(), { ADMIN_PASSWORD: server().password }, { interval: 1000 });
    const of = (name: string, app: string, more = ''): string =>
      `cotenant_app_${name}{engine="postgres",instance="main",app="${app}"${more}}`;
    const says = async (line: string): Promise<void> => void (await service.until('/metrics', ({ text }) => text.includes(`${line}\n`)));
    await says(`${of('connections', 'shop', ',state="idle"')} 0`);

    await using holder = await session(shop, 'BEGIN; UPDATE t SET x = 2');
    const waiting = query(shop, 'UPDATE t SET x = 3').catch(() => undefined);
    await says(`${of('connections', 'shop', ',state="idle_in_transaction"')} 1`);
    await says(`${of('blocked_sessions', 'shop')} 1`);
    const { text } = await service.ask('/metrics');
    expect(text).toMatch(/^cotenant_app_oldest_transaction_seconds\{engine="postgres",instance="main",app="shop"\} \d/m);
    expect(text).toContain(`${of('connection_limit', 'shop')} 4\n`);
    expect(text).toContain('cotenant_postgres_xid_age{engine="postgres",instance="main"} ');
    expect(text).toContain('cotenant_postgres_xid_age_limit{engine="postgres",instance="main"} 2147483648\n');
    const shown = await service.ask('/api/v1/usage?app=shop');
    expect(shown.text).not.toContain('blog');
    expect(shown.json).toMatchObject({
      instances: [{ apps: [{ app: 'shop', blocked: 1, connections: { idleInTransaction: 1, waiting: 1 } }] }],
    });
    await holder.end();
    await waiting;
    await says(`${of('blocked_sessions', 'shop')} 0`);

    await using _one = await session(blog);
    await using _two = await session(blog);
    await says(`${of('connections', 'blog', ',state="idle"')} 2`);
    // The monitor is nobody's.
    expect(
      (await query(server().url, "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'cotenant-monitor'"))[0]?.['n'],
    ).toBe(1);
  });
});
