import { readFileSync, statfsSync } from 'node:fs';

const SHARED = '/dev/shm';

/** A file system in memory, where nothing waits for a disk; null: this machine has none with so many bytes left, as a container has not. */
export function memory(bytes: number): string | null {
  try {
    const { bavail, bsize } = statfsSync(SHARED);
    return bavail * bsize > bytes ? SHARED : null;
  } catch {
    return null;
  }
}

/** The same, where programs can be run from it too. */
export function runnableMemory(bytes: number): string | null {
  try {
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .findLast((line) => line.split(' ')[1] === SHARED);
    return mount !== undefined && !/\bnoexec\b/.test(mount) ? memory(bytes) : null;
  } catch {
    return null;
  }
}
