import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makePrivateFolder } from '../../secrets/private-file.ts';
import { isFileLocked, takeFileLock } from '../../util/file-lock.ts';
import type { Project } from '../types.ts';

const PREFIX = 'staging-';

/** A folder that only this user reads, for what is on its way to or from a repository. It goes with its run; what a killed one left goes with the next. */
export class Staging implements AsyncDisposable {
  readonly path: string;
  readonly #lock: Disposable | null;

  private constructor(path: string, lock: Disposable | null) {
    this.path = path;
    this.#lock = lock;
  }

  static async open({ manifest, signal }: Pick<Project, 'signal'> & { readonly manifest: { readonly file: string } }): Promise<Staging> {
    const home = join(dirname(manifest.file), '.cotenant');
    await makePrivateFolder(home);
    // Another run that sweeps must not find a folder before it has its lock.
    using _alone = await takeFileLock(join(home, 'sweep.lock'), Infinity, signal);
    signal.throwIfAborted();
    await sweep(home);
    const path = await mkdtemp(join(home, PREFIX));
    return new Staging(path, await takeFileLock(`${path}.lock`, 0));
  }

  async folder(...names: readonly string[]): Promise<string> {
    const path = join(this.path, ...names);
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    this.#lock?.[Symbol.dispose]();
    await rm(`${this.path}.lock`, { force: true });
  }
}

async function sweep(home: string): Promise<void> {
  for (const name of (await readdir(home)).filter((one) => one.startsWith(PREFIX) && !one.endsWith('.lock'))) {
    const path = join(home, name);
    if (await isFileLocked(`${path}.lock`).catch(() => false)) continue;
    await rm(path, { recursive: true, force: true });
    await rm(`${path}.lock`, { force: true });
  }
}
