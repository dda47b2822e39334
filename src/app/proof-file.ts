import { dirname, join } from 'node:path';
import { stat } from 'node:fs/promises';
import { makePrivateFolder, readPrivate, replacePrivate } from '../secrets/private-file.ts';
import { type FileLock, takeFileLock } from '../util/file-lock.ts';
import type { Project } from './types.ts';

type Named = Pick<Project, 'manifest'>;

function fileOf({ manifest }: Named, name: string): string {
  return join(dirname(manifest.file), '.cotenant', `${name}.${encodeURIComponent(manifest.project)}`);
}

/** Keeps the last proof for whoever serves this manifest, now and later. Throws CT5002 and CT5006. */
export async function saveProof(project: Named, text: string): Promise<void> {
  const file = `${fileOf(project, 'proof')}.json`;
  await makePrivateFolder(dirname(file));
  await replacePrivate(file, text);
}

/** What was kept; null: nothing, or nothing new since `seen`. Throws CT5002. */
export async function readProof(project: Named, seen: string): Promise<{ readonly text: string; readonly stamp: string } | null> {
  const file = `${fileOf(project, 'proof')}.json`;
  const found = await stat(file, { bigint: true }).catch(() => null);
  const stamp = found === null ? '' : `${found.ino} ${found.mtimeNs} ${found.size}`;
  if (stamp === seen || stamp === '') return null;
  const bytes = await readPrivate(file);
  return bytes === null ? null : { text: bytes.toString('utf8'), stamp };
}

/** Held by one of all processes that serve this manifest from this folder. It ends with the process, whatever ends that. */
export class Lease implements Disposable {
  #lock: FileLock | null = null;

  /** True where it is ours, or was free until now. Throws where the folder cannot be used. */
  async hold(project: Named): Promise<boolean> {
    if (this.#lock) return true;
    const file = `${fileOf(project, 'serve')}.lock`;
    await makePrivateFolder(dirname(file));
    this.#lock = await takeFileLock(file, 0);
    return this.#lock !== null;
  }

  [Symbol.dispose](): void {
    this.#lock?.release();
    this.#lock = null;
  }
}
