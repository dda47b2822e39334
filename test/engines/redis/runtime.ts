import { startAgain, startOnFreePort, whenReady } from '../../../src/engine/index.ts';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalProcess, Machine, TempFolder } from '../../../src/engine/local.ts';
import { fail } from '../../../src/model/index.ts';
import { ask, isNotServing } from '../../../src/engines/redis/local/client.ts';
import type { Installation } from '../../../src/engines/redis/local/find.ts';

/** How the server says that its port is taken. */
const TAKEN = /Address already in use|bind:/;
export type Settings = Readonly<Record<string, string | number>>;

export interface StartRedis {
  readonly installation: Installation;
  readonly settings?: Settings;
  /** Kept data in this folder, with its password. Left out: a new temporary folder that goes with the server. */
  readonly keep?: { readonly folder: string; readonly password: string };
  /** Where the temporary folder is made. Left out: the system's place. */
  readonly tempRoot?: string;
  /** How users survive a restart. Default `aclfile`. */
  readonly saving?: 'aclfile' | 'config' | 'none';
  /** Lets everybody in without a login, as a server does that nobody has set up. Default false. */
  readonly open?: boolean;
}

/** A running server of our own. */
export interface RedisServer extends AsyncDisposable {
  /** With user and password. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly user: 'admin';
  readonly password: string;
  readonly product: Installation['product'];
  /** As `8.0.6`. */
  readonly version: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly pid: number;
  /** Saves what it is told to save, and ends; a temporary folder goes. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash. `restart` brings it back. */
  kill(): Promise<void>;
  /** Stops where it still runs, and starts on the same port and data, with these settings on top of the former ones. */
  restart(settings?: Settings): Promise<void>;
}

const host = '127.0.0.1';
const user = 'admin';
const readyTimeout = 60_000;

/**
 * Starts a server of its own on a free loopback port and waits until a login with the password has got an answer.
 * Throws CT6001, CT6002, CT6003, CT6010.
 */
export async function startRedis(machine: Machine, options: StartRedis): Promise<RedisServer> {
  const { installation, keep, settings = {} } = options;
  const temporary = keep ? null : await machine.tempFolder('cotenant-redis-', options.tempRoot);
  try {
    const folder = keep?.folder ?? temporary?.path ?? '';
    const password = keep?.password ?? randomBytes(24).toString('base64url');
    const launch: Launch = { machine, installation, folder, saving: options.saving ?? 'aclfile', remove: temporary ? [folder] : [] };
    await setUp(launch, password, options.open ?? false);
    const { port, process } = await startOnFreePort(machine, join(folder, 'server.log'), TAKEN, (port) =>
      startOn(launch, port, password, settings),
    );
    return serverObject(launch, { port, process, password, settings }, temporary);
  } catch (error) {
    await temporary?.remove();
    throw error;
  }
}

interface Launch {
  readonly machine: Machine;
  readonly installation: Installation;
  readonly folder: string;
  readonly saving: 'aclfile' | 'config' | 'none';
  readonly remove: readonly string[];
}

/** The access list of a new server: an administrator, and nobody else. Only the hash of the password is written. */
async function setUp({ machine, folder, saving }: Launch, password: string, open: boolean): Promise<void> {
  if (!existsSync(folder)) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await machine.giveToServer(folder);
  }
  if (!machine.canRead(folder)) {
    throw fail('CT6010', `User ${machine.user?.name ?? ''}, as whom the server runs, cannot enter ${folder}.`, {
      hint: 'Run as another user than root, or choose another folder.',
    });
  }
  const file = join(folder, saving === 'aclfile' ? 'users.acl' : 'server.conf');
  if (existsSync(file) || saving === 'none') return;
  const lines = firstUsers(password, open).map((words) => `user ${words.join(' ')}\n`);
  await writeFile(file, lines.join(''), { mode: 0o600 });
  await machine.giveToServer(file);
}

/** Only the hash of the password stands anywhere. */
function firstUsers(password: string, open: boolean): readonly (readonly string[])[] {
  const hash = createHash('sha256').update(password).digest('hex');
  return [
    [user, 'on', `#${hash}`, '~*', '&*', '+@all'],
    open ? ['default', 'on', 'nopass', '~*', '&*', '+@all'] : ['default', 'off', 'nopass', 'resetchannels', '-@all'],
  ];
}

async function startOn(launch: Launch, port: number, password: string, settings: Settings): Promise<LocalProcess> {
  const { machine, installation, folder, saving, remove } = launch;
  const wanted: Settings = {
    save: '',
    appendonly: remove.length > 0 ? 'no' : 'yes',
    ...settings,
    bind: host,
    port,
    dir: folder,
    daemonize: 'no',
  };
  const words = Object.entries(wanted).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const files =
    saving === 'aclfile'
      ? ['--aclfile', join(folder, 'users.acl')]
      : saving === 'none'
        ? firstUsers(password, false).flatMap((rules) => ['--user', ...rules])
        : [];
  // Users in a configuration file come back with it; without its name in the server's hands nothing can be written there.
  const config = saving === 'config' ? [join(folder, 'server.conf')] : [];
  const server = await machine.start(installation.program, [...config, ...words, ...files], {
    logFile: join(folder, 'server.log'),
    stopSignals: ['SIGTERM'],
    tether: { remove },
  });
  return await whenReady(machine, server, () => answers(port, password, server.pid), readyTimeout);
}

/** True where a login has got its answer from this very process: another one may have taken the port. */
async function answers(port: number, password: string, pid: number): Promise<boolean> {
  try {
    return String(await ask({ host, port, user, password }, 'INFO', 'server')).includes(`process_id:${pid}\r`);
  } catch (error) {
    if (isNotServing(error)) return false;
    throw error;
  }
}

interface Started {
  readonly port: number;
  readonly process: LocalProcess;
  readonly password: string;
  readonly settings: Settings;
}

function serverObject(launch: Launch, started: Started, temporary: TempFolder | null): RedisServer {
  const { port, password } = started;
  const { folder, installation } = launch;
  let { process, settings } = started;
  const stop = async (): Promise<void> => {
    await process.stop();
    await temporary?.remove();
  };
  return {
    url: `redis://${user}:${password}@${host}:${port}`,
    host,
    port,
    user,
    password,
    product: installation.product,
    version: installation.version,
    dataDir: folder,
    logFile: join(folder, 'server.log'),
    get pid() {
      return process.pid;
    },
    stop,
    kill: async () => void (await process.kill()),
    restart: async (more = {}) => {
      if (!existsSync(folder)) throw fail('CT6010', `The data folder ${folder} is gone.`);
      await process.stop();
      settings = { ...settings, ...more };
      process = await startAgain(() => startOn(launch, port, password, settings));
    },
    [Symbol.asyncDispose]: stop,
  };
}
