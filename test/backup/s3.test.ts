import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { drillApps } from '../../src/app/backup/drill.ts';
import { backupsOf, checkRepository } from '../../src/app/backup/find.ts';
import { pruningOf } from '../../src/app/backup/prune.ts';
import { restoreBackup } from '../../src/app/backup/restore.ts';
import { backupApps } from '../../src/app/backup/save.ts';
import type { Project, RunOptions } from '../../src/app/types.ts';
import { localInstallations, unpackedInstallations } from '../../src/engines/postgres/local/find.ts';
import { findRestic } from '../engines/postgres/harness.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { cache } from '../support/places.ts';
import { type TestProject, testProject } from '../support/project.ts';
import { at, query } from '../support/query.ts';
import { type S3, s3Server, startS3 } from './s3.ts';
import { endOf } from './ended.ts';

const KEY = 'canary-secret-access-key';
const restic = findRestic(cache)?.folder ?? '/nowhere';
const installed = [...unpackedInstallations(cache), ...localInstallations()].filter(({ prefix, bin }) =>
  existsSync(join(prefix, bin, 'pg_dump')),
);
const programs = [restic, ...installed.map(({ prefix, bin }) => join(prefix, bin)), '/usr/bin', '/bin'];

const manifest = (port: number, repository: string, credentials: string): string => `cotenant: 1
project: saved
instances: { main: { engine: postgres, url: 'postgres://postgres@127.0.0.1:${port}/postgres', password: { env: ADMIN } } }
apps:
  shop: { uses: { main: {} } }
  copy: { uses: { main: {} } }
backup: { repository: '${repository}', keep: { last: 1 }${credentials} }
`;

/** With what went wrong behind it. */
async function end(events: Parameters<typeof endOf>[0]): Promise<string> {
  const { ending, trouble } = await endOf(events);
  return [ending, trouble].filter((part) => part !== '').join(' ');
}

const options: RunOptions = { consent: async () => await Promise.resolve(true) };

describeEachPostgres('a repository behind S3', { versions: 'newest' }, (server, major) => {
  const there = existsSync(join(restic, 'restic')) && installed.some((one) => one.major === major);
  describe.skipIf(!there || s3Server === null)('on loopback', () => {
    let s3: S3;
    let project: TestProject;
    const open = async (more: Record<string, string | undefined> = {}): Promise<Project> => ({
      ...(await project.open()),
      env: { ADMIN: server().password, RESTIC_PASSWORD: 'word', PATH: programs.join(delimiter), HOME: project.path, ...more },
    });

    beforeAll(async () => {
      s3 = await startS3(s3Server ?? '', 'kept');
      project = await testProject(manifest(server().port, './none', ''), { ADMIN: server().password });
      expect(await project.apply()).toMatchObject({ ending: 'done', trouble: '' });
      await query(
        at(server().url, { database: 'shop' }),
        'SET ROLE shop_owner; CREATE TABLE t AS SELECT n FROM generate_series(1, 500) AS n',
      );
      return async () => {
        await project[Symbol.asyncDispose]();
        await s3[Symbol.asyncDispose]();
      };
    });

    test.each([
      ['the environment', '', { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: KEY }],
      [
        'a file, and a variable of another name',
        ', credentials: { AWS_ACCESS_KEY_ID: { env: OTHER }, AWS_SECRET_ACCESS_KEY: { file: s3-key } }',
        { OTHER: 'id' },
      ],
    ])('is made, written, listed, checked, proved, restored from and pruned with credentials of %s', async (name, credentials, env) => {
      await writeFile(join(project.path, 's3-key'), `${KEY}\n`, { mode: 0o600 });
      await project.write(manifest(server().port, `s3:${s3.url}/kept/${name.replaceAll(/\W/gu, '-')}`, credentials));
      expect(await end(backupApps(await open(env), ['shop'], options))).toBe('done');
      expect(await end(backupApps(await open(env), ['shop'], options))).toBe('done');
      const kept = await backupsOf(await open(env), 'shop');
      expect(kept).toHaveLength(2);
      await checkRepository(await open(env), '100%');
      expect(await end(drillApps(await open(env), ['shop'], options))).toBe('done');
      await (await pruningOf(await open(env))).remove();
      expect((await backupsOf(await open(env), 'shop')).map(({ run }) => run)).toEqual([kept[0]?.run]);
      await query(at(server().url, { database: 'copy' }), 'DROP TABLE IF EXISTS t');
      expect(await end(restoreBackup(await open(env), { app: 'shop', from: 'latest', as: 'copy' }, options))).toBe('done');
      expect(await query(at(server().url, { database: 'copy' }), 'SELECT count(*)::int AS n FROM t')).toEqual([{ n: 500 }]);
    });

    test('without credentials it is told before anything is saved, and no secret with it', async () => {
      await project.write(manifest(server().port, `s3:${s3.url}/kept/none`, ''));
      const refused = await end(backupApps(await open(), ['shop'], options)).catch((error: unknown) => String(error));
      expect(refused).toMatch(
        /CT4312: the repository s3:http:\/\/127\.0\.0\.1:\d+\/kept\/none: .*(?:Access|credential|denied|anonymous)/iu,
      );
      expect(refused).not.toContain(KEY);
    });
  });
});
