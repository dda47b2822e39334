import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { backupsOf } from '../../src/app/backup/find.ts';
import { restoreBackup, undoRestore } from '../../src/app/backup/restore.ts';
import { backupApps } from '../../src/app/backup/save.ts';
import { envOfApp } from '../../src/app/env.ts';
import type { Project, RunOptions } from '../../src/app/types.ts';
import { verifyProject } from '../../src/app/verify.ts';
import { localInstallations, unpackedInstallations } from '../../src/engines/postgres/local/find.ts';
import { findRestic } from '../engines/postgres/harness.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { cache } from '../support/places.ts';
import { type TestProject, testProject } from '../support/project.ts';
import { at, query } from '../support/query.ts';
import { type Ended, endOf } from './ended.ts';

const restic = findRestic(cache)?.folder ?? '/nowhere';
const installed = [...unpackedInstallations(cache), ...localInstallations()].filter(({ prefix, bin }) =>
  existsSync(join(prefix, bin, 'pg_dump')),
);
const programs = [restic, ...installed.map(({ prefix, bin }) => join(prefix, bin)), '/usr/bin', '/bin'];

const manifest = (port: number): string => `cotenant: 1
project: saved
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${port}/postgres', password: { env: ADMIN } } }
apps:
  shop: { uses: { main: { extensions: [citext] } } }
  blog: { uses: { main: {} } }
  crm: { uses: { main: { isolation: schema, database: shared } } }
readers: { eye: { reads: [shop] } }
backup: { repository: ./backups }
`;

/** What is told counts as trouble too: a refusal comes before any step. */
async function end(events: Parameters<typeof endOf>[0]): Promise<Ended> {
  const ended = await endOf(events);
  return { ...ended, trouble: [ended.trouble, ended.told].filter((part) => part !== '').join('; ') };
}

const options: RunOptions = { consent: async () => await Promise.resolve(true) };
const agreed: RunOptions = { ...options, confirm: ['shop'] };
const request = { app: 'shop', from: 'latest', as: 'shop' };

describeEachPostgres('a restore in place', { versions: 'ends' }, (server, major) => {
  describe.skipIf(!existsSync(join(restic, 'restic')) || !installed.some((one) => one.major === major))('with restic', () => {
    let project: TestProject;
    const open = async (): Promise<Project> => ({
      ...(await project.open()),
      env: { ADMIN: server().password, RESTIC_PASSWORD: 'word', PATH: programs.join(delimiter), HOME: process.env['HOME'] },
    });
    const urlOf = async (app: string): Promise<string> =>
      (await envOfApp(await project.open(), app)).variables.find(({ name }) => name === 'DATABASE_URL')?.value ?? '';
    const inShop = async (sql: string): Promise<unknown> => await query(await urlOf('shop'), sql);
    const notes = async (): Promise<unknown> =>
      await inShop("SELECT count(*)::int AS n, count(*) FILTER (WHERE note = 'later')::int AS later FROM orders");
    const databases = async (): Promise<readonly string[]> =>
      (await query(server().url, "SELECT datname::text AS n FROM pg_database WHERE datname LIKE 'shop%' ORDER BY 1")).map(({ n }) =>
        String(n),
      );
    const today = new Date().toISOString().slice(0, 10).replaceAll('-', '');
    const saved = [{ n: 500, later: 0 }];

    beforeAll(async () => {
      project = await testProject(manifest(server().port), { ADMIN: server().password });
      expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
      await inShop(
        "CREATE TABLE orders (id serial PRIMARY KEY, note citext); INSERT INTO orders (note) SELECT md5(n::text) FROM generate_series(1, 500) AS n; ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON orders TO shop_ro USING (id > 3); CREATE SCHEMA side; CREATE TABLE side.t AS SELECT 1 AS n; SELECT lo_from_bytea(0, '\\xabcd'); COMMENT ON TABLE orders IS 'of the shop'",
      );
      await query(await urlOf('crm'), 'CREATE TABLE t (n int)');
      expect(await end(backupApps(await open(), ['shop', 'crm'], options))).toMatchObject({ ending: 'done', trouble: '' });
      return async () => await project[Symbol.asyncDispose]();
    });

    test('wants the app’s name, and changes nothing without it', async () => {
      await inShop("INSERT INTO orders (note) VALUES ('later')");
      const before = await databases();
      const refused = await end(restoreBackup(await open(), request, options));
      expect(refused).toMatchObject({ ending: 'refused', trouble: expect.stringContaining('--confirm=shop') });
      expect(refused.trouble).toContain('nothing of it deleted');
      expect(await databases()).toEqual(before);
      expect(await notes()).toEqual([{ n: 501, later: 1 }]);
    });

    test('brings the backup back under the app’s own names, and keeps what was there', async () => {
      const client = new pg.Client({ connectionString: await urlOf('shop') });
      client.on('error', () => undefined);
      await client.connect();
      const done = await end(restoreBackup(await open(), request, agreed));
      expect(done).toMatchObject({ ending: 'done', trouble: '' });
      expect(done.said).toContain(`kept as database "shop__gone_${today}"`);
      expect(done.said).toContain('its walls hold');
      await expect(client.query('SELECT 1')).rejects.toThrow();
      expect(await notes()).toEqual(saved);
      expect(await databases()).toEqual(['shop', `shop__gone_${today}`]);
      // Nobody of the project comes into what was put aside, and a plan has nothing to do.
      const url = new URL(await urlOf('shop'));
      url.pathname = `/shop__gone_${today}`;
      await expect(query(url.href, 'SELECT 1')).rejects.toThrow(/not currently accepting connections/);
      expect((await project.plan()).plan).toMatchObject({ steps: [], diagnostics: [] });
      expect((await verifyProject(await project.open())).report.findings).toEqual([]);
      expect(await query(server().url, "SELECT rolname FROM pg_roles WHERE rolname LIKE 'cotenant_drill%'")).toEqual([]);
      // The sequence goes on, the reader reads, and everything is the owner's.
      expect(await inShop("INSERT INTO orders (note) VALUES ('later') RETURNING id")).toEqual([{ id: 501 }]);
      expect(
        await query(
          at(server().url, { database: 'shop' }),
          "SELECT DISTINCT pg_get_userbyid(relowner)::text AS o FROM pg_class WHERE relnamespace IN ('public'::regnamespace, 'side'::regnamespace) AND relkind IN ('r', 'S')",
        ),
      ).toEqual([{ o: 'shop_owner' }]);
    });

    test('--undo brings back what was put aside, and keeps what was there', async () => {
      expect(await end(undoRestore(await open(), 'shop', options))).toMatchObject({ ending: 'refused' });
      expect(await end(undoRestore(await open(), 'shop', agreed))).toMatchObject({ ending: 'done', trouble: '' });
      expect(await notes()).toEqual([{ n: 501, later: 1 }]);
      expect(await databases()).toEqual(['shop', `shop__gone_${today}_2`]);
      expect((await project.plan()).plan).toMatchObject({ steps: [], diagnostics: [] });
    });

    test('nobody is thrown out who is not of the project', async () => {
      const stranger = new pg.Client({ connectionString: at(server().url, { database: 'shop' }) });
      await stranger.connect();
      const held = await end(restoreBackup(await open(), request, agreed));
      expect(held).toMatchObject({ ending: 'partly', trouble: expect.stringMatching(/CT2031: .*1 of postgres in database shop/) });
      expect((await stranger.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
      expect(await notes()).toEqual([{ n: 501, later: 1 }]);
      await stranger.end();
      // What waits beside is in no plan, and goes with the next run.
      expect(await databases()).toContain('shop__restoring');
      expect((await project.plan()).plan).toMatchObject({ steps: [], diagnostics: [] });
      expect(await end(restoreBackup(await open(), request, agreed))).toMatchObject({ ending: 'done', trouble: '' });
      expect(await notes()).toEqual(saved);
      expect(await databases()).not.toContain('shop__restoring');
    });

    test('who was given something by hand is asked for by name, and loses it no other way', async () => {
      await query(server().url, 'CREATE ROLE bi LOGIN');
      const inside = at(server().url, { database: 'shop' });
      await query(inside, "INSERT INTO orders (note) VALUES ('later')");
      await query(inside, 'GRANT SELECT ON orders TO bi');
      const refused = await end(restoreBackup(await open(), request, agreed));
      expect(refused).toMatchObject({ ending: 'refused', trouble: expect.stringMatching(/CT4009: "bi" .*no backup has them/) });
      expect(await notes()).toEqual([{ n: 501, later: 1 }]);
      expect(await end(restoreBackup(await open(), request, { ...options, confirm: ['shop', 'bi'] }))).toMatchObject({ ending: 'done' });
      expect(await notes()).toEqual(saved);
      await query(server().url, 'DROP DATABASE shop__restoring').catch(() => undefined);
    });

    test('where it is as it was saved, nothing is replaced', async () => {
      const before = await databases();
      const done = await end(restoreBackup(await open(), request, agreed));
      expect(done).toMatchObject({ ending: 'done', trouble: '' });
      expect(done.said).toContain('nothing is replaced');
      expect(await databases()).toEqual(before);
    });

    test('what has the name that it needs, and is not its own, stays', async () => {
      await inShop("INSERT INTO orders (note) VALUES ('later')");
      await query(server().url, 'CREATE DATABASE shop__restoring');
      expect(await end(restoreBackup(await open(), request, agreed))).toMatchObject({ trouble: expect.stringContaining('CT4332') });
      expect(await databases()).toContain('shop__restoring');
      await query(server().url, 'DROP DATABASE shop__restoring');
    });

    test('an app that has no database of its own is refused before anything is done', async () => {
      await expect(end(restoreBackup(await open(), { app: 'crm', from: 'latest', as: 'crm' }, options))).rejects.toMatchObject({
        diagnostics: [{ code: 'CT4331' }],
      });
      expect((await backupsOf(await open(), 'crm')).length).toBe(1);
    });
  });
});
