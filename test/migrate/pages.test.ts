import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { migrationTools } from '../../src/model/index.ts';
import type { Workplace } from '../engines/postgres/lifecycle/harness.ts';
import { execFile } from '../support/children.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { cache, checkout } from '../support/places.ts';
import { at, query } from '../support/query.ts';
import { put, rowOf, usable, world } from './drive.ts';
import { type Kit, kits } from './kits.ts';
import { mysqlKits } from './mysql-kits.ts';
import { blocksOnPages, fileOnPage } from './page.ts';
import { toolAt } from './tools.ts';
import { up } from './ways.ts';

/** What a page shows as another way with the same tool. */
const OTHERS: readonly Kit[] = kits()
  .filter(({ tool }) => tool === 'drizzle')
  .map((one) => ({
    ...one,
    app: 'dorm',
    more: 'command: [node, migrate.mjs]',
    files: { ...one.files, 'migrate.mjs': fileOnPage('drizzle', 'migrate.mjs') },
  }));

const BY_HAND = 'by-hand';
const LONG = { timeout: 500_000 };
const isShown = (tool: string, name: string): boolean => blocksOnPages().some((one) => one.tool === tool && one.name === name);

test('every tool has a page, and every file on a page is one that is run', () => {
  const used = [...kits(), ...OTHERS, ...mysqlKits()].flatMap(({ tool, files, page = {} }) =>
    [...Object.keys(files), ...Object.values(page)].map((name) => `${tool} ${name}`),
  );
  const shown = blocksOnPages().filter(({ name }) => name !== BY_HAND);
  expect(shown.filter(({ tool, name }) => !used.includes(`${tool} ${name}`))).toEqual([]);
  expect(migrationTools.filter((tool) => !existsSync(join(checkout, `docs/migrations/${tool}.md`)))).toEqual([]);
});

describeEachPostgres('pages of migration tools', { versions: 'ends' }, (server) => {
  let place: Workplace;
  let some: readonly Kit[] = [];
  const shared = (): string => at(server().url, { database: 'shared' });

  beforeAll(async () => {
    some = usable([...kits(), ...OTHERS]);
    place = await world(server(), some);
    for (const { app, revisions } of some) await put(place, app, revisions[0].files);
    return async () => await place[Symbol.asyncDispose]();
  }, 1_800_000);

  test('by hand, as each page says, a tool stays in its schema', LONG, async () => {
    const byHand = some.filter(({ tool, app }) => isShown(tool, BY_HAND) && app !== 'dorm');
    for (const { tool, app, revisions } of byHand) {
      await shell(place, app, fileOnPage(tool, BY_HAND));
      expect([tool, await rowOf(place, app)]).toMatchObject([tool, { state: 'current', current: [revisions[0].id], drift: [] }]);
    }
    expect(await strays()).toEqual([]);
    const tables = await query(shared(), `SELECT schemaname AS app FROM pg_tables WHERE tablename = 't1' ORDER BY 1`);
    expect(tables.map(({ app }) => app)).toEqual(byHand.map(({ app }) => app).toSorted());
  });

  test('and with cotenant, those as well that have another way', LONG, async () => {
    const came = await up(place, {}, { lockTimeout: 60_000 });
    expect(came).toMatchObject({ ending: 'done', diagnostics: [] });
    expect(await strays()).toEqual([]);
    for (const { app, revisions } of some) expect(await rowOf(place, app)).toMatchObject({ state: 'current', current: [revisions[0].id] });
  });

  describe.skipIf(toolAt('alembic') === null)('Alembic’s autogenerate beside other apps', () => {
    const page = fileOnPage('alembic', 'migrations/env.py');
    const withModels = page.replace(
      'target_metadata = MetaData()',
      `from sqlalchemy import Column, Integer, Table\ntarget_metadata = MetaData()\nTable("t1", target_metadata, Column("id", Integer, primary_key=True))\n`,
    );
    const check = async (text: string): Promise<string> => {
      await put(place, 'al', { 'migrations/env.py': text });
      return await shell(place, 'al', 'alembic check 2>&1 || true');
    };

    test('finds nothing to do as the page has it, and looks into other apps without that', LONG, async () => {
      expect(await check(withModels)).toContain('No new upgrade operations detected');
      const bare = await check(withModels.replace(', "include_name": include_name', ''));
      expect(bare).toMatch(/permission denied for schema \w+/);
      await query(shared(), 'GRANT USAGE ON SCHEMA dm TO al_user, al_owner');
      const one = withModels.replace('kind != "schema" or name is None', 'kind != "schema" or name in (None, "dm")');
      expect(await check(one)).toMatch(/remove_table.*t1.*schema='dm'/s);
      await query(shared(), 'REVOKE USAGE ON SCHEMA dm FROM al_user, al_owner');
      const named = await check(withModels.replace('options = {', 'options = {"version_table_schema": os.environ["POSTGRES_SCHEMA"], '));
      expect(named).toMatch(/remove_table.*alembic_version/s);
    });
  });

  /** Tables that lie in no app’s schema, or belong to somebody else. */
  async function strays(): Promise<readonly unknown[]> {
    return await query(
      shared(),
      `SELECT schemaname, tablename, tableowner FROM pg_tables
       WHERE schemaname !~ '^pg_|^information_schema$' AND (schemaname <> ALL ('{${some.map(({ app }) => app).join()}}') OR tableowner <> schemaname || '_owner')`,
    );
  }
});

/** As somebody would at a terminal, with the app’s variables and the tools in PATH. */
async function shell(place: Workplace, app: string, script: string): Promise<string> {
  const tools = ['clients/python/bin', 'clients/go/bin', 'clients/java', 'clients/node/node_modules/.bin'].map((one) => join(cache, one));
  const env = {
    PATH: [...tools, dirname(process.execPath), '/usr/bin', '/bin'].join(':'),
    HOME: place.folder,
    ...(await place.reveal(app)),
  };
  const { stdout } = await execFile('/bin/sh', ['-ec', script], { cwd: join(place.folder, app), env });
  return stdout;
}
