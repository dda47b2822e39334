import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Versions that the engine is tested on, by the names that tests and folders use. */
export const versions = ['redis7', 'redis8', 'valkey81', 'valkey91'] as const;
export type Version = (typeof versions)[number];

export type Product = 'redis' | 'valkey';

/** The program of one server on this machine. */
export interface Installation {
  readonly product: Product;
  /** As `8.0.6`. */
  readonly version: string;
  readonly way: 'unpacked' | 'local';
  readonly program: string;
}

const PROGRAMS: readonly (readonly [Product, string])[] = [
  ['valkey', 'valkey-server'],
  ['redis', 'redis-server'],
];

/** Servers that were unpacked by `scripts/debian-root` into `<cache>/debian/<name>`. */
export function unpackedInstallations(cache: string): readonly Installation[] {
  const root = join(cache, 'debian');
  const names = existsSync(root) ? readdirSync(root).filter((name) => existsSync(join(root, name, '.complete'))) : [];
  return names.flatMap((name) => installationsIn(join(root, name, 'usr/bin'), 'unpacked'));
}

/** Servers that the system's packages brought, the newest product first. */
export function localInstallations(
  folders: readonly string[] = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'],
): readonly Installation[] {
  return folders.flatMap((folder) => installationsIn(folder, 'local'));
}

function installationsIn(folder: string, way: Installation['way']): Installation[] {
  return PROGRAMS.flatMap(([product, name]) => {
    const program = join(folder, name);
    const version = existsSync(program) ? versionOf(program) : null;
    // Where the newer one took the older one's place, its name often stays as a link.
    return version?.product === product ? [{ product, version: version.number, way, program }] : [];
  });
}

const known = new Map<string, { readonly product: Product; readonly number: string } | null>();

function versionOf(program: string): { readonly product: Product; readonly number: string } | null {
  const before = known.get(program);
  if (before !== undefined) return before;
  const said = spawnSync(program, ['--version'], { encoding: 'utf8', env: {}, timeout: 10_000 });
  const found = said.status === 0 ? /^(Redis|Valkey) server v=([\d.]+)/.exec(said.stdout) : null;
  const version = found ? { product: found[1] === 'Valkey' ? ('valkey' as const) : ('redis' as const), number: found[2] ?? '' } : null;
  known.set(program, version);
  return version;
}

/** As tests call it: a major of Redis, a minor of Valkey. */
export function nameOf({ product, version }: Pick<Installation, 'product' | 'version'>): string {
  const [major = '', minor = ''] = version.split('.');
  return product === 'redis' ? `redis${major}` : `valkey${major}${minor}`;
}
