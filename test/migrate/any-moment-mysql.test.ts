import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { manifestOf, wipe, workplace, type Workplace } from '../engines/mysql/lifecycle/harness.ts';
import { ask } from '../../src/engines/mysql/local/client.ts';
import { describeEachMysql } from '../support/engines-mysql.ts';
import { type Line, startLine } from '../support/line.ts';
import { alembicProject } from './alembic.ts';
import { toolsOf, untilGone } from './gone.ts';
import { killedAtMoments, leftUndone, REVISIONS, type Victim } from './killed-moments.ts';
import { toolAt } from './tools.ts';
import { files, rows } from './ways.ts';

const alembic = toolAt('alembic');

const APPS = `apps:
  shop: { uses: { main: { connections: 5 } }, migrations: { tool: alembic, directory: shop } }
  wiki: { after: [shop], uses: { main: { connections: 5 } }, migrations: { tool: sql, directory: wiki } }
`;
const APP_NAMES = ['shop', 'wiki'] as const;

/** A change of tables stays here, whatever becomes of its run: what can run twice comes to its end. */
const sqlOf = (name: string): string => `CREATE TABLE IF NOT EXISTS t${name} (n int PRIMARY KEY)`;

describeEachMysql('SIGKILL at any moment of migrate up', { versions: 'kinds' }, (server, version) => {
  describe.skipIf(alembic === null)('with Alembic and plain files', () => {
    async function world(line: Line): Promise<Workplace> {
      await wipe(server());
      const place = await workplace(server(), manifestOf(APPS), {
        MYPORT: String(line.port),
        PATH: `${dirname(alembic ?? '/bin')}:/usr/bin:/bin`,
        HOME: '/tmp',
      });
      await alembicProject(
        join(place.folder, 'shop'),
        REVISIONS.map((id) => ({ id, up: sqlOf(id) })),
      );
      await files(place, 'wiki', Object.fromEntries(REVISIONS.map((id) => [`${id}.sql`, sqlOf(id)])));
      if ((await place.apply()).ending !== 'done') throw new Error('not applied');
      return place;
    }

    /** What status calls applied is there, what it calls pending has at most begun, and a run that nobody disturbs ends it. */
    async function holds(place: Workplace): Promise<readonly string[]> {
      const wrong: string[] = [];
      // A statement that was sent goes on alone for a moment.
      const busy = `SELECT 1 FROM information_schema.processlist WHERE user REGEXP '^(shop|wiki)_'`;
      while ((await ask(server(), busy)).length > 0) await delay(50);
      const said = await rows(place);
      for (const app of APP_NAMES) {
        const found = await ask(server(), `SELECT table_name AS t FROM information_schema.tables WHERE table_schema = '${app}'`);
        const made = REVISIONS.filter((id) => found.some(({ t }) => t === `t${id}`));
        const { pending = [], drift = [] } = said[app] ?? {};
        const applied = REVISIONS.filter((id) => !pending.includes(id));
        if (!applied.every((id) => made.includes(id)) || made.length - applied.length > 1 || drift.length > 0)
          wrong.push(`${app}: status says ${JSON.stringify(said[app])}, and there are ${made.join()}`);
      }
      return [...wrong, ...(await leftUndone(place, APP_NAMES))];
    }

    /** Ends somebody when the n-th piece comes by, of whoever sends one: it still reaches the server, or is lost with the line. */
    async function tried(line: Line, victim: Victim, n: number, isLost: boolean): Promise<readonly string[]> {
      await using place = await world(line);
      line.reset();
      const groups: number[] = [];
      const killed: Promise<void>[] = [];
      line.onPiece = (piece) => {
        if (piece < n || killed.length > 0) return 'forward';
        groups.push(...toolsOf(running.pid));
        if (victim === 'cotenant') running.kill('SIGKILL');
        if (victim === 'tool') for (const group of groups) process.kill(-group, 'SIGKILL');
        killed.push(victim === 'server' ? server().kill() : Promise.resolve());
        return isLost ? 'cut' : 'forward';
      };
      const running = place.start('migrate', 'up', '--output', 'plain');
      await running.done;
      line.onPiece = null;
      await Promise.all(killed);
      if (victim === 'server' && killed.length > 0) await server().restart();
      await untilGone(groups);
      return (await holds(place)).map((what) => `${victim}, at piece ${n}${isLost ? ', which is lost' : ''}: ${what}`);
    }

    test('status tells the truth, nobody is left behind, and the next run converges', { timeout: 1_800_000 }, async () => {
      await using line = await startLine(server());
      let total = 0;
      {
        await using place = await world(line);
        line.reset();
        expect((await place.cli('migrate', 'up')).code).toBe(0);
        total = line.pieces;
      }
      expect(total).toBeGreaterThan(40);
      expect(await killedAtMoments(version, total, async (...moment) => await tried(line, ...moment))).toEqual([]);
    });
  });
});
