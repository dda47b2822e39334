import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { Repository } from '../../src/backup/repository.ts';
import { backupsOf } from '../../src/app/backup/find.ts';
import { drillApps } from '../../src/app/backup/drill.ts';
import { restoreBackup } from '../../src/app/backup/restore.ts';
import { backupApps } from '../../src/app/backup/save.ts';
import type { Project } from '../../src/app/types.ts';
import { localInstallations, unpackedInstallations } from '../../src/engines/postgres/local/find.ts';
import { envOfApp } from '../../src/app/env.ts';
import { findRestic } from '../engines/postgres/harness.ts';
import { spawn } from '../support/children.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { cache } from '../support/places.ts';
import { type TestProject, testProject } from '../support/project.ts';
import { at, query } from '../support/query.ts';
import { type Ended, endOf } from './ended.ts';

const PASSWORD = 'repository-canary-word';
const restic = findRestic(cache)?.folder ?? '/nowhere';
const installed = [...unpackedInstallations(cache), ...localInstallations()].filter(({ prefix, bin }) =>
  existsSync(join(prefix, bin, 'pg_dump')),
);
const clients = installed.map(({ prefix, bin }) => join(prefix, bin));
const programs = [restic, ...clients, '/usr/bin', '/bin'];
const has = existsSync(join(restic, 'restic'));

const manifest = (port: number, more = ''): string => `cotenant: 1
project: saved
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${port}/postgres', password: { env: ADMIN } } }
apps:
  shop: { uses: { main: {} } }
  copy: { uses: { main: {} } }
  crm: { uses: { main: { isolation: schema, database: shared } } }
backup: { repository: ./backups${more} }
`;

const options = { consent: async () => await Promise.resolve(true) };

describeEachPostgres('backups in a repository', { versions: 'newest' }, (server, major) => {
  describe.skipIf(!has || !installed.some((one) => one.major === major))('of restic, with the clients of the server', () => {
    let project: TestProject;
    let env: Record<string, string | undefined>;
    const open = async (more: Record<string, string | undefined> = {}): Promise<Project> => ({
      ...(await project.open()),
      env: { ...env, ...more },
    });
    const backup = async (...apps: string[]): Promise<Ended> => await endOf(backupApps(await open(), apps, options));
    const drill = async (...apps: string[]): Promise<Ended> => await endOf(drillApps(await open(), apps, options));
    const inShop = async (sql: string): Promise<unknown> => {
      const { variables } = await envOfApp(await project.open(), 'shop');
      return await query(variables.find(({ name }) => name === 'DATABASE_URL')?.value ?? '', sql);
    };

    beforeAll(async () => {
      env = { ADMIN: server().password, RESTIC_PASSWORD: PASSWORD, PATH: programs.join(delimiter), HOME: process.env['HOME'] };
      project = await testProject(manifest(server().port), env);
      expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
      await inShop(
        'CREATE TABLE orders (id int PRIMARY KEY, note text); INSERT INTO orders SELECT n, md5(n::text) FROM generate_series(1, 2000) AS n',
      );
      return async () => await project[Symbol.asyncDispose]();
    });

    test('an app is saved, listed, proved and brought back into another one', async () => {
      expect(await backup('shop', 'crm')).toMatchObject({ ending: 'done', trouble: '' });
      const [newest] = await backupsOf(await open(), 'shop');
      expect(newest).toMatchObject({ app: 'shop', proved: null });
      expect(await drill('shop')).toMatchObject({ ending: 'done', trouble: '' });
      expect((await backupsOf(await open())).map(({ app, proved }) => [app, proved === null])).toEqual([
        ['crm', true],
        ['shop', false],
      ]);
      const request = { app: 'shop', from: { run: newest?.run ?? '' }, as: 'copy' };
      expect(await endOf(restoreBackup(await open(), request, options))).toMatchObject({ ending: 'done', trouble: '' });
      expect(await query(at(server().url, { database: 'copy' }), 'SELECT count(*)::int AS n FROM orders')).toEqual([{ n: 2000 }]);
      expect(await endOf(restoreBackup(await open(), request, options))).toMatchObject({
        ending: 'failed',
        trouble: expect.stringContaining('CT4306: "copy" has something on "main" already: table public.orders'),
      });
      expect(await project.plan()).toMatchObject({ plan: { steps: [] } });
    });

    test('nothing is left in the folder of the project, and no secret in the repository’s words', async () => {
      const home = join(project.path, '.cotenant');
      expect((await readdir(home)).filter((name) => name.startsWith('staging'))).toEqual([]);
      const runs = await Promise.all(
        (await readdir(join(home, 'runs'))).map(async (name) => await readFile(join(home, 'runs', name), 'utf8')),
      );
      expect(runs.join('\n')).not.toContain(PASSWORD);
    });

    test('the lock of a restic that was killed goes with the next run, and that of one at work is waited for', async () => {
      expect(await backup('shop')).toMatchObject({ ending: 'done' });
      const locks = join(project.path, 'backups/locks');
      const words = { env: { ...env, RESTIC_REPOSITORY: join(project.path, 'backups') } };
      const killed = spawn(join(restic, 'restic'), ['backup', '--stdin', '--quiet'], words);
      while ((await readdir(locks)).length === 0) await sleep(50);
      killed.kill('SIGKILL');
      await once(killed, 'exit');
      expect(await readdir(locks)).toHaveLength(1);
      expect(await drill('shop')).toMatchObject({ ending: 'done', trouble: '' });
      expect(await readdir(locks)).toEqual([]);

      const working = spawn(join(restic, 'restic'), ['backup', '--stdin', '--quiet'], words);
      while ((await readdir(locks)).length === 0) await sleep(50);
      const drilled = drill('shop');
      working.stdin.end('data');
      expect(await drilled).toMatchObject({ ending: 'done', trouble: '' });
    });

    test('what a killed run has left goes with the next one', async () => {
      const left = join(project.path, '.cotenant/staging-killed');
      await mkdir(join(left, 'postgres-main'), { recursive: true });
      await writeFile(join(left, 'postgres-main/dump.pgdump'), 'rows');
      await writeFile(`${left}.lock`, '');
      expect(await backup('shop')).toMatchObject({ ending: 'done' });
      expect(existsSync(left)).toBe(false);
    });

    test('a backup that was damaged turns the drill red, and is not proved', async () => {
      const opened = await open();
      const repository = await Repository.open({
        at: join(project.path, 'backups'),
        password: PASSWORD,
        env: { PATH: env['PATH'] ?? '', HOME: env['HOME'] ?? '/' },
        programs,
      });
      const [snapshot] = await repository.list({ project: 'saved', app: 'shop' }, opened.signal);
      if (!snapshot) throw new Error('there is a backup');
      const folder = join(project.path, 'damaged');
      await mkdir(folder);
      await repository.restore(snapshot, folder, opened.signal);
      const file = join(folder, 'postgres-main/dump.pgdump');
      const dump = await readFile(file);
      const note = dump.indexOf(Buffer.from('c4ca4238a0b923820dcc509a6f75849b'));
      expect(note).toBeGreaterThan(0);
      dump[note] = 'd'.charCodeAt(0);
      await writeFile(file, dump);
      await repository.keep(folder, { project: 'saved', app: 'shop', run: `${snapshot.run}-damaged` }, opened.signal, () => undefined);
      const outcome = await drill('shop');
      expect(outcome).toMatchObject({
        ending: 'failed',
        trouble: expect.stringMatching(/CT4307: shop: what came back of .* is not what was saved: table public\.orders is another one/),
      });
      expect((await backupsOf(opened, 'shop'))[0]).toMatchObject({ proved: null });
      expect(
        await query(at(server().url, { database: 'postgres' }), "SELECT datname FROM pg_database WHERE datname LIKE 'cotenant_drill%'"),
      ).toEqual([]);
      // The next one is whole again.
      expect(await backup('shop')).toMatchObject({ ending: 'done' });
      expect(await drill('shop')).toMatchObject({ ending: 'done', trouble: '' });
    });

    test('an empty dump, and a program that fails, are no backup', async () => {
      const count = (await backupsOf(await open())).length;
      const folder = join(project.path, 'broken');
      await mkdir(folder);
      await writeFile(
        join(folder, 'pg_dump'),
        '#!/bin/sh\n[ "$1" = --version ] && exec echo "pg_dump (PostgreSQL) 18.99"\necho "pg_dump: error: the server said no" >&2\nexit 1\n',
      );
      await writeFile(join(folder, 'pg_restore'), '#!/bin/sh\n');
      await chmod(join(folder, 'pg_dump'), 0o755);
      const outcome = await endOf(
        backupApps(await open({ PATH: [folder, restic, '/usr/bin', '/bin'].join(delimiter) }), ['shop'], options),
      );
      expect(outcome).toMatchObject({ ending: 'failed', trouble: 'CT4303: pg_dump failed: pg_dump: error: the server said no' });
      expect((await backupsOf(await open())).length).toBe(count);
    });

    test.each([
      ['no restic', { PATH: '/nowhere' }, 'CT4311', /there is no restic on this machine/],
      ['another password', { RESTIC_PASSWORD: 'another' }, 'CT4312', /the password is not its own/],
      ['no password', { RESTIC_PASSWORD: undefined }, 'CT4310', /has no password/],
      [
        'a password file that is not there',
        { RESTIC_PASSWORD: undefined, RESTIC_PASSWORD_FILE: '/nowhere/word' },
        'CT4310',
        /cannot be read \(ENOENT\)/,
      ],
    ])('%s is told before anything is done', async (_name, more, code, message) => {
      const opened = await open(more);
      await expect(endOf(backupApps(opened, ['shop'], options))).rejects.toMatchObject({
        diagnostics: [{ code, message: expect.stringMatching(message) }],
      });
      await expect(endOf(backupApps(opened, ['shop'], options))).rejects.not.toMatchObject({
        diagnostics: [{ message: expect.stringContaining(PASSWORD) }],
      });
    });

    test('an old restic is named with its version', async () => {
      const folder = join(project.path, 'old');
      await mkdir(folder);
      await writeFile(join(folder, 'restic'), '#!/bin/sh\necho "restic 0.14.0 compiled with go"\n', { mode: 0o755 });
      const opened = await open({ PATH: folder });
      await expect(endOf(backupApps(opened, ['shop'], options))).rejects.toMatchObject({
        diagnostics: [{ code: 'CT4311', message: expect.stringContaining('which is 0.14.0') }],
      });
    });

    test('a client of another version is not used', async () => {
      const folder = join(project.path, 'other');
      await mkdir(folder);
      for (const name of ['pg_dump', 'pg_restore'])
        await writeFile(join(folder, name), '#!/bin/sh\necho "pg_dump (PostgreSQL) 13.4"\n', { mode: 0o755 });
      expect(await endOf(backupApps(await open({ PATH: [folder, restic].join(delimiter) }), ['shop'], options))).toMatchObject({
        ending: 'failed',
        trouble: expect.stringMatching(/CT4302: PostgreSQL \d+ needs pg_dump and pg_restore \d+, and this machine has 13\.4/),
      });
    });

    test('of a moment is the newest of then or before', async () => {
      const [newest] = await backupsOf(await open(), 'shop');
      const before = new Date(Date.parse(newest?.at ?? '') - 3_600_000).toISOString();
      await expect(endOf(restoreBackup(await open(), { app: 'shop', from: { until: before }, as: 'copy' }, options))).rejects.toMatchObject(
        {
          diagnostics: [
            {
              code: 'CT4314',
              message: `there is no backup of "shop" from ${before} or before`,
              hint: expect.stringContaining('the oldest is of 20'),
            },
          ],
        },
      );
      const until = new Date().toISOString();
      expect(await endOf(restoreBackup(await open(), { app: 'shop', from: { until }, as: 'copy' }, options))).toMatchObject({
        trouble: expect.stringContaining('CT4306'),
      });
    });

    test('what does not exist is told', async () => {
      await expect(endOf(restoreBackup(await open(), { app: 'nobody', from: 'latest', as: 'copy' }, options))).rejects.toMatchObject({
        diagnostics: [{ code: 'CT4314' }],
      });
      await expect(endOf(restoreBackup(await open(), { app: 'shop', from: { run: '2020' }, as: 'copy' }, options))).rejects.toMatchObject({
        diagnostics: [{ code: 'CT4314' }],
      });
      expect(await drill('copy')).toMatchObject({ ending: 'failed', trouble: expect.stringContaining('CT4314') });
    });
  });
});
