import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { beforeEach, describe, expect, test } from 'vitest';
import { manifestOf, until, urlOf, wipe, workplace, type Workplace } from '../engines/postgres/lifecycle/harness.ts';
import type { RunningCli } from '../support/cli.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { query } from '../support/query.ts';
import { alembicProject } from './alembic.ts';
import { put, usable, world } from './drive.ts';
import { kits } from './kits.ts';
import { toolAt } from './tools.ts';
import { files, rows, up } from './ways.ts';

const alembic = toolAt('alembic');
const npm = usable(kits()).find(({ tool }) => tool === 'node-pg-migrate');

const APPS = `apps:
  shop: { uses: { main: {} }, migrations: { tool: alembic, directory: shop } }
  blog: { uses: { main: { isolation: schema, database: shared } }, migrations: { tool: sql, directory: blog } }
  wiki: { uses: { main: { isolation: schema, database: shared } }, migrations: { tool: sql, directory: wiki } }
`;
/** Goes on when the test has opened the gate: an advisory lock that it holds. */
const GATE = 'SELECT pg_advisory_xact_lock_shared(4711)';

describeEachPostgres('two runs at once', { versions: 'ends' }, (server) => {
  const waiting = async (login: string): Promise<unknown> =>
    await until(server().url, `SELECT pid FROM pg_stat_activity WHERE usename = '${login}' AND wait_event = 'advisory'`);
  /** Holds the gate of a database shut until it is called. */
  async function gate(url: string): Promise<() => Promise<void>> {
    const client = new Client({ connectionString: url });
    // A test that fails leaves it to the server, which ends it.
    client.on('error', () => undefined);
    await client.connect();
    await client.query('SELECT pg_advisory_lock(4711)');
    return async () => await client.end();
  }

  describe.skipIf(alembic === null)('with Alembic and plain files', () => {
    let place: Workplace;
    let running: RunningCli;
    beforeEach(async () => {
      await wipe(server().url);
      place = await workplace(server(), manifestOf(APPS), { PATH: `${dirname(alembic ?? '/bin')}:/usr/bin:/bin`, HOME: '/tmp' });
      await alembicProject(join(place.folder, 'shop'), [{ id: 'a1', up: `CREATE TABLE people (id int); ${GATE}` }]);
      await files(place, 'blog', { '1_a.sql': `CREATE TABLE posts (id int); ${GATE}` });
      await files(place, 'wiki', { '1_a.sql': 'CREATE TABLE pages (id int)' });
      await place.apply();
      return async () => await place[Symbol.asyncDispose]();
    });

    test('of one app: the second is refused and says by whom, or waits and finds nothing to do', { timeout: 240_000 }, async () => {
      const open = await gate(await urlOf(place, 'shop'));
      running = place.start('migrate', 'up', 'shop');
      await waiting('shop_user');
      const refused = await place.cli('migrate', 'up', 'shop');
      expect(refused.code).toBe(6);
      expect(refused.stderr).toMatch(
        /The lock of instance "main" is held by cotenant migrate \S+ pid \d+, since .*Wait for it with --lock-timeout/s,
      );
      const patient = place.start('migrate', 'up', 'shop', '--lock-timeout', '60s');
      await open();
      expect((await running.done).code).toBe(0);
      const { code, stdout } = await patient.done;
      expect([code, stdout]).toEqual([0, expect.stringContaining('Nothing to do')]);
      expect(await query(await urlOf(place, 'shop'), 'SELECT version_num FROM alembic_version')).toEqual([{ version_num: 'a1' }]);
    });

    test('of two apps in one database: one after the other; in two: side by side', { timeout: 240_000 }, async () => {
      const open = await gate(await urlOf(place, 'blog'));
      running = place.start('migrate', 'up', 'blog');
      await waiting('blog_user');
      expect(await up(place, { apps: ['wiki'] })).toMatchObject({ ending: 'locked', steps: [] });
      expect(await up(place, { apps: ['shop'] })).toMatchObject({ ending: 'done', steps: ['shop done'], diagnostics: [] });
      expect(await rows(place)).toMatchObject({ shop: { state: 'current' }, wiki: { state: 'behind' }, blog: { state: 'running' } });
      const patient = place.start('migrate', 'up', 'wiki', '--lock-timeout', '60s');
      await open();
      expect([(await running.done).code, (await patient.done).code]).toEqual([0, 0]);
      expect(await rows(place)).toMatchObject({ blog: { state: 'current' }, wiki: { state: 'current' } });
    });
  });

  test.skipIf(!npm)(
    'of two apps whose tools take one key in their database: the second is refused, or waits',
    { timeout: 240_000 },
    async () => {
      if (!npm) return;
      const other = { ...npm, app: 'nq' };
      await using place = await world(server(), [npm, other]);
      await put(place, 'np', { 'migrations/1700000000001_t.sql': `-- Up Migration\n${GATE};\n-- Down Migration\n` });
      await put(place, 'nq', other.revisions[0].files);
      const open = await gate(await urlOf(place, 'np'));
      const running = place.start('migrate', 'up', 'np');
      await waiting('np_user');
      const refused = await place.cli('migrate', 'up', 'nq');
      expect(refused.code).toBe(6);
      const patient = place.start('migrate', 'up', 'nq', '--lock-timeout', '60s');
      await open();
      expect([(await running.done).code, (await patient.done).code]).toEqual([0, 0]);
      expect(await rows(place)).toMatchObject({ np: { state: 'current' }, nq: { state: 'current' } });
    },
  );
});
