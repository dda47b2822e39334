import { mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runnableMemory } from './memory.ts';

export interface TempDir extends AsyncDisposable {
  readonly path: string;
}

const NAME = 'cotenant-test-';
/** Milliseconds after which a folder belongs to a run that was killed. */
const OLD = 86_400_000;

/** Where `tempDir` makes folders: in memory where there is room for data of servers and for installed packages. */
const tempRoot = runnableMemory(2 ** 32) ?? tmpdir();

/** A new folder, mode 0700. Use it with `await using`: it goes with the block. */
export async function tempDir(): Promise<TempDir> {
  const path = await realpath(await mkdtemp(join(tempRoot, NAME)));
  return { path, [Symbol.asyncDispose]: async () => await rm(path, { recursive: true, force: true }) };
}

/** Removes what killed runs have left: it takes memory. */
export async function removeOldTempDirs(): Promise<void> {
  const names = await readdir(tempRoot).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(NAME))) {
    const path = join(tempRoot, name);
    const found = await stat(path).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > OLD) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
