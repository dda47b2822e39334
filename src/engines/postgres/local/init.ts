import { appendFile, open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../../../engine/local.ts';
import { fail } from '../../../model/index.ts';

/** The file with our settings, read at the end of postgresql.conf; ALTER SYSTEM still has the last word. */
const settingsFile = 'cotenant.conf';

/** The locale makes messages English and the rest as portable as it gets. */
export const serverEnv = { LC_ALL: 'C', TZ: 'UTC' } as const;

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
    await machine.chownToServer(passwordFile);
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
    if (result.code !== 0)
      throw fail('CT6010', 'The data folder of a new PostgreSQL server could not be created.', { hint: result.stderr.trim() });
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
  await machine.chownToServer(file);
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
