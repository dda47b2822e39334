import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { drillApps } from '../../src/app/backup/drill.ts';
import { backupsOf } from '../../src/app/backup/find.ts';
import { restoreBackup } from '../../src/app/backup/restore.ts';
import { backupApps } from '../../src/app/backup/save.ts';
import type { Project } from '../../src/app/types.ts';
import { clientOf, clients, hasClient, LEFT } from '../engines/mysql/backup/harness.ts';
import { loginOf, manifestOf, type Workplace, workplace } from '../engines/mysql/lifecycle/harness.ts';
import { findRestic } from '../engines/postgres/harness.ts';
import { spawnSync } from '../support/children.ts';
import { describeEachMysql } from '../support/engines-mysql.ts';
import { cache, checkout } from '../support/places.ts';
import { endOf } from './ended.ts';

const PASSWORD = 'repository-canary-word';
const restic = findRestic(cache)?.folder ?? '/nowhere';
const programs = [restic, ...clients, '/usr/bin', '/bin'];

const MANIFEST = `${manifestOf(`apps:
  shop: { uses: { main: {} } }
  copy: { uses: { main: {} } }
  again: { uses: { main: {} } }
`)}backup: { repository: ./backups }
`;

const options = { consent: async () => await Promise.resolve(true) };

describeEachMysql('backups in a repository', { versions: 'both' }, (server, version) => {
  describe.skipIf(!existsSync(join(restic, 'restic')) || !hasClient(version))('of restic, with the dump client of the server', () => {
    let place: Workplace;
    const env = { RESTIC_PASSWORD: PASSWORD, PATH: programs.join(delimiter), HOME: process.env['HOME'] ?? '/tmp' };
    const open = async (): Promise<Project> => {
      const project = await place.open();
      return { ...project, env: { ...project.env, ...env } };
    };

    beforeAll(async () => {
      place = await workplace(server(), MANIFEST);
      expect(await place.apply()).toMatchObject({ ending: 'done' });
      await place.as('shop', 'CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, note varchar(64))');
      await place.as(
        'shop',
        'INSERT INTO orders (note) WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 900) SELECT SHA2(i, 256) FROM s',
      );
      await place.as('shop', 'CREATE VIEW few AS SELECT * FROM orders WHERE id < 10');
      return async () => await place[Symbol.asyncDispose]();
    }, 120_000);

    test('an app is saved, proved, and brought back into another one', { timeout: 180_000 }, async () => {
      expect(await endOf(backupApps(await open(), ['shop'], options))).toMatchObject({ ending: 'done', trouble: '' });
      expect(await endOf(drillApps(await open(), ['shop'], options))).toMatchObject({ ending: 'done', trouble: '' });
      const [newest] = await backupsOf(await open(), 'shop');
      expect(newest?.proved).not.toBeNull();
      const request = { app: 'shop', from: { run: newest?.run ?? '' }, as: 'copy' };
      expect(await endOf(restoreBackup(await open(), request, options))).toMatchObject({ ending: 'done', trouble: '' });
      expect(await place.as('copy', 'SELECT COUNT(*) AS n FROM few')).toEqual([{ n: '9' }]);
      expect(await endOf(restoreBackup(await open(), request, options))).toMatchObject({
        ending: 'failed',
        trouble: expect.stringMatching(/CT4306: "copy" has something on "main" already: table orders, view few/),
      });
      expect(await place.root(LEFT)).toEqual([]);
      expect((await place.plan()).plan.steps).toEqual([]);
    });

    test('nothing of it is left in the folder of the project, and no password in its journal', async () => {
      const home = join(place.folder, '.cotenant');
      expect((await readdir(home)).filter((name) => name.startsWith('staging'))).toEqual([]);
      const runs = await Promise.all(
        (await readdir(join(home, 'runs'))).map(async (name) => await readFile(join(home, 'runs', name), 'utf8')),
      );
      expect(runs.join('\n')).not.toContain(PASSWORD);
      expect(runs.join('\n')).not.toContain(loginOf(await place.reveal('shop')).password);
    });

    test('it comes back without cotenant, as the page says', { timeout: 120_000 }, async () => {
      const page = await readFile(join(checkout, 'docs/backups.md'), 'utf8');
      const script =
        page
          .split('```')
          .find((block) => block.includes('out/mysql-main/dump.sql'))
          ?.replace(/^sh\n/u, '') ?? '';
      const { host, port, user, password } = loginOf(await place.reveal('again'));
      const bin = join(place.folder, 'bin');
      await mkdir(bin);
      await symlink(join(dirname(clientOf(version)), version === 'mysql9' ? 'mysql' : 'mariadb'), join(bin, 'mysql'));
      const own = version === 'mysql9' ? '[mysql]\nget-server-public-key\n' : '[client-mariadb]\nssl-verify-server-cert=OFF\n';
      await writeFile(
        join(place.folder, 'shop.cnf'),
        `[client]\nhost=${host}\nport=${port}\nuser=${user}\npassword="${password}"\nprotocol=TCP\n${own}`,
      );
      const run = spawnSync('/bin/sh', ['-ec', script.replace(/ shop < /u, ' again < ')], {
        cwd: place.folder,
        env: { ...env, PATH: `${bin}:${env.PATH}` },
      });
      expect({ status: run.status, errors: run.stderr.toString().replaceAll(/^WARNING.*\n/gmu, '') }).toEqual({ status: 0, errors: '' });
      expect(await place.as('again', 'SELECT COUNT(*) AS n FROM few')).toEqual([{ n: '9' }]);
    });
  });
});
