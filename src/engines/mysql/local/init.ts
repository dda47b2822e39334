import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine, RunResult } from '../../../engine/local.ts';
import { fail } from '../../../model/index.ts';
import { passwordHash } from '../connect/password-hash.ts';
import { literal } from '../quote.ts';
import { type Installation, serverProgram } from './find.ts';

/** English messages, and times that can be compared. */
export const serverEnv = { LC_ALL: 'C', TZ: 'UTC' } as const;

/** Milliseconds that the making of a data folder may take on a busy machine. */
const INIT_TIMEOUT = 180_000;

/** What the server is started with, whatever is done with it. It reads no file of this machine. */
export function commonArgs(installation: Installation, data: string): readonly string[] {
  const { base, flavor } = installation;
  const share = ['share/mysql', 'share/mariadb'].map((name) => join(base, name)).find(existsSync);
  const plugins = ['lib/mysql/plugin', 'lib/mariadb/plugin', 'lib64/mysql/plugin'].map((name) => join(base, name)).find(existsSync);
  return [
    '--no-defaults',
    `--datadir=${data}`,
    `--basedir=${base}`,
    ...(share ? [`--lc-messages-dir=${share}`] : []),
    ...(plugins ? [`--plugin-dir=${plugins}`] : []),
    ...(flavor === 'mysql' ? ['--secure-file-priv=NULL', '--innodb-redo-log-capacity=32M'] : ['--innodb-log-file-size=32M']),
  ];
}

/**
 * Fills `data`, which is empty, with a server whose only account is `root@127.0.0.1` with the password. The server is told the
 * hash, in a file that only its user can read and that is gone afterwards. Throws CT6010.
 */
export async function initData(
  machine: Machine,
  installation: Installation,
  data: string,
  password: string,
  options: readonly string[] = [],
): Promise<void> {
  await using scratch = await machine.tempFolder('cotenant-mysql-init-');
  const file = join(scratch.path, 'init.sql');
  await writePrivate(file, installation.flavor === 'mysql' ? mysqlInit(password) : mariadbInit(password));
  await machine.chownToServer(file);
  const args = [...commonArgs(installation, data), ...options];
  const run = (command: string, words: readonly string[]): Promise<RunResult> =>
    machine.run(command, words, { env: serverEnv, timeout: INIT_TIMEOUT });
  if (installation.flavor === 'mysql') {
    check(await run(serverProgram(installation), [...args, '--initialize-insecure', `--init-file=${file}`, '--log-error-verbosity=1']));
    return;
  }
  const skeleton = ['--skip-test-db', '--auth-root-authentication-method=normal', '--skip-name-resolve'];
  check(
    await run(join(installation.base, 'bin/mariadb-install-db'), [...args.filter((one) => !one.startsWith('--plugin-dir')), ...skeleton]),
  );
  // The program reads statements on its standard input only.
  check(
    await run('/bin/sh', ['-c', 'file=$1; shift; exec "$@" < "$file"', 'sh', file, serverProgram(installation), ...args, '--bootstrap']),
  );
}

function mysqlInit(password: string): string {
  const hash = literal(passwordHash('caching_sha2_password', password));
  return [
    `ALTER USER 'root'@'localhost' IDENTIFIED WITH caching_sha2_password AS ${hash};`,
    `RENAME USER 'root'@'localhost' TO 'root'@'127.0.0.1';`,
    '',
  ].join('\n');
}

function mariadbInit(password: string): string {
  const hash = literal(passwordHash('mysql_native_password', password));
  return [
    `DELETE FROM mysql.global_priv WHERE (User = '' AND Host <> '') OR (User = 'root' AND Host <> '127.0.0.1');`,
    `DELETE FROM mysql.proxies_priv WHERE Host <> '127.0.0.1';`,
    'FLUSH PRIVILEGES;',
    `ALTER USER 'root'@'127.0.0.1' IDENTIFIED VIA mysql_native_password USING ${hash};`,
    '',
  ].join('\n');
}

function check(result: RunResult): void {
  if (result.code === 0) return;
  const said = `${result.stdout}\n${result.stderr}`.split('\n').filter((line) => /error|fatal|cannot/i.test(line));
  throw fail('CT6010', 'The data folder of a new server could not be created.', {
    hint: said.slice(-5).join('\n') || result.stderr.slice(-500),
  });
}

/** As `MariaDB 10.11.18`, `MySQL 9.7.4`. Throws CT6010 where the program does not run. */
export async function serverVersion(machine: Machine, installation: Installation): Promise<string> {
  const program = serverProgram(installation);
  const { stdout, stderr } = await machine.run(program, ['--no-defaults', '--version'], { env: serverEnv });
  const version = /Ver ([0-9.]+)/.exec(stdout)?.[1];
  if (version === undefined) throw fail('CT6010', `${program} does not run here.`, { hint: stderr.trim() });
  return `${installation.flavor === 'mariadb' ? 'MariaDB' : 'MySQL'} ${version}`;
}

async function writePrivate(file: string, text: string): Promise<void> {
  await using handle = await open(file, 'wx', 0o600);
  await handle.writeFile(text);
}
