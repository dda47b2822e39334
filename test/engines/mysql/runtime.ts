import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../../../src/engine/local.ts';
import { type Installation, serverProgram } from '../../../src/engines/mysql/local/find.ts';
import { initData, serverEnv, serverVersion } from '../../../src/engines/mysql/local/init.ts';
import { answers, serveArgs } from '../../../src/engines/mysql/local/serve.ts';
import { host, type StartedServer, startServer } from '../../support/started-server.ts';
import { newPassword, type Template, template } from '../../support/template.ts';

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

export interface MysqlServer extends StartedServer<Settings> {
  /** With user and password. */
  readonly url: string;
  readonly user: 'root';
  readonly flavor: Installation['flavor'];
  /** As `MariaDB 10.11.18`. */
  readonly version: string;
}

/**
 * Starts a server of its own on a free loopback port, without a Unix socket, and waits until a login with the password has
 * got an answer. Throws CT6001, CT6002, CT6003, CT6010.
 */
export async function startMysql(machine: Machine, options: StartMysql): Promise<MysqlServer> {
  const { installation, settings = {} } = options;
  const folder = await machine.tempFolder('cotenant-mysql-', options.tempRoot);
  try {
    const { data, password } = await dataFor(machine, folder.path, options);
    const dataDir = await realpath(data);
    const logFile = join(folder.path, 'server.log');
    const started = await startServer<Settings>({
      machine,
      password,
      dataDir,
      logFile,
      settings,
      taken: TAKEN,
      waits: WAITS,
      start: async (port, now) => {
        const words = Object.entries(now).map(([name, value]) => `--${name}=${value}`);
        return await machine.start(serverProgram(installation), [...serveArgs(installation, dataDir, port), ...words], {
          env: serverEnv,
          logFile,
          stopSignals: ['SIGTERM'],
          watchParent: { remove: [folder.path] },
        });
      },
      isReady: (port) => answers({ host, port, password }, dataDir),
      timeout: 120_000,
      remove: async () => await folder.remove(),
    });
    const url = `mysql://root:${password}@${host}:${started.port}`;
    const version = await serverVersion(machine, installation);
    return Object.assign(started, { url, user: 'root', flavor: installation.flavor, version } as const);
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

/** Settings that a server has from the making of its data folder on. */
const AT_INIT = ['lower-case-table-names'];

async function dataFor(machine: Machine, folder: string, { installation, templates, settings = {} }: StartMysql): Promise<Template> {
  const early = AT_INIT.flatMap((name) => (settings[name] === undefined ? [] : [`--${name}=${settings[name]}`]));
  const make = async (place: string, password: string): Promise<string> => {
    const data = join(place, 'data');
    await mkdir(data, { mode: 0o700 });
    await machine.chownToServer(data);
    await initData(machine, installation, data, password, early);
    return data;
  };
  if (templates === undefined || early.length > 0) {
    const password = newPassword();
    return { data: await make(folder, password), password };
  }
  const name = (await serverVersion(machine, installation)).toLowerCase().replace(' ', '-');
  const made = await template({ machine, program: serverProgram(installation), name, edition: 2, make }, templates);
  await machine.copyTree(made.data, join(folder, 'data'));
  return { data: join(folder, 'data'), password: made.password };
}
