import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Machine } from '../../../engine/local.ts';
import { fail } from '../../../model/index.ts';

/** The file with our settings, read at the end of postgresql.conf; ALTER SYSTEM still has the last word. */
const settingsFile = 'cotenant.conf';

/** The locale makes messages English and the rest as portable as it gets. */
export const serverEnv = { LC_ALL: 'C', TZ: 'UTC' } as const;

export function newPassword(): string {
  return randomBytes(32).toString('base64url');
}

export interface InitOptions {
  /** False: nothing waits for the disk, and the data does not outlive a power cut. */
  readonly sync: boolean;
  /** Size of a WAL file in megabytes, a power of two. */
  readonly segment: number;
  /** Default: `data` inside the folder. An empty folder of the server's user, or none yet. */
  readonly data?: string;
}

/**
 * Makes a data folder whose superuser `postgres` logs in by SCRAM alone. The password reaches initdb in a file that only
 * the server's user can read and that is gone afterwards. Throws CT6010.
 * @param folder of the server's user, for what is needed on the way; `data` is made inside it where no other is named
 */
export async function initData(machine: Machine, bin: string, folder: string, password: string, options: InitOptions): Promise<string> {
  const data = options.data ?? join(folder, 'data');
  const passwordFile = join(folder, '.initdb-password');
  try {
    await writePrivate(passwordFile, `${password}\n`);
    await machine.giveToServer(passwordFile);
    const args = [
      '-D',
      data,
      '-U',
      'postgres',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      `--wal-segsize=${options.segment}`,
      ...(options.sync ? [] : ['--no-sync']),
    ];
    let result = await machine.run(join(bin, 'initdb'), [...args, '--locale=C.UTF-8'], { env: serverEnv });
    if (result.code !== 0 && /invalid locale/.test(result.stderr)) {
      for (const name of await readdir(data).catch(() => [])) await rm(join(data, name), { recursive: true, force: true });
      result = await machine.run(join(bin, 'initdb'), [...args, '--locale=C'], { env: serverEnv });
    }
    if (result.code !== 0) throw fail('CT6010', 'The data folder of a new PostgreSQL could not be made.', { hint: result.stderr.trim() });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await appendFile(join(data, 'postgresql.conf'), `\ninclude_if_exists = '${settingsFile}'\n`);
  return data;
}

export async function writeSettings(
  machine: Machine,
  data: string,
  settings: Readonly<Record<string, string | number | boolean>>,
): Promise<void> {
  const file = join(data, settingsFile);
  const lines = Object.entries(settings).map(([name, value]) => {
    if (!/^[a-z_][a-z0-9_.]*$/i.test(name)) throw new Error(`not a name of a setting: ${name}`);
    const text = typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
    if (/[\n\r\0]/.test(text)) throw new Error(`the value of ${name} has more than one line`);
    return `${name} = '${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'\n`;
  });
  await writeFile(file, lines.join(''), { mode: 0o600 });
  await machine.giveToServer(file);
}

/** A data folder that was made before, and the password that its superuser has. */
interface Template {
  readonly data: string;
  readonly password: string;
}

/**
 * A data folder ready to be copied, one for each set of programs and user; made at the first use. Two processes may ask at
 * once: both make one, the first one in wins.
 * @param folder where templates are kept; what is inside can be read by this user alone
 */
export async function template(machine: Machine, bin: string, folder: string): Promise<Template> {
  const place = join(folder, await templateName(machine, bin));
  const passwordFile = join(place, 'password');
  if (!existsSync(place)) await makeTemplate(machine, bin, place);
  return { data: join(place, 'data'), password: (await readFile(passwordFile, 'utf8')).trim() };
}

async function makeTemplate(machine: Machine, bin: string, place: string): Promise<void> {
  await using scratch = await machine.tempFolder('cotenant-initdb-');
  const password = newPassword();
  // Small WAL files: a template of 30 MB is copied in half the time of one of 45.
  const data = await initData(machine, bin, scratch.path, password, { sync: false, segment: 1 });
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

async function templateName(machine: Machine, bin: string): Promise<string> {
  const program = join(bin, 'postgres');
  const { size, mtimeMs } = await stat(program);
  const version = await postgresVersion(machine, bin);
  const owner = machine.user?.uid ?? process.getuid?.() ?? 0;
  return `postgres-${version}-${createHash('sha256').update(`1 ${size} ${mtimeMs} ${owner}`).digest('hex').slice(0, 16)}`;
}

/** As `18.4`. Throws CT6010 where the program does not run. */
export async function postgresVersion(machine: Machine, bin: string): Promise<string> {
  const { stdout, stderr } = await machine.run(join(bin, 'postgres'), ['--version'], { env: serverEnv });
  const version = /\(PostgreSQL\) ([0-9.]+\w*)/.exec(stdout)?.[1];
  if (version === undefined) throw fail('CT6010', `${join(bin, 'postgres')} does not run here.`, { hint: stderr.trim() });
  return version;
}

async function writePrivate(file: string, text: string): Promise<void> {
  await using handle = await open(file, 'wx', 0o600);
  await handle.writeFile(text);
}
