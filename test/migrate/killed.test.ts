import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { manifestOf, until, wipe, workplace, type Workplace } from '../engines/postgres/lifecycle/harness.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { query } from '../support/query.ts';
import { alembicProject } from './alembic.ts';
import { toolsOf, untilGone } from './gone.ts';
import { toolAt } from './tools.ts';
import { rows, up } from './ways.ts';

const alembic = toolAt('alembic');

const APPS = `apps:
  shop: { uses: { main: {} }, migrations: { tool: alembic, directory: shop } }
`;

describeEachPostgres('migrations that are cut', { versions: 'ends' }, (server) => {
  describe.skipIf(alembic === null)('with Alembic', () => {
    let place: Workplace;

    /** The second revision makes a table, and then takes so many seconds. */
    async function slow(seconds: number): Promise<void> {
      await alembicProject(join(place.folder, 'shop'), [
        { id: 'a1', up: 'CREATE TABLE people (id int)' },
        { id: 'b2', up: `CREATE TABLE during (id int); SELECT pg_sleep(${seconds})` },
      ]);
    }
    const asleep = async (): Promise<number> =>
      Number(
        (
          await until(
            server().url,
            `SELECT pid FROM pg_stat_activity WHERE usename = 'shop_user' AND query LIKE '%pg_sleep%' AND state = 'active'`,
          )
        )['pid'],
      );
    const gone = async (): Promise<void> => {
      while ((await query(server().url, `SELECT 1 FROM pg_stat_activity WHERE usename = 'shop_user'`)).length > 0) await delay(50);
    };
    /** Where it stands, and that a run brings it to its end. */
    async function converges(): Promise<void> {
      await gone();
      const { shop } = await rows(place);
      expect(shop).toMatchObject({ drift: [] });
      const tables = await query(server().url.replace(/\/postgres(?=$|\?)/, '/shop'), `SELECT 1 FROM pg_tables WHERE tablename = 'during'`);
      expect(tables.length).toBe(shop?.pending.includes('b2') === false ? 1 : 0);
      await slow(0);
      expect(['done', 'nothing-to-do']).toContain((await up(place)).ending);
      expect((await rows(place))['shop']).toMatchObject({ state: 'current', current: ['b2'] });
    }

    beforeEach(async () => {
      await wipe(server().url);
      place = await workplace(server(), manifestOf(APPS), { PATH: `${dirname(alembic ?? '/bin')}:/usr/bin:/bin` });
      await place.apply();
      await slow(60);
      return async () => await place[Symbol.asyncDispose]();
    });

    test('an interrupt reaches the tool once, and says where it stands', async () => {
      const cli = place.start('migrate', 'up');
      await asleep();
      cli.kill('SIGINT');
      const { code, stderr } = await cli.done;
      expect(code).toBe(130);
      expect(stderr).toMatch(/CT4014.*shop: alembic was interrupted.*It stands at/s);
      await converges();
    });

    test('a second one ends the tool with it', async () => {
      await alembicProject(join(place.folder, 'shop'), [
        {
          id: 'a1',
          up: `py:
    import signal, time
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    op.execute("SELECT pg_sleep(60)")`,
        },
      ]);
      const cli = place.start('migrate', 'up');
      await asleep();
      const tools = toolsOf(cli.pid);
      cli.kill('SIGINT');
      while (!cli.stderr().includes('Interrupted')) await delay(20);
      cli.kill('SIGINT');
      expect((await cli.done).code).toBe(130);
      await untilGone(tools);
      await query(server().url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop_user'`);
      await gone();
      expect((await rows(place))['shop']).toMatchObject({ state: 'behind', current: [] });
    });

    test('cotenant is killed: its tool goes with it; while the server is still at what it sent, that is said, and no second one begins', async () => {
      const cli = place.start('migrate', 'up');
      const pid = await asleep();
      const tools = toolsOf(cli.pid);
      expect(tools.length).toBe(1);
      cli.kill('SIGKILL');
      await cli.done;
      await untilGone(tools);
      expect((await rows(place))['shop']).toMatchObject({ state: 'running', last: null });
      await slow(0);
      const second = up(place);
      await delay(1500);
      await query(server().url, `SELECT pg_terminate_backend(${pid})`);
      expect((await second).ending).toBe('done');
      await converges();
    });

    test('a tool that does not hear that it shall end goes with a killed cotenant all the same', async () => {
      const deaf = `py:
    import signal, subprocess
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    subprocess.Popen(["sleep", "600"])
    op.execute("SELECT pg_sleep(600)")`;
      await alembicProject(join(place.folder, 'shop'), [{ id: 'a1', up: deaf }]);
      const cli = place.start('migrate', 'up');
      const pid = await asleep();
      const tools = toolsOf(cli.pid);
      cli.kill('SIGKILL');
      await untilGone(tools);
      await query(server().url, `SELECT pg_terminate_backend(${pid})`);
      await gone();
      expect((await rows(place))['shop']).toMatchObject({ state: 'behind', current: [] });
    });

    test('one that has left the process group outlives a killed cotenant: the server shows that it works', async () => {
      await place.write(manifestOf(APPS.replace('directory: shop', 'directory: shop, command: [setsid, --wait, alembic]')));
      const cli = place.start('migrate', 'up');
      const pid = await asleep();
      const tools = toolsOf(cli.pid);
      cli.kill('SIGKILL');
      await cli.done;
      await untilGone(tools);
      // The tool itself is in a session of its own, waits for the server, and has nothing of both revisions in it yet.
      expect((await rows(place))['shop']).toMatchObject({ state: 'running', current: [], pending: ['a1', 'b2'], drift: [] });
      await query(server().url, `SELECT pg_terminate_backend(${pid})`);
      await converges();
    });

    test('one that hangs and does not hear that its time is over is killed', async () => {
      await place.write(manifestOf(APPS.replace('directory: shop', 'directory: shop, deadline: 3s')));
      await alembicProject(join(place.folder, 'shop'), [
        {
          id: 'a1',
          up: `py:
    import signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1)`,
        },
      ]);
      const cli = place.start('migrate', 'up');
      const { code, stderr } = await cli.done;
      expect(code).toBe(1);
      expect(stderr).toMatch(/CT4104.*shop: alembic was ended after 3 s/s);
      await gone();
      expect((await rows(place))['shop']).toMatchObject({ state: 'behind', current: [], drift: [] });
    });

    test('the tool is killed', async () => {
      const cli = place.start('migrate', 'up');
      await asleep();
      for (const group of toolsOf(cli.pid)) process.kill(group, 'SIGKILL');
      const { code, stderr } = await cli.done;
      expect(code).toBe(1);
      expect(stderr).toMatch(/CT4102.*shop: alembic was killed \(SIGKILL\)/s);
      await query(server().url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop_user'`);
      await converges();
    });

    test('the server ends every session', async () => {
      const cli = place.start('migrate', 'up');
      await asleep();
      await query(
        server().url,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`,
      );
      const { code, stderr } = await cli.done;
      expect([1, 3, 5]).toContain(code);
      expect(stderr).toMatch(/CT4102|CT3004/);
      await converges();
    });
  });
});
