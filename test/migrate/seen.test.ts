import { expect, test } from 'vitest';
import { until, wipe } from '../engines/postgres/lifecycle/harness.ts';
import { describeEachPostgres, tableFor } from '../support/engines.ts';
import { query } from '../support/query.ts';
import { kills, sleepy } from './asleep.ts';
import { put, rowOf, usable, world } from './drive.ts';
import { toolsOf, untilGone } from './gone.ts';
import { kits } from './kits.ts';

describeEachPostgres('each tool', { versions: 'ends' }, (server, major) => {
  const some = tableFor(
    major,
    usable(kits()).filter(({ tool }) => kills.some(([name]) => name === tool)),
    3,
  );
  // A file without a test fails: without any tool it is skipped.
  for (const what of some.length === 0 ? ['a migration tool'] : []) test.skip(`needs ${what}`);
  for (const one of some) {
    test(`${one.tool}: is seen at work on the server, and goes with a cotenant that is killed`, { timeout: 240_000 }, async () => {
      await wipe(server().url);
      await using place = await world(server(), [one]);
      await put(place, one.app, one.revisions[0].files);
      await put(place, one.app, sleepy(one));
      const cli = place.start('migrate', 'up');
      const login = `usename = '${one.app}_user' AND query ~ 'pg_sleep\\(100\\)' AND state = 'active'`;
      const { pid } = await until(server().url, `SELECT pid FROM pg_stat_activity WHERE ${login}`);
      expect(await rowOf(place, one.app)).toMatchObject({
        state: 'running',
        pending: expect.arrayContaining([one.revisions[1].id]) as unknown,
      });
      const tools = toolsOf(cli.pid);
      expect(tools.length).toBe(1);
      cli.kill('SIGKILL');
      await untilGone(tools);
      // What it had sent goes on alone.
      await query(server().url, `SELECT pg_terminate_backend(${String(pid)})`);
    });
  }
});
