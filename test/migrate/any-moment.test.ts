import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type Tap, tap } from '../engines/postgres/lifecycle/faults/harness.ts';
import { manifestOf, wipe, workplace, type Workplace } from '../engines/postgres/lifecycle/harness.ts';
import type { PostgresServer } from '../engines/postgres/runtime.ts';
import type { RunningCli } from '../support/cli.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { at, query } from '../support/query.ts';
import { alembicProject } from './alembic.ts';
import { toolsOf, untilGone } from './gone.ts';
import { killedAtMoments, leftUndone, REVISIONS, type Victim } from './killed-moments.ts';
import { toolAt } from './tools.ts';
import { files, rows } from './ways.ts';

const alembic = toolAt('alembic');

const APPS = `apps:
  shop: { uses: { main: {} }, migrations: { tool: alembic, directory: shop } }
  blog: { uses: { main: { isolation: schema, database: shared } }, migrations: { tool: alembic, directory: blog } }
  wiki: { after: [shop], uses: { main: { isolation: schema, database: shared } }, migrations: { tool: sql, directory: wiki } }
`;
const APP_NAMES = ['shop', 'blog', 'wiki'] as const;

/** A revision makes a table, whose row says that it ran. */
const sqlOf = (name: string): string => `CREATE TABLE t${name} (n int PRIMARY KEY); INSERT INTO t${name} VALUES (1)`;

async function world(server: PostgresServer, port: number): Promise<Workplace> {
  const { host, password } = server;
  const place = await workplace({ host, port, password }, manifestOf(APPS), {
    PATH: `${dirname(alembic ?? '/bin')}:/usr/bin:/bin`,
    HOME: '/tmp',
  });
  for (const app of ['shop', 'blog'])
    await alembicProject(
      join(place.folder, app),
      REVISIONS.map((id) => ({ id, up: sqlOf(id) })),
    );
  await files(place, 'wiki', Object.fromEntries(REVISIONS.map((id) => [`${id}.sql`, sqlOf(id)])));
  if ((await place.apply()).ending !== 'done') throw new Error('not applied');
  return place;
}

/** Runs `migrate up`, and ends somebody with SIGKILL when the n-th statement comes by, of whoever: it still reaches the server, or is lost. */
async function killedAt(
  place: Workplace,
  { proxy, listen }: Tap,
  n: number,
  isLost: boolean,
  kill: (cli: RunningCli) => Promise<void>,
): Promise<void> {
  proxy.reset();
  const cli = Promise.withResolvers<RunningCli>();
  const killed: Promise<void>[] = [];
  listen(async (statement) => {
    if (statement.n < n || killed.length > 0) return 'forward';
    killed.push(cli.promise.then(kill));
    if (isLost) await Promise.all(killed);
    return isLost ? 'drop' : 'forward';
  });
  const running = place.start('migrate', 'up', '--output', 'plain');
  cli.resolve(running);
  await running.done;
  await Promise.all(killed);
  listen(() => 'forward');
}

describeEachPostgres('SIGKILL at any moment of migrate up', { versions: 'ends', whole: 'moments' }, (server, major) => {
  describe.skipIf(alembic === null)('with Alembic and plain files', () => {
    /** What status says is what the server has, and a run that nobody disturbs brings all of it to its end. */
    async function holds(place: Workplace): Promise<readonly string[]> {
      const { url } = server();
      const wrong: string[] = [];
      // A statement that was sent goes on alone for a moment.
      const busy = `SELECT 1 FROM pg_stat_activity WHERE usename ~ '^(shop|blog|wiki)_'`;
      while ((await query(url, busy)).length > 0) await delay(50);
      const said = await rows(place);
      for (const app of APP_NAMES) {
        const database = at(url, { database: app === 'shop' ? 'shop' : 'shared' });
        const found = await query(
          database,
          `SELECT tablename AS t FROM pg_tables WHERE tablename ~ '^t[0-9]_' AND tableowner = '${app}_owner' ORDER BY 1`,
        );
        const missing = REVISIONS.filter((id) => !found.some(({ t }) => t === `t${id}`));
        if (JSON.stringify([said[app]?.pending, said[app]?.drift]) !== JSON.stringify([missing, []]))
          wrong.push(`${app}: status says ${JSON.stringify(said[app])}, and there are ${JSON.stringify(found)}`);
      }
      return [...wrong, ...(await leftUndone(place, APP_NAMES))];
    }

    async function tried(line: Tap, victim: Victim, n: number, isLost: boolean): Promise<readonly string[]> {
      await wipe(server().url);
      await using place = await world(server(), line.proxy.port);
      const groups: number[] = [];
      await killedAt(place, line, n, isLost, async (cli) => {
        groups.push(...toolsOf(cli.pid));
        if (victim === 'cotenant') cli.kill('SIGKILL');
        if (victim === 'tool') for (const group of groups) process.kill(-group, 'SIGKILL');
        if (victim === 'server') await server().kill();
      });
      if (victim === 'server') await server().restart();
      // No tool outlives the run that has started it.
      await untilGone(groups);
      return (await holds(place)).map((what) => `${victim}, at statement ${n}${isLost ? ', which is lost' : ''}: ${what}`);
    }

    test('status tells the truth, nobody is left behind, and the next run converges', { timeout: 1_800_000 }, async () => {
      await using line = await tap(server());
      await wipe(server().url);
      let total = 0;
      {
        await using place = await world(server(), line.proxy.port);
        line.proxy.reset();
        expect((await place.cli('migrate', 'up')).code).toBe(0);
        total = line.proxy.statements.length;
      }
      expect(total).toBeGreaterThan(40);
      expect(await killedAtMoments(`postgres${major}`, total, async (...moment) => await tried(line, ...moment))).toEqual([]);
    });
  });
});
