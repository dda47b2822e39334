import type { Machine } from '../../../src/engine/local.ts';
import { type RedisServer, type Settings, type StartRedis, startRedis } from './runtime.ts';
import type { Entry } from '../../support/roster.ts';
import { ask } from '../../../src/engines/redis/local/client.ts';
import {
  type Installation,
  localInstallations,
  nameOf,
  unpackedInstallations,
  type Version,
  versions,
} from '../../../src/engines/redis/local/find.ts';

export interface RedisWish {
  readonly version: Version;
  /** True: the suite cleans up behind itself and restarts nothing, so a server that somebody else runs will do. */
  readonly external?: boolean;
}

/** One way to get a server of one version. */
export interface RedisWay {
  readonly version: Version;
  /** As `unpacked`, for the summary. */
  readonly way: 'url' | Installation['way'];
  start(options?: Pick<StartRedis, 'settings' | 'saving' | 'open'>): Promise<RedisServer>;
}

/** Where things are kept between runs. */
export interface Places {
  /** The cache of the checkout, or COTENANT_CACHE. */
  readonly cache: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a test sees has nothing to do with how big the machine is; values that apps bring are looked at, as `verify` wants. */
const testSettings: Settings = { maxmemory: '256mb', 'maxmemory-policy': 'noeviction', 'sanitize-dump-payload': 'clients' };

/**
 * Ways to get a server that serves the wish, the preferred one first: COTENANT_TEST_<VERSION>_URL (a user with every
 * command, and an aclfile on the server), one that was unpacked here, one that the system has.
 */
export function redisWays(machine: Machine, places: Places, wish: RedisWish): readonly RedisWay[] {
  const url = places.env[`COTENANT_TEST_${wish.version.toUpperCase()}_URL`];
  const external = wish.external && url !== undefined && url !== '' ? [externalWay(wish.version, url)] : [];
  const installed = [...unpackedInstallations(places.cache), ...localInstallations()].filter((one) => nameOf(one) === wish.version);
  const own = installed.map((installation) => ({
    version: wish.version,
    way: installation.way,
    start: async ({ settings = {}, ...options }: Pick<StartRedis, 'settings' | 'saving' | 'open'> = {}) =>
      await startRedis(machine, { installation, ...options, settings: { ...testSettings, ...settings } }),
  }));
  return [...external, ...own];
}

/** Says for each version how this machine gets a server. */
export function roster(machine: Machine, places: Places): readonly Entry[] {
  const installed = [...unpackedInstallations(places.cache), ...localInstallations()];
  return versions.map((name) => {
    const way = redisWays(machine, places, { version: name, external: true })[0]?.way ?? null;
    const found = installed.find((one) => nameOf(one) === name && one.way === way);
    return { name, way, ...(found && { version: found.version }) };
  });
}

function externalWay(version: Version, url: string): RedisWay {
  const start = async (): Promise<RedisServer> => {
    const { hostname, port, username, password } = new URL(url);
    if (username !== 'admin') throw new Error(`COTENANT_TEST_${version.toUpperCase()}_URL must log in as admin`);
    const place = { host: hostname, port: Number(port || 6379), user: 'admin', password: decodeURIComponent(password) } as const;
    const info = String(await ask(place, 'INFO', 'server'));
    const valkey = /valkey_version:([\d.]+)/.exec(info)?.[1];
    const number = valkey ?? /redis_version:([\d.]+)/.exec(info)?.[1] ?? '';
    const product = valkey === undefined ? ('redis' as const) : ('valkey' as const);
    if (nameOf({ product, version: number }) !== version)
      throw new Error(`COTENANT_TEST_${version.toUpperCase()}_URL leads to ${product} ${number}`);
    const refuse = async (): Promise<never> => Promise.reject(new Error('a server that somebody else runs is not stopped from here'));
    const done = async (): Promise<void> => undefined;
    const files = { dataDir: '', logFile: '', pid: 0 };
    return { url, ...place, ...files, product, version: number, stop: done, kill: refuse, restart: refuse, [Symbol.asyncDispose]: done };
  };
  return { version, way: 'url', start };
}
