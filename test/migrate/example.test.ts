import { cp, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { wipe, workplace } from '../engines/postgres/lifecycle/harness.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { checkout } from '../support/places.ts';
import { query } from '../support/query.ts';
import { toolAt } from './tools.ts';

const alembic = toolAt('alembic');
const folder = join(checkout, 'examples/alembic');

describeEachPostgres('examples/alembic', { versions: 'both' }, (server) => {
  describe.skipIf(alembic === null)('with the real tool', () => {
    test('up for all in their order, one step back, back to a revision, and ready before and after', { timeout: 180_000 }, async () => {
      await wipe(server().url);
      const { host, port, password } = server();
      const path = `${dirname(alembic ?? '/bin')}:/usr/bin:/bin`;
      const env = { PGHOST: host, PGPORT: String(port), PGPASSWORD: password, PATH: path };
      await using place = await workplace(server(), await readFile(join(folder, 'cotenant.yaml'), 'utf8'), env);
      await cp(folder, place.folder, { recursive: true });
      expect(await place.apply()).toMatchObject({ ending: 'done' });

      const early = await place.cli('ready', 'chat');
      expect(early.code).toBe(1);
      expect(early.stdout).toContain('revision chat_0003 is not applied; run cotenant migrate up chat');
      expect(early.stdout).toContain('table "conversations" is missing; run cotenant migrate up chat');

      const up = await place.cli('migrate', 'up');
      expect([up.code, up.stderr]).toEqual([0, expect.not.stringContaining('error')]);
      const status = await place.cli('migrate', 'status', '--json', '--detailed-exitcode');
      expect(status.code).toBe(0);
      expect(JSON.parse(status.stdout)).toMatchObject({
        rows: [
          { app: 'core', current: ['core_0004'], place: 'core' },
          { app: 'learning', current: ['learning_0004'] },
          { app: 'chat', current: ['chat_0004'], place: 'shared' },
        ],
      });
      const shared = server().url.replace(/\/postgres(?=$|\?)/, '/shared');
      expect(await query(shared, `SELECT schemaname FROM pg_tables WHERE tablename = 'alembic_version'`)).toEqual([{ schemaname: 'chat' }]);
      for (const app of ['core', 'learning', 'chat']) expect((await place.cli('ready', app)).code).toBe(0);

      expect((await place.cli('migrate', 'down', 'learning', '--steps', '1')).code).toBe(0);
      expect((await place.cli('ready', 'learning')).stdout).toContain('1 pending: learning_0004');
      const refused = await place.cli('migrate', 'down', 'chat', '--to', 'chat_0001');
      expect(refused.code).toBe(7);
      expect(refused.stdout).toContain('column closed of conversations');
      expect((await place.cli('migrate', 'down', 'chat', '--to', 'chat_0001', '--confirm=chat')).code).toBe(0);
      expect((await place.cli('ready', 'chat')).stdout).toContain('revision chat_0003 is not applied');
      expect((await place.cli('migrate', 'up')).code).toBe(0);

      await query(server().url.replace(/\/postgres(?=$|\?)/, '/core'), 'DROP TABLE reasoning_contexts');
      const missing = await place.cli('ready', 'core');
      expect(missing.code).toBe(1);
      expect(missing.stdout).toContain('table "reasoning_contexts" is missing');
    });
  });
});
