import { startAgain, startOnFreePort, whenReady, type OnPort } from '../../../src/engine/index.ts';
import { existsSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LocalProcess, Machine, TempFolder } from '../../../src/engine/local.ts';
import { fail } from '../../../src/model/index.ts';
import { literal } from '../../../src/engines/postgres/quote.ts';
import { asPostgres, isNotServing } from '../../../src/engines/postgres/local/client.ts';
import { type Installation, type Major, makeLinks } from '../../../src/engines/postgres/local/find.ts';
import { initData, newPassword, postgresVersion, serverEnv, template, writeSettings } from '../../../src/engines/postgres/local/init.ts';
import { scramVerifier } from '../../../src/engines/postgres/scram.ts';

/** How the server says that its port is taken. */
const TAKEN = /could not bind|Address already in use/;
/** What may still be there for a moment after a crash. */
const WAITS = /pre-existing shared memory block|lock file .* already exists|could not bind/;
export type Settings = Readonly<Record<string, string | number | boolean>>;

export interface StartPostgres {
  readonly installation: Installation;
  /** How logins prove themselves. There is no other way. */
  readonly auth: 'scram';
  readonly settings?: Settings;
  /** Kept data in this folder, with its password. Left out: a new temporary folder that goes with the server. */
  readonly keep?: { readonly folder: string; readonly password: string };
  /** Where templates of fresh data folders are kept. Left out: initdb runs (about a second). */
  readonly templates?: string;
  /** Where the temporary folder is made. Left out: the system's place. */
  readonly tempRoot?: string;
}

/** A running server of our own. */
export interface PostgresServer extends AsyncDisposable {
  /** With user and password, database `postgres`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly user: 'postgres';
  readonly password: string;
  readonly major: Major;
  /** As `18.4`. */
  readonly version: string;
  readonly binDir: string;
  readonly dataDir: string;
  readonly logFile: string;
  /** The postmaster's, at the moment. */
  readonly pid: number;
  /** Ends sessions and shuts down; a temporary folder goes. */
  stop(): Promise<void>;
  /** SIGKILL to the postmaster, as a crash. `restart` brings it back. */
  kill(): Promise<void>;
  /** Stops where it still runs, and starts on the same port and data, with these settings on top of the former ones. */
  restart(settings?: Settings): Promise<void>;
}

const host = '127.0.0.1';
const readyTimeout = 60_000;
/** Fast shutdown, then immediate. */
const stopSignals = ['SIGINT', 'SIGQUIT'] as const;

/**
 * Starts a PostgreSQL of its own on a free loopback port, without Unix sockets, and waits until a login with the password
 * has got an answer. Throws CT6001, CT6002, CT6003, CT6010.
 */
export async function startPostgres(machine: Machine, options: StartPostgres): Promise<PostgresServer> {
  const { installation, settings = {} } = options;
  await makeLinks(installation);
  await using folders = new Folders(machine);
  const folder = options.keep?.folder ?? (await folders.add('cotenant-postgres-', options.tempRoot));
  // Not beside the data: that may lie on a file system from which nothing can be executed.
  const prefix = machine.canRead(installation.prefix)
    ? installation.prefix
    : await machine.readable(installation.prefix, await folders.add('cotenant-programs-'));
  const binDir = join(prefix, installation.bin);
  const first = await dataFor(machine, binDir, folder, options);
  const password = options.keep?.password ?? newPassword();
  const launch = { machine, binDir, dataDir: await realpath(first.data), logFile: join(folder, 'server.log'), remove: folders.paths };
  const started = await startOnFreePort(machine, launch.logFile, TAKEN, (port) => startOn(launch, port, first.password, settings));
  if (first.password !== password) await changePassword(started, first.password, password);
  const version = await postgresVersion(machine, binDir);
  return serverObject(launch, started, { password, version, major: installation.major, settings }, folders.keep());
}

/** Temporary folders of one server: they go at the end of the block, unless they are kept for later. */
class Folders implements AsyncDisposable {
  readonly #machine: Machine;
  #made: TempFolder[] = [];

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  get paths(): readonly string[] {
    return this.#made.map((folder) => folder.path);
  }

  async add(prefix: string, where?: string): Promise<string> {
    const made = await this.#machine.tempFolder(prefix, where);
    this.#made.push(made);
    return made.path;
  }

  /** From here on the caller removes them. */
  keep(): () => Promise<void> {
    const kept = this.#made;
    this.#made = [];
    return async () => {
      for (const folder of kept) await folder.remove();
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.keep()();
  }
}

/** Only the verifier travels: the password itself reaches no log. */
async function changePassword(started: OnPort, from: string, to: string): Promise<void> {
  try {
    await asPostgres({ host, port: started.port, password: from }, `ALTER ROLE postgres PASSWORD ${literal(await scramVerifier(to))}`);
  } catch (error) {
    await started.process.kill();
    throw error;
  }
}

interface Data {
  readonly data: string;
  readonly password: string;
}

async function dataFor(machine: Machine, binDir: string, folder: string, options: StartPostgres): Promise<Data> {
  const data = join(folder, 'data');
  if (options.keep) {
    const { password } = options.keep;
    if (!existsSync(folder)) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await machine.giveToServer(folder);
    }
    if (!machine.canRead(folder)) {
      throw fail('CT6010', `User ${machine.user?.name ?? ''}, as whom the server runs, cannot enter ${folder}.`, {
        hint: 'Run as another user than root, or choose another folder.',
      });
    }
    return existsSync(join(data, 'PG_VERSION'))
      ? { data, password }
      : { data: await initData(machine, binDir, folder, password, { sync: true, segment: 16 }), password };
  }
  if (options.templates === undefined) {
    const password = newPassword();
    return { data: await initData(machine, binDir, folder, password, { sync: false, segment: 16 }), password };
  }
  const made = await template(machine, binDir, options.templates);
  await machine.copyTree(made.data, data);
  return { data, password: made.password };
}

interface Launch {
  readonly machine: Machine;
  readonly binDir: string;
  readonly dataDir: string;
  readonly logFile: string;
  /** Temporary folders, gone with a killed process. */
  readonly remove: readonly string[];
}

async function startOn(launch: Launch, port: number, password: string, settings: Settings): Promise<LocalProcess> {
  const { machine, binDir, dataDir, logFile, remove } = launch;
  await writeSettings(machine, dataDir, {
    log_destination: 'stderr',
    ...settings,
    listen_addresses: host,
    port,
    unix_socket_directories: '',
  });
  const server = await machine.start(join(binDir, 'postgres'), ['-D', dataDir], {
    env: serverEnv,
    logFile,
    stopSignals,
    tether: { remove },
  });
  return await whenReady(machine, server, () => answers(port, password, dataDir), readyTimeout);
}

/** True where a login has got its answer from this very server: another one may have taken the port. */
async function answers(port: number, password: string, dataDir: string): Promise<boolean> {
  try {
    const [row] = await asPostgres({ host, port, password }, `SELECT pg_catalog.current_setting('data_directory') AS data`);
    return row?.['data'] === dataDir;
  } catch (error) {
    if (isNotServing(error)) return false;
    throw error;
  }
}

interface Identity {
  readonly password: string;
  readonly version: string;
  readonly major: Major;
  readonly settings: Settings;
}

function serverObject(launch: Launch, started: OnPort, identity: Identity, removeFolder: () => Promise<void>): PostgresServer {
  const { port } = started;
  const { password, version, major } = identity;
  let { process } = started;
  let { settings } = identity;
  const stop = async (): Promise<void> => {
    await process.stop();
    await removeFolder();
  };
  return {
    url: `postgres://postgres:${password}@${host}:${port}/postgres`,
    host,
    port,
    user: 'postgres',
    password,
    major,
    version,
    binDir: launch.binDir,
    dataDir: launch.dataDir,
    logFile: launch.logFile,
    get pid() {
      return process.pid;
    },
    stop,
    kill: async () => void (await process.kill()),
    restart: async (more = {}) => {
      if (!existsSync(launch.dataDir)) throw fail('CT6010', `The data folder ${dirname(launch.dataDir)} is gone.`);
      await process.stop();
      settings = { ...settings, ...more };
      process = await startAgain(() => startOn(launch, port, password, settings), WAITS);
    },
    [Symbol.asyncDispose]: stop,
  };
}
