import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Runtime, Setup } from '../engine/index.ts';
import type { Machine } from '../engine/local.ts';

/** Makes the data folder of a new server where there is none yet. It is there whole or not at all, whenever this is killed. */
export async function makeData(machine: Machine, setup: Setup, runtime: Runtime): Promise<void> {
  if (existsSync(setup.data)) return;
  const home = dirname(setup.data);
  const prefix = `${basename(setup.data)}.new-`;
  for (const left of (await readdir(home)).filter((name) => name.startsWith(prefix))) await remove(join(home, left));
  const staging = join(home, `${prefix}${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(staging, { mode: 0o700 });
    await machine.chownToServer(staging);
    await runtime.init(machine, { ...setup, data: staging });
    await rename(staging, setup.data);
  } catch (error) {
    await remove(staging);
    throw error;
  }
}

async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}
