import { beforeAll, expect, test } from 'vitest';
import { renderMigrations } from '../../src/app/migrate/render.ts';
import type { Workplace } from '../engines/postgres/lifecycle/harness.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { query, at } from '../support/query.ts';
import { put, usable, world } from './drive.ts';
import { type Kit, kits } from './kits.ts';
import { down, rows, up } from './ways.ts';

/** Their files are programs: nobody can tell what they will send. */
const SILENT = new Set<Kit['tool']>(['knex', 'command']);

describeEachPostgres('all migration tools in one database', { versions: 'both' }, (server) => {
  let place: Workplace;
  let some: readonly Kit[] = [];
  const names = (one: readonly Kit[]): readonly string[] => one.map(({ app }) => app);
  const states = async (): Promise<readonly string[]> => Object.values(await rows(place)).map(({ state }) => state);

  beforeAll(async () => {
    some = usable(kits());
    place = await world(server(), some);
    return async () => await place[Symbol.asyncDispose]();
  }, 1_800_000);

  test('plan, up, nothing more to do, and each in its own schema', { timeout: 500_000 }, async () => {
    for (const { app, revisions } of some) for (const { files } of revisions) await put(place, app, files);
    const { migrations, diagnostics } = await renderMigrations(await place.open());
    expect(diagnostics.map(({ code }) => code)).toEqual(some.filter(({ tool }) => SILENT.has(tool)).map(() => 'CT4113'));
    for (const { tool, app, revisions } of some) {
      const mine = migrations.filter((one) => one.app === app);
      if (SILENT.has(tool)) continue;
      expect(mine.map(({ revision }) => revision)).toEqual(revisions.map(({ id }) => id));
      expect(mine.map(({ sql }) => /CREATE TABLE t\d/.exec(sql)?.[0])).toEqual(['CREATE TABLE t1', 'CREATE TABLE t2', 'CREATE TABLE t3']);
    }
    const came = await up(place, {}, { lockTimeout: 60_000 });
    expect(came.diagnostics).toEqual([]);
    expect(came).toMatchObject({ ending: 'done', steps: names(some).map((app) => `${app} done`) });
    expect(await states()).toEqual(some.map(() => 'current'));
    expect((await up(place)).ending).toBe('nothing-to-do');
    const found = await query(
      at(server().url, { database: 'shared' }),
      `SELECT schemaname AS schema, string_agg(tablename || CASE WHEN tableowner = schemaname || '_owner' THEN '' ELSE ' of ' || tableowner END, ' ' ORDER BY tablename) AS tables
       FROM pg_tables WHERE schemaname !~ '^pg_|^information_schema$' AND tablename ~ '^t[0-9]$' GROUP BY 1 ORDER BY 1`,
    );
    expect(found).toEqual(
      names(some)
        .toSorted()
        .map((schema) => ({ schema, tables: 't1 t2 t3' })),
    );
    expect((await place.plan()).plan.steps).toEqual([]);
  });

  test('down says what it loses where the tool has a way back, and refuses where it has none', { timeout: 500_000 }, async () => {
    for (const { tool, app, ways, revisions } of some) {
      const came = await down(place, app, { steps: 2 }, { confirm: [app], lockTimeout: 60_000 });
      if (!ways.includes('back')) {
        expect([tool, came.diagnostics]).toEqual([tool, [expect.stringMatching(/^CT4115 /)]]);
        continue;
      }
      expect([tool, came.diagnostics, came.ending]).toEqual([tool, [], 'done']);
      expect([tool, came.loses]).toEqual([tool, SILENT.has(tool) ? expect.any(String) : expect.stringMatching(/t3.*t2/)]);
      const row = (await rows(place))[app];
      expect(row).toMatchObject({ state: 'behind', current: [revisions[0].id], pending: [revisions[1].id, revisions[2].id], drift: [] });
    }
    expect((await up(place)).diagnostics).toEqual([]);
    expect(await states()).toEqual(some.map(() => 'current'));
  });
});
