import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { migrationStatus } from '../../src/app/migrate/status.ts';
import { openProject } from '../../src/app/project.ts';
import type { MigrationRow } from '../../src/model/index.ts';
import { manifestOf, urlOf, wipe, workplace, type Workplace } from '../engines/postgres/lifecycle/harness.ts';
import type { PostgresServer } from '../engines/postgres/runtime.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { startLine } from '../support/line.ts';
import { query } from '../support/query.ts';
import { alembicProject } from './alembic.ts';

const APPS = `apps:
  shop: { uses: { main: {} }, migrations: { tool: alembic, directory: shop } }
  blog: { uses: { main: { isolation: schema, database: shared } }, migrations: { tool: alembic, directory: blog } }
  wiki: { uses: { main: { isolation: schema, database: shared } }, migrations: { tool: sql, directory: wiki } }
`;

async function rows(place: Workplace, apps: readonly string[] = []): Promise<Readonly<Record<string, MigrationRow>>> {
  const report = await migrationStatus(await place.open(), apps);
  expect(report.diagnostics).toEqual([]);
  return Object.fromEntries(report.rows.map((row) => [row.app, row]));
}

async function world(server: PostgresServer): Promise<Workplace> {
  await wipe(server.url);
  const place = await workplace(server, manifestOf(APPS));
  for (const app of ['shop', 'blog'])
    await alembicProject(join(place.folder, app), [
      { id: 'a1', up: 'CREATE TABLE t (id int)' },
      { id: 'b2', up: 'ALTER TABLE t ADD n int' },
    ]);
  await alembicProject(join(place.folder, 'wiki'), []);
  await writeFile(join(place.folder, 'wiki', '1_first.sql'), 'CREATE TABLE t (id int)');
  await writeFile(join(place.folder, 'wiki', '1_first.down.sql'), 'DROP TABLE t');
  await writeFile(join(place.folder, 'wiki', '10_third.sql'), 'SELECT 1');
  await writeFile(join(place.folder, 'wiki', '2_second.sql'), 'SELECT 1');
  return place;
}

describeEachPostgres('status of migrations', { versions: 'ends' }, (server) => {
  describe('reads ledgers and files', () => {
    test('before an apply, after it, half way, at head, and where they contradict each other', async () => {
      await using place = await world(server());
      const early = await migrationStatus(await place.open());
      expect(early.diagnostics.map(({ code }) => code)).toEqual(['CT4111', 'CT4111', 'CT4111']);
      expect(early.rows.map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown']);
      await place.apply();
      expect(await rows(place)).toMatchObject({
        shop: { state: 'behind', current: [], head: ['b2'], pending: ['a1', 'b2'], last: null, place: 'shop' },
        blog: { state: 'behind', pending: ['a1', 'b2'], place: 'shared' },
        wiki: { state: 'behind', pending: ['1_first', '2_second', '10_third'], head: ['10_third'] },
      });
      const [shop, blog] = [await urlOf(place, 'shop'), await urlOf(place, 'blog')];
      for (const url of [shop, blog]) await query(url, `CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)`);
      await query(shop, `INSERT INTO alembic_version VALUES ('a1')`);
      await query(blog, `INSERT INTO alembic_version VALUES ('b2')`);
      expect(await rows(place, ['shop', 'blog'])).toMatchObject({
        shop: { state: 'behind', current: ['a1'], pending: ['b2'], drift: [] },
        blog: { state: 'current', current: ['b2'], pending: [] },
      });
      await rm(join(place.folder, 'blog', 'migrations', 'versions', 'b2_x.py'));
      await alembicProject(join(place.folder, 'shop'), [{ id: 'c3', up: '', after: 'a1' }]);
      await query(shop, `CREATE SCHEMA more; CREATE TABLE more.alembic_version (version_num text)`);
      const drifted = await rows(place);
      expect(drifted['blog']).toMatchObject({ state: 'drifted', drift: ['b2 is in the ledger and has no file'] });
      expect(drifted['shop']?.drift).toEqual(['it has 2 heads: b2, c3', expect.stringContaining('it has 2 ledgers: ') as unknown]);
    });

    test('nothing of an app runs with the operator’s rights: a view in the place of a ledger', async () => {
      await using place = await world(server());
      await place.apply();
      const shop = await urlOf(place, 'shop');
      await query(
        shop,
        `CREATE TABLE who (name text);
         CREATE FUNCTION grab() RETURNS text LANGUAGE plpgsql AS $$ BEGIN INSERT INTO who VALUES (session_user); RETURN 'a1'; END $$;
         CREATE VIEW alembic_version AS SELECT grab() AS version_num`,
      );
      const report = await rows(place, ['shop']);
      expect(report['shop']).toMatchObject({ state: 'drifted', drift: [expect.stringContaining('it is no table') as unknown] });
      expect(await query(shop, 'SELECT * FROM who')).toEqual([]);
    });

    test('the command says it, with an exit code', async () => {
      await using place = await world(server());
      await place.apply();
      const text = await place.cli('migrate', 'status');
      expect(text.stdout).toContain('7 pending, 0 drifted');
      expect(text.code).toBe(0);
      const { code, stdout } = await place.cli('migrate', 'status', 'wiki', '--json', '--detailed-exitcode');
      expect(code).toBe(2);
      expect(JSON.parse(stdout)).toMatchObject({
        format: 1,
        rows: [{ app: 'wiki', tool: 'sql', pending: ['1_first', '2_second', '10_third'] }],
      });
      expect((await place.cli('migrate', 'status', 'nobody')).code).toBe(1);
    });
  });

  test('of forty apps sends what it sends of four: a database is asked, not an app', async () => {
    await using line = await startLine(server());
    const sent = async (count: number): Promise<number> => {
      await wipe(server().url);
      const names = Array.from({ length: count }, (_, n) => `app${n}`);
      const uses = names.map(
        (name) =>
          `  ${name}: { uses: { main: { isolation: schema, database: shared, connections: 1 } }, migrations: { tool: sql, directory: ${name} } }\n`,
      );
      await using place = await workplace(server(), manifestOf(`apps:\n${uses.join('')}`));
      for (const name of names) {
        await mkdir(join(place.folder, name));
        await writeFile(join(place.folder, name, '1_first.sql'), 'CREATE TABLE t (id int)');
      }
      expect((await place.apply()).ending).toBe('done');
      const env = { PGHOST: '127.0.0.1', PGPORT: String(line.port), ADMIN_PASSWORD: server().password };
      const project = await openProject({ cwd: place.folder, env });
      line.reset();
      expect((await migrationStatus(project)).rows.map(({ state }) => state)).toEqual(names.map(() => 'behind'));
      return line.pieces;
    };
    // What is sent at once may come in several pieces. One more for each app would be 36.
    expect((await sent(40)) - (await sent(4))).toBeLessThan(18);
  });
});
