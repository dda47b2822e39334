import { randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine, TempFolder } from '../../../src/engine/local.ts';
import { asPostgres, isNotServing } from '../../../src/engines/postgres/local/client.ts';
import { type Installation, type Major, makeLinks } from '../../../src/engines/postgres/local/find.ts';
import { initData, postgresVersion, serverEnv, writeSettings } from '../../../src/engines/postgres/local/init.ts';
import { literal } from '../../../src/engines/postgres/quote.ts';
import { scramVerifier } from '../../../src/engines/postgres/connect/scram.ts';
import { host, type StartedServer, startServer } from '../../support/started-server.ts';
import { newPassword, type Template, template } from '../../support/template.ts';

/** How the server says that its port is taken. */
const TAKEN = /could not bind|Address already in use/;
/** What may still be there for a moment after a crash. */
const WAITS = /pre-existing shared memory block|lock file .* already exists|could not bind/;
/** A new backend asks the system for memory once, not piece by piece: a connection takes a twelfth less of the CPU. */
const roomy = { MALLOC_TOP_PAD_: '8388608', MALLOC_TRIM_THRESHOLD_: '67108864' };
/** By name; `-c name`: as a word of the command line, which goes before every file. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

export interface StartPostgres {
  readonly installation: Installation;
  /** How logins prove themselves. There is no other way. */
  readonly auth: 'scram';
  readonly settings?: Settings;
  /** Where templates of fresh data folders are kept. Left out: initdb runs (about a second). */
  readonly templates?: string;
  /** Where the temporary folder is made. Left out: the system's place. */
  readonly tempRoot?: string;
}

export interface PostgresServer extends StartedServer<Settings> {
  /** With user and password, database `postgres`. */
  readonly url: string;
  readonly user: 'postgres';
  readonly major: Major;
  /** As `18.4`. */
  readonly version: string;
  readonly binDir: string;
}

/**
 * Starts a PostgreSQL of its own on a free loopback port, without Unix sockets, and waits until a login with the password
 * has got an answer. Throws CT6001, CT6002, CT6003, CT6010.
 */
export async function startPostgres(machine: Machine, options: StartPostgres): Promise<PostgresServer> {
  const { installation, settings = {} } = options;
  await makeLinks(installation);
  await using folders = new Folders(machine);
  const folder = await folders.add('cotenant-postgres-', options.tempRoot);
  // Not beside the data: that may lie on a file system from which nothing can be executed.
  const prefix = machine.canRead(installation.prefix)
    ? installation.prefix
    : await machine.readable(installation.prefix, await folders.add('cotenant-programs-'));
  const binDir = join(prefix, installation.bin);
  const first = await dataFor(machine, binDir, folder, options.templates);
  const dataDir = await realpath(first.data);
  const logFile = join(folder, 'server.log');
  const { paths } = folders;
  // What comes from a template has a password of its own at once.
  let password = first.password;
  const started = await startServer<Settings>({
    machine,
    password: options.templates === undefined ? password : newPassword(),
    dataDir,
    logFile,
    settings,
    taken: TAKEN,
    waits: WAITS,
    start: async (port, now) => {
      const fixed = { listen_addresses: host, port, unix_socket_directories: '' };
      const { true: asked = [], false: filed = [] } = Object.groupBy(Object.entries(now), ([name]) => `${name.startsWith('-c ')}` as const);
      await writeSettings(machine, dataDir, { log_destination: 'stderr', ...Object.fromEntries(filed), ...fixed });
      const words = asked.flatMap(([name, value]) => ['-c', `${name.slice('-c '.length)}=${value}`]);
      const stopSignals = ['SIGINT', 'SIGQUIT'] as const;
      return await machine.start(join(binDir, 'postgres'), ['-D', dataDir, ...words], {
        env: { ...serverEnv, ...roomy },
        logFile,
        // Fast shutdown, then immediate.
        stopSignals,
        watchParent: { remove: paths },
      });
    },
    isReady: (port) => answers({ host, port, password }, dataDir),
    timeout: 60_000,
    remove: async () => await folders.remove(),
  });
  const { port } = started;
  if (started.password !== password) {
    try {
      // Only the verifier travels: the password itself reaches no log. Of one round, for the admin comes in thousands of times.
      const verifier = await scramVerifier(started.password, randomBytes(16), 1);
      await asPostgres({ host, port, password }, `ALTER ROLE postgres PASSWORD ${literal(verifier)}`);
    } catch (error) {
      await started.kill();
      throw error;
    }
    password = started.password;
  }
  const version = await postgresVersion(machine, binDir);
  folders.keep();
  const url = `postgres://postgres:${password}@${host}:${port}/postgres`;
  return Object.assign(started, { url, user: 'postgres', major: installation.major, version, binDir } as const);
}

/** Temporary folders of one server: they go at the end of the block, unless they are kept for later. */
class Folders implements AsyncDisposable {
  readonly #machine: Machine;
  readonly #made: TempFolder[] = [];
  #kept = false;

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
  keep(): void {
    this.#kept = true;
  }

  async remove(): Promise<void> {
    for (const folder of this.#made) await folder.remove();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#kept) await this.remove();
  }
}

async function dataFor(machine: Machine, binDir: string, folder: string, templates: string | undefined): Promise<Template> {
  if (templates === undefined) {
    const password = newPassword();
    return { data: await initData(machine, binDir, folder, password, { sync: false, segment: 16 }), password };
  }
  const data = join(folder, 'data');
  const made = await postgresTemplate(machine, binDir, templates);
  await machine.copyTree(made.data, data);
  return { data, password: made.password };
}

export async function postgresTemplate(machine: Machine, binDir: string, folder: string): Promise<Template> {
  const name = `postgres-${await postgresVersion(machine, binDir)}`;
  // Small WAL files: a template of 30 MB is copied in half the time of one of 45.
  const make = (place: string, password: string): Promise<string> =>
    initData(machine, binDir, place, password, { sync: false, segment: 1 });
  return await template({ machine, program: join(binDir, 'postgres'), name, edition: 1, make }, folder);
}

async function answers(point: { host: string; port: number; password: string }, dataDir: string): Promise<boolean> {
  try {
    const [row] = await asPostgres(point, `SELECT pg_catalog.current_setting('data_directory') AS data`);
    return row?.['data'] === dataDir;
  } catch (error) {
    if (isNotServing(error)) return false;
    throw error;
  }
}
