// Adds the optional platform packages that a registry did not offer when the lock file was made.
// npm leaves such packages out, and `npm ci` then refuses the lock file as incomplete.
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';

const entrySchema = z.object({
  optionalDependencies: z.record(z.string(), z.string()).optional(),
  engines: z.unknown().optional(),
  dev: z.boolean().optional(),
});
const lockSchema = z.object({ packages: z.record(z.string(), entrySchema) });
const rawSchema = z.record(z.string(), z.unknown());
type Packages = z.infer<typeof lockSchema>['packages'];

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'sunos', 'wasi', 'wasm32', 'win32'];

interface Platform {
  readonly cpu: string[];
  readonly os?: string[];
  readonly libc?: string[];
}

/** `@x/binding-linux-arm64-musl` -> `{ os: ['linux'], cpu: ['arm64'], libc: ['musl'] }`; null where the name names no platform. */
export function platformOf(name: string): Platform | null {
  const words = name.split('/').at(-1)?.split('-') ?? [];
  const at = words.findIndex((word) => systems.includes(word));
  const [os, cpu, abi] = at < 0 ? [] : words.slice(at);
  if (os === 'wasm32') return { cpu: ['wasm32'] };
  if (os === undefined || cpu === undefined) return null;
  if (os !== 'linux') return { os: [os], cpu: [cpu] };
  return { os: [os], cpu: [cpu], ...(abi?.startsWith('musl') ? { libc: ['musl'] } : abi?.startsWith('gnu') ? { libc: ['glibc'] } : {}) };
}

function isLocked(packages: Packages, parent: string, name: string): boolean {
  for (let at = parent; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    if (`${at === '' ? '' : `${at}/`}node_modules/${name}` in packages) return true;
    if (at === '') return false;
  }
}

/** Optional dependencies that the lock file names and does not hold. */
export function missingOptional(packages: Packages): { parent: string; name: string; version: string }[] {
  return Object.entries(packages).flatMap(([parent, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !isLocked(packages, parent, name))
      .map(([name, version]) => ({ parent, name, version })),
  );
}

export function packagesOf(text: string): Packages {
  return lockSchema.parse(JSON.parse(text)).packages;
}

/** The lock file's text with every missing platform package added. Throws where a package is missing that names no platform. */
export function completeLock(text: string): string {
  const packages = packagesOf(text);
  const lock = rawSchema.parse(JSON.parse(text));
  const entries = new Map(Object.entries(rawSchema.parse(lock['packages'])));
  for (const { parent, name, version } of missingOptional(packages)) {
    const platform = platformOf(name);
    if (platform === null || !/^\d/.test(version)) throw new Error(`${name}@${version} is not in the lock file and names no platform`);
    const { dev, engines } = packages[parent] ?? {};
    const { cpu, libc, os } = platform;
    // In the order in which npm writes them; JSON drops what is undefined.
    entries.set(`node_modules/${name}`, { version, cpu, dev, libc, optional: true, os, engines });
  }
  const sorted = [...entries].sort(([a], [b]) => a.localeCompare(b, 'en'));
  return `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`;
}

if (import.meta.main) {
  const file = new URL('../package-lock.json', import.meta.url);
  const before = await readFile(file, 'utf8');
  const after = completeLock(before);
  if (after !== before) await writeFile(file, after);
}
