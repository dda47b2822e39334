import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalProcess, Machine } from '../../../src/engine/local.ts';
import { ask, isNotServing } from '../../../src/engines/redis/local/client.ts';
import type { Installation } from '../../../src/engines/redis/local/find.ts';
import { host, type StartedServer, startServer } from '../../support/started-server.ts';
import { newPassword } from '../../support/template.ts';

/** How the server says that its port is taken. */
const TAKEN = /Address already in use|bind:/;
export type Settings = Readonly<Record<string, string | number>>;

/** How users survive a restart. */
type Saving = 'aclfile' | 'config' | 'none';

export interface StartRedis {
  readonly installation: Installation;
  readonly settings?: Settings;
  /** Where the temporary folder is made. Left out: the system's place. */
  readonly tempRoot?: string;
  /** Default `aclfile`. */
  readonly saving?: Saving;
  /** Lets everybody in without a login, as a server does that nobody has set up. Default false. */
  readonly open?: boolean;
}

export interface RedisServer extends StartedServer<Settings> {
  /** With user and password. */
  readonly url: string;
  readonly user: 'admin';
  readonly product: Installation['product'];
  /** As `8.0.6`. */
  readonly version: string;
}

const user = 'admin';

/**
 * Starts a server of its own on a free loopback port and waits until a login with the password has got an answer.
 * Throws CT6001, CT6002, CT6003, CT6010.
 */
export async function startRedis(machine: Machine, options: StartRedis): Promise<RedisServer> {
  const { installation, settings = {}, saving = 'aclfile', open = false } = options;
  const folder = await machine.tempFolder('cotenant-redis-', options.tempRoot);
  try {
    const password = newPassword();
    await setUp(machine, folder.path, saving, firstUsers(password, open));
    const started = await startServer<Settings>({
      machine,
      password,
      dataDir: folder.path,
      logFile: join(folder.path, 'server.log'),
      settings,
      taken: TAKEN,
      start: (port, now) => startOn({ machine, installation, folder: folder.path, saving, password }, port, now),
      isReady: (port, { pid }) => answers(port, password, pid),
      timeout: 60_000,
      remove: async () => await folder.remove(),
    });
    const url = `redis://${user}:${password}@${host}:${started.port}`;
    return Object.assign(started, { url, user, product: installation.product, version: installation.version } as const);
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

/** The access list of a new server: an administrator, and nobody else. */
async function setUp(machine: Machine, folder: string, saving: Saving, users: readonly (readonly string[])[]): Promise<void> {
  if (saving === 'none') return;
  const file = join(folder, saving === 'aclfile' ? 'users.acl' : 'server.conf');
  await writeFile(file, users.map((words) => `user ${words.join(' ')}\n`).join(''), { mode: 0o600 });
  await machine.chownToServer(file);
}

/** Only the hash of the password stands anywhere. */
function firstUsers(password: string, open: boolean): readonly (readonly string[])[] {
  const hash = createHash('sha256').update(password).digest('hex');
  return [
    [user, 'on', `#${hash}`, '~*', '&*', '+@all'],
    open ? ['default', 'on', 'nopass', '~*', '&*', '+@all'] : ['default', 'off', 'nopass', 'resetchannels', '-@all'],
  ];
}

interface Launch {
  readonly machine: Machine;
  readonly installation: Installation;
  readonly folder: string;
  readonly saving: Saving;
  readonly password: string;
}

async function startOn(launch: Launch, port: number, settings: Settings): Promise<LocalProcess> {
  const { machine, installation, folder, saving, password } = launch;
  const wanted: Settings = {
    save: '',
    appendonly: 'no',
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
  return await machine.start(installation.program, [...config, ...words, ...files], {
    logFile: join(folder, 'server.log'),
    stopSignals: ['SIGTERM'],
    watchParent: { remove: [folder] },
  });
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
