import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from './system.ts';

const sqliteBusy = 5;

/** A lock that is held. It ends with the process, whatever ends that. */
export interface FileLock extends Disposable {
  release(): void;
}

/**
 * Takes the lock of a file, which is made with mode 0600, and waits at most `wait` milliseconds for whoever holds it; null:
 * somebody still does. The lock is the kernel's (through SQLite, the only file lock that Node brings). Throws system errors.
 */
export async function takeFileLock(file: string, wait: number, signal?: AbortSignal): Promise<FileLock | null> {
  createOnce(file);
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file, { timeout: 0 });
  const deadline = performance.now() + wait;
  try {
    while (!tryLock(() => database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE'))) {
      if (performance.now() >= deadline || signal?.aborted === true) {
        database.close();
        return null;
      }
      await delay(2 + Math.random() * 8);
    }
  } catch (error) {
    database.close();
    throw error;
  }
  const release = (): void => database.close();
  return { release, [Symbol.dispose]: release };
}

/** Whether somebody holds the lock of a file that is there. Asking takes nothing: any number can ask at the same time. */
export async function isFileLocked(file: string): Promise<boolean> {
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file, { timeout: 0, readOnly: true });
  try {
    return !tryLock(() => database.exec('BEGIN; SELECT 1 FROM sqlite_master'));
  } finally {
    database.close();
  }
}

function tryLock(begin: () => void): boolean {
  try {
    begin();
    return true;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) return false;
    throw error;
  }
}

// Only ever with O_EXCL: closing any other handle of this file would end a lock that this process holds on it.
function createOnce(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}
