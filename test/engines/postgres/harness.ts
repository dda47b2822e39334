import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../../../src/engine/local.ts';
import { type PostgresServer, type Settings, startPostgres } from './runtime.ts';
import { deployTool } from '../../support/deploy-tools.ts';
import { memory } from '../../support/memory.ts';
import { type Entry, versionSaid } from '../../support/roster.ts';
import { asUrl } from '../../../src/engines/postgres/local/client.ts';
import {
  embeddedInstallations,
  type Installation,
  localInstallations,
  type Major,
  majors,
  unpackedInstallations,
} from '../../../src/engines/postgres/local/find.ts';

/** What a suite may need besides the server: `psql` and `pg_dump`; the extension `vector`. */
export type PostgresNeed = 'clients' | 'pgvector';

export interface PostgresWish {
  readonly major: Major;
  readonly needs?: readonly PostgresNeed[];
  /** True: the suite cleans up behind itself and restarts nothing, so a server that somebody else runs will do. */
  readonly external?: boolean;
}

/** One way to get a server of one major. */
export interface PostgresWay {
  readonly major: Major;
  /** As `embedded`, for the summary. */
  readonly way: 'url' | Installation['way'];
  start(settings?: Settings): Promise<PostgresServer>;
}

/** Where things are kept between runs. */
export interface Places {
  /** The cache of the checkout, or COTENANT_CACHE. */
  readonly cache: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A server that lives for one test has nothing to lose, and shows nothing but what the test did. */
const testSettings: Settings = { fsync: false, full_page_writes: false, shared_buffers: '16MB', autovacuum: false };

/**
 * Ways to get a server that serves the wish, the preferred one first: COTENANT_TEST_POSTGRES_<major>_URL, a full server
 * that was unpacked here, one that the system has, the npm package.
 */
export function postgresWays(machine: Machine, places: Places, wish: PostgresWish): readonly PostgresWay[] {
  const needs = wish.needs ?? [];
  const url = places.env[`COTENANT_TEST_POSTGRES_${wish.major}_URL`];
  const external = wish.external && url !== undefined && url !== '' ? [externalWay(wish.major, url)] : [];
  const installed = installations(machine, places.cache).filter((one) => one.major === wish.major && needs.every((need) => has(one, need)));
  // The data folder of a test is copied there in a tenth of a second.
  const tempRoot = memory(2 ** 30);
  const own = installed.map((installation) => ({
    major: wish.major,
    way: installation.way,
    start: async (settings: Settings = {}) =>
      await startPostgres(machine, {
        installation,
        auth: 'scram',
        templates: join(places.cache, 'templates'),
        ...(tempRoot && { tempRoot }),
        settings: { ...testSettings, ...settings },
      }),
  }));
  return [...external, ...own];
}

/** The first way for each major; null: this machine has none. */
export function postgresVersions(machine: Machine, places: Places): ReadonlyMap<Major, PostgresWay | null> {
  return new Map(majors.map((major) => [major, postgresWays(machine, places, { major, external: true })[0] ?? null]));
}

/** The same for the list of all engines. */
export function roster(machine: Machine, places: Places): Entry[] {
  const found = installations(machine, places.cache);
  const servers = [...postgresVersions(machine, places)].map(([major, way]) => {
    const one = found.find((installation) => installation.major === major && installation.way === way?.way);
    return { name: `postgres${major}`, way: way?.way ?? null, ...(one && versionSaid(join(one.prefix, one.bin, 'postgres'))) };
  });
  const pooler = findPgbouncer(places.cache);
  const restic = findRestic(places.cache);
  return [
    ...servers,
    { name: 'pgbouncer', way: pooler?.way ?? null, ...(pooler && versionSaid(pooler.program)), beside: true },
    { name: 'restic', way: restic?.way ?? null, beside: true },
    ...(['docker-compose', 'promtool', 'prometheus'] as const).map((name) => ({
      name,
      way: deployTool(places.cache, name)?.way ?? null,
      beside: true as const,
    })),
  ];
}

/** What keeps backups: unpacked here, or of this system; null: this machine has none. Debian 12 has one that is too old. */
export function findRestic(cache: string): { readonly way: 'unpacked' | 'local'; readonly folder: string } | null {
  const folders = [
    { way: 'unpacked', folder: join(cache, 'debian/restic/usr/bin') },
    { way: 'local', folder: '/usr/local/bin' },
  ] as const;
  return folders.find(({ folder }) => existsSync(join(folder, 'restic'))) ?? null;
}

/** The pooler that suites put in front of a server: unpacked here, or of this system; null: this machine has none. */
export function findPgbouncer(cache: string): { readonly way: 'unpacked' | 'local'; readonly program: string } | null {
  const programs = [
    { way: 'unpacked', program: join(cache, 'debian/pgbouncer/usr/sbin/pgbouncer') },
    { way: 'local', program: '/usr/sbin/pgbouncer' },
  ] as const;
  return programs.find(({ program }) => existsSync(program)) ?? null;
}

function installations(machine: Machine, cache: string): Installation[] {
  // A copy of the npm package works anywhere; the others run only where they lie.
  const fixed = [...unpackedInstallations(cache), ...localInstallations()].filter((one) => machine.canRead(one.prefix));
  return [...fixed, ...embeddedInstallations()];
}

function has(installation: Installation, need: PostgresNeed): boolean {
  if (need === 'clients') return ['psql', 'pg_dump'].every((name) => existsSync(join(installation.prefix, installation.bin, name)));
  return extensionFolders(installation).some((folder) => existsSync(join(folder, 'vector.control')));
}

function extensionFolders({ prefix, major }: Installation): string[] {
  return [join(prefix, `../../../share/postgresql/${major}/extension`), join(prefix, 'share/postgresql/extension')];
}

function externalWay(major: Major, url: string): PostgresWay {
  const start = async (): Promise<PostgresServer> => {
    const [row] = await asUrl(url, 'SHOW server_version');
    const version = String(row?.['server_version']).split(' ')[0] ?? '';
    if (Number.parseInt(version, 10) !== major) throw new Error(`COTENANT_TEST_POSTGRES_${major}_URL leads to PostgreSQL ${version}`);
    const { hostname, port, username, password } = new URL(url);
    if (username !== 'postgres') throw new Error(`COTENANT_TEST_POSTGRES_${major}_URL must log in as postgres`);
    const refuse = async (): Promise<never> => Promise.reject(new Error('a server that somebody else runs is not stopped from here'));
    const done = async (): Promise<void> => undefined;
    const place = { host: hostname, port: Number(port || 5432), user: 'postgres', password: decodeURIComponent(password) } as const;
    const files = { binDir: '', dataDir: '', logFile: '', pid: 0 };
    return { url, ...place, ...files, major, version, stop: done, kill: refuse, restart: refuse, [Symbol.asyncDispose]: done };
  };
  return { major, way: 'url', start };
}
