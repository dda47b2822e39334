import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runnableMemory } from './memory.ts';

export interface TempDir extends AsyncDisposable {
  readonly path: string;
}

/** Where `tempDir` makes folders: in memory where there is room for data of servers and for installed packages. */
const tempRoot = runnableMemory(2 ** 32) ?? tmpdir();

/** A new folder, mode 0700. Use it with `await using`: it goes with the block. */
export async function tempDir(): Promise<TempDir> {
  const path = await realpath(await mkdtemp(join(tempRoot, 'cotenant-test-')));
  return { path, [Symbol.asyncDispose]: async () => await rm(path, { recursive: true, force: true }) };
}
