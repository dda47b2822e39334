import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CliResult, runCli } from '../../support/cli.ts';
import { putClient, realClient } from '../../support/clients.ts';
import { describeEachMysql } from '../../support/engines-mysql.ts';
import { manifestOf, workplace } from './lifecycle/harness.ts';

const manifest = manifestOf(`apps:
  shop: { uses: { main: { connections: 5, logins: { app: rw, migrator: owner } } } }
  blog: { uses: { main: { connections: 5 } } }
readers:
  lens: { reads: [shop, blog] }
`);

describeEachMysql('cotenant connect', { versions: 'all' }, (server, version) => {
  const name = version.startsWith('mariadb') ? 'mariadb' : 'mysql';

  test.skipIf(realClient(name) === null)('comes in as each, without a password in the arguments', { timeout: 120_000 }, async () => {
    await using place = await workplace(server(), manifest);
    expect((await place.apply()).ending).toBe('done');
    const bin = join(place.folder, 'bin');
    const tmp = join(place.folder, 'tmp');
    for (const folder of [bin, tmp]) await mkdir(folder);
    await putClient(bin, name);
    // What this user has at home for another server.
    await writeFile(join(place.folder, '.my.cnf'), '[client]\npassword=wrong\nhost=192.0.2.1\n');
    const env = { ...place.env, PATH: `${bin}:/usr/bin:/bin`, TMPDIR: tmp, MYSQL_PWD: 'wrong', MYSQL_HOST: '192.0.2.1' };
    const connect = async (...args: readonly string[]): Promise<CliResult> =>
      await runCli(['connect', ...args], { cwd: place.folder, env });
    const who = "SELECT CONCAT(SUBSTRING_INDEX(USER(), '@', 1), ' ', DATABASE())";
    for (const [args, expected] of [
      [['shop'], 'shop_user shop'],
      [['shop', '--as', 'migrator'], 'shop_migrator shop'],
      [['lens'], 'lens_user shop'],
      [['blog', '--as', 'lens'], 'lens_user blog'],
      [['blog', '--as', 'admin'], 'root blog'],
    ] as const) {
      const { code, stdout, stderr } = await connect(...args, '--', '-N', '-e', who);
      expect({ code, stdout, stderr }, args.join(' ')).toEqual({ code: 0, stdout: `${expected}\n`, stderr: '' });
      const [file, ...rest] = (await readFile(join(bin, 'argv'), 'utf8')).trimEnd().split('\n');
      expect(file).toMatch(/^--defaults-file=.+client\.cnf$/);
      expect(rest.filter((word) => !word.startsWith('--loose'))).toEqual(['-N', '-e', who]);
    }
    expect(await connect('shop', '--', '-e', 'SELECT nonsense')).toMatchObject({ code: 1 });
    expect(await readdir(tmp)).toEqual([]);
  });
});
