import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fail } from '../model/index.ts';
import { errorCode, notWritten } from './private-file.ts';

const sqliteBusy = 5;

/**
 * Runs `work` while no other process or store does so with the same file. The lock is the kernel's (through SQLite, the only
 * file lock that Node brings), so it ends with the process that holds it. Waits at most `wait` milliseconds, then throws CT5005.
 */
export async function withFileLock<T>(file: string, wait: number, work: () => Promise<T>): Promise<T> {
  createOnce(file);
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    const deadline = performance.now() + wait;
    while (!tryLock(() => database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE'))) {
      if (performance.now() > deadline) {
        throw fail('CT5005', `${file} is held by another process.`, { hint: 'Wait for the other run to end, or end it.' });
      }
      await delay(2 + Math.random() * 8);
    }
    return await work();
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
    if (errorCode(error) !== 'EEXIST') throw notWritten(file, error);
  }
}
