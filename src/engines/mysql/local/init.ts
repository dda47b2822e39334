import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Machine, RunResult } from '../../../engine/local.ts';
import { fail } from '../../../model/index.ts';
import { passwordHash } from '../password-hash.ts';
import { literal } from '../quote.ts';
import { type Installation, serverProgram } from './find.ts';

/** English messages, and times that can be compared. */
export const serverEnv = { LC_ALL: 'C', TZ: 'UTC' } as const;

/** Milliseconds that the making of a data folder may take on a busy machine. */
const INIT_TIMEOUT = 180_000;

export function newPassword(): string {
  return randomBytes(32).toString('base64url');
}

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
export async function initData(machine: Machine, installation: Installation, data: string, password: string): Promise<void> {
  await using scratch = await machine.tempFolder('cotenant-mysql-init-');
  const file = join(scratch.path, 'init.sql');
  await writePrivate(file, installation.flavor === 'mysql' ? mysqlInit(password) : mariadbInit(password));
  await machine.giveToServer(file);
  const args = commonArgs(installation, data);
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
  throw fail('CT6010', 'The data folder of a new server could not be made.', {
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

/** A data folder that was made before, and the password of its root. */
interface Template {
  readonly data: string;
  readonly password: string;
}

/**
 * A data folder ready to be copied, one for each set of programs and user; made at the first use. Two processes may ask at
 * once: both make one, the first one in wins.
 * @param folder where templates are kept; what is inside can be read by this user alone
 */
export async function template(machine: Machine, installation: Installation, folder: string): Promise<Template> {
  const place = join(folder, await templateName(machine, installation));
  if (!existsSync(place)) await makeTemplate(machine, installation, place);
  return { data: join(place, 'data'), password: (await readFile(join(place, 'password'), 'utf8')).trim() };
}

async function makeTemplate(machine: Machine, installation: Installation, place: string): Promise<void> {
  await using scratch = await machine.tempFolder('cotenant-mysql-template-');
  const password = newPassword();
  const data = join(scratch.path, 'data');
  await mkdir(data, { mode: 0o700 });
  await machine.giveToServer(data);
  await initData(machine, installation, data, password);
  await mkdir(dirname(place), { recursive: true, mode: 0o700 });
  const staging = await mkdtemp(join(dirname(place), '.new-'));
  try {
    await machine.copyTree(data, join(staging, 'data'));
    await writePrivate(join(staging, 'password'), `${password}\n`);
    await rename(staging, place).catch((error: unknown) => {
      if (!existsSync(join(place, 'password'))) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function templateName(machine: Machine, installation: Installation): Promise<string> {
  const { size, mtimeMs } = await stat(serverProgram(installation));
  const owner = machine.user?.uid ?? process.getuid?.() ?? 0;
  const version = (await serverVersion(machine, installation)).toLowerCase().replace(' ', '-');
  return `${version}-${createHash('sha256').update(`2 ${size} ${mtimeMs} ${owner}`).digest('hex').slice(0, 16)}`;
}

async function writePrivate(file: string, text: string): Promise<void> {
  await using handle = await open(file, 'wx', 0o600);
  await handle.writeFile(text);
}
