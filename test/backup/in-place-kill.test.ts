import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { localInstallations, unpackedInstallations } from '../../src/engines/postgres/local/find.ts';
import { findRestic } from '../engines/postgres/harness.ts';
import { killedAt, tap } from '../engines/postgres/lifecycle/faults/harness.ts';
import { manifestOf, urlOf, wipe, workplace } from '../engines/postgres/lifecycle/harness.ts';
import { changing, type SeenStatement } from '../engines/postgres/proxy/harness.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { cache } from '../support/places.ts';
import { query } from '../support/query.ts';
import { firstMoment, strideOn } from '../support/sample.ts';

const minutes = 60_000;
const restic = findRestic(cache)?.folder ?? '/nowhere';
const installed = [...unpackedInstallations(cache), ...localInstallations()].filter(({ prefix, bin }) =>
  existsSync(join(prefix, bin, 'pg_dump')),
);

const manifest = manifestOf('apps:\n  shop: { uses: { main: {} } }\n  blog: { uses: { main: {} } }\nbackup: { repository: ./backups }\n');

const isChange = (statement: SeenStatement): boolean => changing([statement]).length > 0;

describeEachPostgres('a restore in place, ended by SIGKILL', { versions: 'newest', whole: 'moments' }, (server, major) => {
  describe.skipIf(!existsSync(join(restic, 'restic')) || !installed.some((one) => one.major === major))('with restic', () => {
    const stride = strideOn(`postgres${major}`, { daily: 12, ci: 5 });
    const start = firstMoment({ oneOf: stride });

    test('at statements that change something: the app has what it had or what was saved, and the next run ends it', {
      timeout: 10 * minutes,
    }, async () => {
      const wrong: unknown[] = [];
      await using line = await tap(server());
      await wipe(server().url);
      const own = installed.map(({ prefix, bin }) => join(prefix, bin));
      const env = { PATH: [restic, ...own, process.env['PATH'] ?? ''].join(delimiter), RESTIC_PASSWORD: 'word' };
      await using place = await workplace({ host: '127.0.0.1', port: line.proxy.port, password: server().password }, manifest, env);
      expect((await place.apply()).ending).toBe('done');
      const inShop = async (sql: string): Promise<unknown> => await query(await urlOf(place, 'shop'), sql);
      await inShop('CREATE TABLE t AS SELECT n FROM generate_series(1, 100) AS n');
      expect((await place.start('backup', 'shop').done).code).toBe(0);
      for (let n = start, wasKilled = true; wasKilled; n += stride) {
        await inShop('INSERT INTO t VALUES (0)');
        const args = ['restore', 'shop', '--confirm=shop', '--lock-timeout=30s'];
        wasKilled = (await killedAt(place, line, args, { n, how: 'sent', only: isChange })).signal === 'SIGKILL';
        // Others of the project notice nothing of what is left.
        const blog = await place.start('apply', '--app', 'blog', '--yes').done;
        const again = await place.start(...args).done;
        const rows = await inShop('SELECT count(*)::int AS n, min(n) AS least FROM t');
        const plan = await place.plan();
        const left = await query(
          server().url,
          "SELECT datname::text AS n FROM pg_database WHERE datname LIKE '%restoring' UNION ALL SELECT rolname FROM pg_roles WHERE rolname LIKE 'cotenant_drill%'",
        );
        const isGood =
          blog.code === 0 &&
          again.code === 0 &&
          JSON.stringify(rows) === '[{"n":100,"least":1}]' &&
          plan.plan.steps.length === 0 &&
          left.length === 0;
        if (!isGood) wrong.push({ n, blog, again, rows, steps: plan.plan.steps, left });
        if (n === start) expect(wasKilled).toBe(true);
        // What each run has put aside is no longer needed here.
        for (const { n: name } of await query(server().url, "SELECT datname::text AS n FROM pg_database WHERE datname LIKE 'shop__gone%'"))
          await query(server().url, `DROP DATABASE "${String(name)}"`);
      }
      expect(wrong).toEqual([]);
    });
  });
});
