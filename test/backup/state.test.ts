import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drillApps } from '../../src/app/backup/drill.ts';
import { restoreBackup } from '../../src/app/backup/restore.ts';
import { backupApps } from '../../src/app/backup/save.ts';
import { envOfApp } from '../../src/app/env.ts';
import { statusProject } from '../../src/app/status.ts';
import type { Project, RunOptions } from '../../src/app/types.ts';
import { localInstallations, unpackedInstallations } from '../../src/engines/postgres/local/find.ts';
import { statusJson, statusText } from '../../src/report/status-text.ts';
import { findRestic } from '../engines/postgres/harness.ts';
import type { PostgresServer } from '../engines/postgres/runtime.ts';
import { describeEachPostgres, freshPostgres } from '../support/engines.ts';
import { cache } from '../support/places.ts';
import { type TestProject, testProject } from '../support/project.ts';
import { at, query } from '../support/query.ts';
import { endOf } from './ended.ts';

const restic = findRestic(cache)?.folder ?? '/nowhere';
const installed = [...unpackedInstallations(cache), ...localInstallations()].filter(({ prefix, bin }) =>
  existsSync(join(prefix, bin, 'pg_dump')),
);
const programs = [restic, ...installed.map(({ prefix, bin }) => join(prefix, bin)), '/usr/bin', '/bin'];

const instance = (port: number, admin: string): string =>
  `{ engine: postgres, url: 'postgres://postgres@127.0.0.1:${port}/postgres', password: { env: ${admin} } }`;
const manifest = (one: number, two: number): string => `cotenant: 1
project: saved
instances: { main: ${instance(one, 'ADMIN')}, second: ${instance(two, 'ADMIN2')} }
apps:
  shop: { uses: { main: {}, second: {} } }
  copy: { uses: { main: {}, second: {} } }
backup: { repository: ./backups }
`;

const options: RunOptions = { consent: async () => await Promise.resolve(true) };

describeEachPostgres('an app on two servers', { versions: 'newest' }, (server, major) => {
  describe.skipIf(!existsSync(join(restic, 'restic')) || !installed.some((one) => one.major === major))('and its backups', () => {
    let second: PostgresServer;
    let project: TestProject;
    let env: Record<string, string | undefined>;
    const open = async (more: Record<string, string | undefined> = {}): Promise<Project> => ({
      ...(await project.open()),
      env: { ...env, ...more },
    });
    const inShop = async (sql: string): Promise<unknown> => {
      const { variables } = await envOfApp(await project.open(), 'shop');
      return await query(variables.find(({ name }) => name === 'MAIN_DATABASE_URL')?.value ?? '', sql);
    };

    beforeAll(async () => {
      second = await freshPostgres({ major });
      env = {
        ADMIN: server().password,
        ADMIN2: second.password,
        RESTIC_PASSWORD: 'word',
        PATH: programs.join(delimiter),
        HOME: process.env['HOME'],
      };
      project = await testProject(manifest(server().port, second.port), env);
      expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
      for (const url of [server().url, second.url])
        await query(at(url, { database: 'shop' }), 'SET ROLE shop_owner; CREATE TABLE t AS SELECT n FROM generate_series(1, 50) AS n');
      // Where a setting says so it comes back on no second try.
      await query(
        at(second.url, { database: 'shop' }),
        "SET ROLE shop_owner; CREATE FUNCTION here(int) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN IF current_setting('cotenant.fails', true) = 'on' THEN RAISE 'not here'; END IF; RETURN true; END$$; ALTER TABLE t ADD CHECK (here(n))",
      );
      return async () => await project[Symbol.asyncDispose]();
    });
    afterAll(async () => await second.stop());

    test('status says that nothing is saved, and takes a repository that cannot be read as no error of the servers', async () => {
      const report = await statusProject(await open());
      expect(report.backups).toEqual(['shop', 'copy'].map((app) => ({ app, last: null, proved: null })));
      expect(statusText(report)).toMatch(/APP +LAST BACKUP +GRADE +LAST PROVED +TOOK\nshop +none +never/u);
      const away = await statusProject(await open({ PATH: '/nowhere' }));
      expect(away.backups).toBeUndefined();
      expect(away.diagnostics).toMatchObject([{ code: 'CT4311', severity: 'warning' }]);
      expect(away.placements).toHaveLength(4);
    });

    test('status shows the last backup, its grade, and the last that a drill has proved, with how long it took', async () => {
      expect(await endOf(backupApps(await open(), ['shop'], options))).toMatchObject({ ending: 'done', trouble: '' });
      const saved = (await statusProject(await open())).backups?.[0];
      expect(saved).toMatchObject({ app: 'shop', last: { grade: 'ordered' }, proved: null });
      expect(await endOf(drillApps(await open(), ['shop'], options))).toMatchObject({ ending: 'done', trouble: '' });
      expect(await endOf(drillApps(await open(), ['shop'], options))).toMatchObject({ ending: 'done', trouble: '' });
      const proved = await statusProject(await open());
      expect(proved.backups?.[0]).toMatchObject({ last: saved?.last, proved: { run: saved?.last?.run, seconds: expect.any(Number) } });
      expect(statusText(proved)).toMatch(/shop +\d{4}-\d{2}-\d{2} \d{2}:\d{2} +ordered +\d{4}-\d{2}-\d{2} \d{2}:\d{2} +[\d.]+ s\n/u);
      expect(JSON.parse(statusJson(proved))).toMatchObject({ backups: [{ app: 'shop' }, { app: 'copy', last: null }] });
    });

    test('a restore that failed on the second goes on there, and writes over nothing else', async () => {
      const request = { app: 'shop', from: 'latest', as: 'copy' } as const;
      await query(second.url, "ALTER DATABASE copy SET cotenant.fails = 'on'");
      expect(await endOf(restoreBackup(await open(), request, options))).toMatchObject({
        ending: 'failed',
        trouble: expect.stringMatching(/CT4303: .*not here/u),
      });
      await query(second.url, 'ALTER DATABASE copy RESET cotenant.fails');
      const done = await endOf(restoreBackup(await open(), request, options));
      expect(done).toMatchObject({ ending: 'done', trouble: '' });
      expect(done.said).toContain('main: brought back by an earlier run already');
      for (const url of [server().url, second.url])
        expect(await query(at(url, { database: 'copy' }), 'SELECT count(*)::int AS n FROM t')).toEqual([{ n: 50 }]);
      expect(await endOf(restoreBackup(await open(), request, options))).toMatchObject({ trouble: expect.stringContaining('CT4306') });
    });

    test('a drill that takes too long is given up, leaves nothing, and proves nothing', async () => {
      await inShop(
        "CREATE FUNCTION slow(int) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN IF current_database() <> 'shop' THEN PERFORM pg_sleep(60); END IF; RETURN true; END$$; CREATE TABLE slowly (n int CHECK (slow(n))); INSERT INTO slowly VALUES (1)",
      );
      expect(await endOf(backupApps(await open(), ['shop'], options))).toMatchObject({ ending: 'done', trouble: '' });
      expect(await endOf(drillApps(await open(), ['shop'], { ...options, limit: 4000 }))).toMatchObject({
        ending: 'failed',
        trouble: 'CT4334: the drill of "shop" was given up after 4 s, and its place removed',
      });
      const left =
        "SELECT datname FROM pg_database WHERE datname LIKE 'cotenant_drill%' UNION ALL SELECT rolname FROM pg_roles WHERE rolname LIKE 'cotenant_drill%'";
      for (const url of [server().url, second.url]) expect(await query(url, left)).toEqual([]);
      const [shop] = (await statusProject(await open())).backups ?? [];
      expect(shop?.proved?.run).not.toBe(shop?.last?.run);
    });
  });
});
