import { symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { renderMigrations } from '../../src/app/migrate/render.ts';
import { manifestOf, workplace, type Workplace } from '../engines/mysql/lifecycle/harness.ts';
import { describeEachMysql } from '../support/engines-mysql.ts';
import { cache } from '../support/places.ts';
import { usable } from './drive.ts';
import type { Kit } from './kits.ts';
import { mysqlKits } from './mysql-kits.ts';
import { down, files, rows, up } from './ways.ts';

/** Their files are programs: nobody can tell what they will send. */
const SILENT = new Set<Kit['tool']>(['knex', 'command']);
const LONG = { timeout: 500_000 };

describeEachMysql('migration tools', { versions: 'kinds' }, (server) => {
  let place: Workplace;
  let some: readonly Kit[] = [];
  const manifest = (): string =>
    manifestOf(
      `apps:\n${some
        .map(
          ({ tool, app, directory = '', more }) =>
            `  ${app}: { uses: { main: { connections: 5 } }, migrations: { tool: ${tool}, directory: ${join(app, directory)}${more === undefined ? '' : `, ${more}`} } }\n`,
        )
        .join('')}  gm: { uses: { main: { connections: 5 } }, migrations: { tool: golang-migrate, directory: gm } }\n`,
    );

  beforeAll(async () => {
    some = usable(mysqlKits());
    const tools = ['clients/go/bin', 'clients/java', 'clients/node/node_modules/.bin'].map((one) => join(cache, one));
    place = await workplace(server(), manifest(), {
      PATH: [...tools, dirname(process.execPath), '/usr/bin', '/bin'].join(':'),
      HOME: '/tmp',
    });
    await symlink(join(cache, 'clients/node/node_modules'), join(place.folder, 'node_modules'));
    await symlink(join(cache, 'clients/python'), join(place.folder, '.venv'));
    for (const kit of some) for (const more of [kit.files, ...kit.revisions.map((one) => one.files)]) await files(place, kit.app, more);
    await files(place, 'gm', { '1_t.up.sql': 'CREATE TABLE t1 (id int)' });
    expect(await place.apply()).toMatchObject({ ending: 'done' });
    return async () => await place[Symbol.asyncDispose]();
  }, 1_800_000);

  test('are rendered, come up, each in its own database, and once', LONG, async () => {
    const apps = some.map(({ app }) => app);
    const { migrations, diagnostics } = await renderMigrations(await place.open(), apps);
    expect(diagnostics.map(({ code }) => code)).toEqual(some.filter(({ tool }) => SILENT.has(tool)).map(() => 'CT4113'));
    for (const { tool, app } of some) {
      const found = migrations.filter((one) => one.app === app).map(({ sql }) => /CREATE TABLE (?:\w+\.)?(t\d)/.exec(sql)?.[1]);
      expect([tool, found]).toEqual([tool, SILENT.has(tool) ? [] : ['t1', 't2', 't3']]);
    }
    expect(await up(place, { apps })).toMatchObject({ ending: 'done', diagnostics: [] });
    for (const { app, revisions } of some) {
      expect((await rows(place))[app]).toMatchObject({ state: 'current', current: [revisions[2].id], pending: [], drift: [] });
      expect(
        await place.as(app, `SELECT table_name AS t FROM information_schema.tables WHERE table_name IN ('t1', 't2', 't3') ORDER BY 1`),
      ).toEqual(['t1', 't2', 't3'].map((t) => ({ t })));
    }
    expect((await up(place, { apps })).ending).toBe('nothing-to-do');
  });

  test('go back where the tool has a way, and say what that loses', LONG, async () => {
    for (const { tool, app, ways, revisions } of some) {
      const came = await down(place, app, { steps: 2 }, { confirm: [app] });
      if (!ways.includes('back')) {
        expect([tool, came.diagnostics]).toEqual([tool, [expect.stringMatching(/^CT4115 /)]]);
        continue;
      }
      expect([tool, came.diagnostics, came.ending]).toEqual([tool, [], 'done']);
      expect([tool, came.loses]).toEqual([tool, SILENT.has(tool) ? expect.any(String) : expect.stringMatching(/t3.*t2/)]);
      expect((await rows(place))[app]).toMatchObject({
        current: [revisions[0].id],
        pending: [revisions[1].id, revisions[2].id],
        drift: [],
      });
    }
    expect((await up(place, { apps: some.map(({ app }) => app) })).diagnostics).toEqual([]);
  });

  const liquibase = usable(mysqlKits()).find(({ tool }) => tool === 'liquibase');
  test.skipIf(!liquibase)('a lock row of Liquibase is seen, stays, and nothing is run over it', LONG, async () => {
    const app = liquibase?.app ?? '';
    await place.as(app, `UPDATE DATABASECHANGELOGLOCK SET LOCKED = 1, LOCKEDBY = 'gone (10.0.0.1)', LOCKGRANTED = now()`);
    await files(place, app, { 'changes/0004.sql': '--liquibase formatted sql\n--changeset ann:4\nCREATE TABLE t4 (id int);\n' });
    expect((await rows(place))[app]).toMatchObject({ state: 'drifted', drift: [expect.stringMatching(/lock row is taken by gone/)] });
    expect((await place.cli('migrate', 'plan', app)).stdout).toContain('CREATE TABLE t4');
    expect((await up(place, { apps: [app] })).diagnostics.join()).toMatch(/CT4106 lb: .*lock row is taken by gone.*release-locks/);
    await place.as(app, 'UPDATE DATABASECHANGELOGLOCK SET LOCKED = 0, LOCKEDBY = NULL, LOCKGRANTED = NULL');
    expect(await up(place, { apps: [app] })).toMatchObject({ ending: 'done', diagnostics: [] });
    expect((await up(place, { apps: [app] })).ending).toBe('nothing-to-do');
  });

  test('golang-migrate would have to show the password to the whole machine: it is not started', async () => {
    const { ending, diagnostics } = await up(place, { apps: ['gm'] });
    expect(ending).toBe('failed');
    expect(diagnostics.join()).toMatch(/CT4127 gm: golang-migrate takes the password of this server in its arguments only/);
  });
});
