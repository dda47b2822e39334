import { expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { query } from '../../../support/query.ts';
import { firstMoment, strideOn } from '../../../support/sample.ts';
import type { SeenStatement } from '../proxy/harness.ts';
import { killedAt, tap } from './faults/harness.ts';
import { manifestOf, session, urlOf, type Workplace, workplace } from './harness.ts';

const minutes = 60_000;
const words = ['--yes', '--confirm=guest'] as const;

/** What somebody did by hand: to an app’s login, to a database of its, and to one that no app owns. */
const DRIFT = [
  'ALTER ROLE shop_user CREATEDB',
  'GRANT CONNECT ON DATABASE shop TO guest',
  'GRANT CONNECT ON DATABASE template1 TO PUBLIC',
] as const;

/** What it sends to change something, and to end sessions. */
const only = ({ sql }: SeenStatement): boolean => /COMMENT ON|ALTER ROLE|REVOKE|pg_terminate_backend/.test(sql);

describeEachPostgres(
  'a run ended by SIGKILL between what it takes and the sessions that hold it',
  { versions: 'newest', whole: 'moments' },
  (server, major) => {
    it('the next one ends them, wherever that was', { timeout: 10 * minutes }, async () => {
      const { url, host, port, password } = server();
      const point = { host, port, password };
      await using line = await tap(server());
      await using place = await workplace(
        { ...point, port: line.proxy.port },
        manifestOf('apps:\n  shop: { uses: { main: { connections: 5 } } }\n'),
      );
      expect((await place.apply()).ending).toBe('done');
      await query(url, `CREATE ROLE guest LOGIN PASSWORD 'x'`);
      const direct = new URL(await urlOf(place, 'shop'));
      direct.port = String(port);
      const opened = async (): Promise<readonly Awaited<ReturnType<typeof session>>[]> => {
        for (const one of DRIFT) await query(url, one);
        const guest = (database: string): string => `postgres://guest:x@${new URL(url).host}/${database}`;
        return await Promise.all([direct.href, guest('shop'), guest('template1')].map(async (one) => await session(one)));
      };
      const first = await opened();
      line.proxy.reset();
      expect((await place.cli('apply', ...words)).code).toBe(0);
      const all = line.proxy.statements.filter(only);
      expect(await Promise.all(first.map(async (one) => await one.isOpen()))).toEqual([false, false, false]);
      expect(all.length).toBeGreaterThan(5);
      const wrong: unknown[] = [];
      const stride = strideOn(`postgres${major}`, { daily: 3, ci: 2 });
      for (let n = firstMoment({ oneOf: stride }); n <= all.length; n += stride) {
        const sessions = await opened();
        const { signal } = await killedAt(place, line, ['apply', ...words], { n, how: 'sent', only });
        const { ending } = await resumed(place);
        const open = await Promise.all(sessions.map(async (one) => await one.isOpen()));
        const left = (await place.plan()).plan.steps.map(({ id }) => id);
        if (signal !== 'SIGKILL' || !['done', 'nothing-to-do'].includes(String(ending)) || open.some(Boolean) || left.length > 0)
          wrong.push({ n, text: all[n - 1]?.sql.slice(0, 200), signal, ending, open, left });
        for (const one of sessions) await one.end().catch(() => undefined);
      }
      expect(wrong).toEqual([]);
    });
  },
);

async function resumed(place: Workplace): ReturnType<Workplace['apply']> {
  return await place.apply(['guest']);
}
