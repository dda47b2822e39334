import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';
import { external } from '../../scripts/bundle.ts';
import { checkout } from './places.ts';
import { underTest } from './under-test.ts';

/** Milliseconds after which a bundle that no run uses any more is removed. */
const OLD = 86_400_000;

/**
 * Bundles what tests start as processes, from the sources of this moment, as the build does but without a type check, and gives the
 * CLI's main file. A command then starts in a third of the time that Node takes to strip the types of 300 files. Runs side by side
 * share a bundle.
 */
export async function bundledCli(): Promise<string> {
  const build = await rolldown({ cwd: checkout, input: underTest, platform: 'node', logLevel: 'warn', external });
  const { output } = await build.generate({ format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' });
  await build.close();
  const files = output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file.code] as const] : []));
  const home = join(checkout, 'dist.test');
  const folder = join(home, createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16));
  await mkdir(home, { recursive: true });
  await removeOld(home);
  // The CLI reads its version two folders up, as in the package.
  await copyFile(join(checkout, 'package.json'), join(home, 'package.json'));
  const fresh = await mkdtemp(join(home, 'new-'));
  for (const [name, code] of files) {
    await mkdir(dirname(join(fresh, name)), { recursive: true });
    await writeFile(join(fresh, name), code);
  }
  // Tests run it as other users too.
  await chmod(fresh, 0o755);
  // Somebody else's equal bundle may be there already.
  await rename(fresh, folder).catch(async () => await rm(fresh, { recursive: true }));
  return join(folder, 'cli/main.js');
}

async function removeOld(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    const path = join(home, name);
    const found = await stat(path).catch(() => null);
    if (found?.isDirectory() && Date.now() - found.mtimeMs > OLD) await rm(path, { recursive: true, force: true });
  }
}
