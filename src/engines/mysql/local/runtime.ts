import { startAgain, startOnFreePort, whenReady, type OnPort } from '../../../engine/index.ts';
import { existsSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalProcess, Machine, TempFolder } from '../../../engine/local.ts';
import { fail } from '../../../model/index.ts';
import { ask, isNotServing } from './client.ts';
import { type Installation, serverProgram } from './find.ts';
import { commonArgs, initData, newPassword, serverEnv, serverVersion, template } from './init.ts';

/** How the server says that its port is taken. */
const TAKEN = /Address already in use|Bind on TCP/i;
/** What may still be there for a moment after a crash. */
const WAITS = /Address already in use|Bind on TCP|Unable to lock/i;
/** Options of the server by name, without the dashes. */
export type Settings = Readonly<Record<string, string | number>>;

export interface StartMysql {
  readonly installation: Installation;
  readonly settings?: Settings;
  /** Where templates of fresh data folders are kept. Left out: the data folder is made anew, which takes seconds. */
  readonly templates?: string;
  /** Where the temporary folder is made. Left out: the system's place. */
  readonly tempRoot?: string;
}

/** A running server of our own. */
export interface MysqlServer extends AsyncDisposable {
  /** With user and password. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly user: 'root';
  readonly password: string;
  readonly flavor: Installation['flavor'];
  /** As `MariaDB 10.11.18`. */
  readonly version: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly pid: number;
  /** Shuts down; the folder goes. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash. `restart` brings it back. */
  kill(): Promise<void>;
  /** Stops where it still runs, and starts on the same port and data, with these settings on top of the former ones. */
  restart(settings?: Settings): Promise<void>;
}

const host = '127.0.0.1';
const readyTimeout = 120_000;

/**
 * Starts a server of its own on a free loopback port, without a Unix socket, and waits until a login with the password has
 * got an answer. Throws CT6001, CT6002, CT6003, CT6010.
 */
export async function startMysql(machine: Machine, options: StartMysql): Promise<MysqlServer> {
  const { installation, settings = {} } = options;
  const folder = await machine.tempFolder('cotenant-mysql-', options.tempRoot);
  try {
    const { data, password } = await dataFor(machine, folder.path, options);
    const launch = { machine, installation, data: await realpath(data), logFile: join(folder.path, 'server.log'), remove: [folder.path] };
    const started = await startOnFreePort(machine, launch.logFile, TAKEN, (port) => startOn(launch, port, password, settings));
    const version = await serverVersion(machine, installation);
    return serverObject(launch, started, { password, version, settings }, folder);
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

async function dataFor(machine: Machine, folder: string, options: StartMysql): Promise<{ data: string; password: string }> {
  const data = join(folder, 'data');
  if (options.templates !== undefined) {
    const made = await template(machine, options.installation, options.templates);
    await machine.copyTree(made.data, data);
    return { data, password: made.password };
  }
  await mkdir(data, { mode: 0o700 });
  await machine.giveToServer(data);
  const password = newPassword();
  await initData(machine, options.installation, data, password);
  return { data, password };
}

/** What the server is started with to serve on a port of the loopback address, and nowhere else. */
export function serveArgs(installation: Installation, data: string, port: number): readonly string[] {
  return [
    ...commonArgs(installation, data),
    // A server that starts clears its temporary tables out of there, and with them those of any other that uses the place.
    `--tmpdir=${data}`,
    '--socket=',
    `--bind-address=${host}`,
    `--port=${port}`,
    `--pid-file=${join(data, 'server.pid')}`,
    '--skip-name-resolve',
    '--local-infile=0',
    // With a binary log no app could make a trigger or a function.
    '--log-bin-trust-function-creators=1',
    ...(installation.flavor === 'mysql' ? ['--mysqlx=0'] : ['--symbolic-links=0']),
  ];
}

interface LaunchInput {
  readonly machine: Machine;
  readonly installation: Installation;
  readonly data: string;
  readonly logFile: string;
  /** Temporary folders, gone with a killed process. */
  readonly remove: readonly string[];
}

async function startOn(launch: LaunchInput, port: number, password: string, settings: Settings): Promise<LocalProcess> {
  const { machine, installation, data, logFile, remove } = launch;
  const words = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  const server = await machine.start(serverProgram(installation), [...serveArgs(installation, data, port), ...words], {
    env: serverEnv,
    logFile,
    stopSignals: ['SIGTERM'],
    tether: { remove },
  });
  return await whenReady(machine, server, () => answers({ host, port, password }, data), readyTimeout);
}

/** True where a login has got its answer from this very server: another one may have taken the port. */
export async function answers(point: { host: string; port: number; password: string }, data: string): Promise<boolean> {
  try {
    const [row] = await ask(point, 'SELECT @@GLOBAL.datadir AS data');
    return String(row?.['data']).replace(/\/$/, '') === data;
  } catch (error) {
    if (isNotServing(error)) return false;
    throw error;
  }
}

interface Identity {
  readonly password: string;
  readonly version: string;
  readonly settings: Settings;
}

function serverObject(launch: LaunchInput, started: OnPort, identity: Identity, folder: TempFolder): MysqlServer {
  const { port } = started;
  const { password, version } = identity;
  let { process } = started;
  let { settings } = identity;
  const stop = async (): Promise<void> => {
    await process.stop();
    await folder.remove();
  };
  return {
    url: `mysql://root:${password}@${host}:${port}`,
    host,
    port,
    user: 'root',
    password,
    flavor: launch.installation.flavor,
    version,
    dataDir: launch.data,
    logFile: launch.logFile,
    get pid() {
      return process.pid;
    },
    stop,
    kill: async () => void (await process.kill()),
    restart: async (more = {}) => {
      if (!existsSync(launch.data)) throw fail('CT6010', `The data folder ${launch.data} is gone.`);
      await process.stop();
      settings = { ...settings, ...more };
      process = await startAgain(() => startOn(launch, port, password, settings), WAITS);
    },
    [Symbol.asyncDispose]: stop,
  };
}
