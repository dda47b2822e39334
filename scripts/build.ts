// Compiles src/ to dist/ and bundles it. The new folder takes the old one's place at the end, so that a running CLI never meets half of it.
// --if-stale: only where a source is newer than dist/.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, glob, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.ts';
import { bundleTypes } from './bundle-types.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const inputs = ['src/**/*', 'scripts/bundle.ts', 'scripts/bundle-types.ts', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];

async function isStale(): Promise<boolean> {
  if (!existsSync(dist)) return true;
  const built = (await stat(dist)).ctimeMs;
  for await (const file of glob(inputs, { cwd: root })) {
    if ((await stat(join(root, file))).mtimeMs > built) return true;
  }
  return false;
}

function compile(outDir: string): number {
  const result = spawnSync('tsc', ['-p', 'tsconfig.build.json', '--outDir', outDir], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` },
  });
  if (result.error !== undefined) throw result.error;
  return result.status ?? 1;
}

/** What the sources read at run time and the compiler does not copy. */
async function copyAssets(outDir: string): Promise<void> {
  for await (const file of glob('src/**/*.{sql,json,lua}', { cwd: root })) {
    const target = join(outDir, file.slice('src/'.length));
    await mkdir(join(target, '..'), { recursive: true });
    await cp(join(root, file), target);
  }
}

/** What `man cotenant` shows where the package is installed for all. */
async function writeManPage(outDir: string): Promise<void> {
  const { status, stdout } = spawnSync(process.execPath, [join(outDir, 'cli/main.js'), 'man'], { encoding: 'utf8' });
  if (status !== 0) throw new Error('the manual page could not be made');
  await writeFile(join(outDir, 'cotenant.1'), stdout);
}

async function build(): Promise<number> {
  const fresh = join(root, `dist.${process.pid}`);
  const old = `${fresh}.old`;
  try {
    const status = compile(fresh);
    if (status !== 0) return status;
    await bundle(fresh);
    await bundleTypes(fresh);
    await copyAssets(fresh);
    await chmod(join(fresh, 'cli/main.js'), 0o755);
    await writeManPage(fresh);
    if (existsSync(dist)) await rename(dist, old);
    await rename(fresh, dist);
    return 0;
  } finally {
    await Promise.all([fresh, old].map((folder) => rm(folder, { recursive: true, force: true })));
  }
}

if (!process.argv.includes('--if-stale') || (await isStale())) process.exitCode = await build();
