import { fail } from '../model/index.ts';
import { takeFileLock } from '../util/file-lock.ts';
import { notWritten } from './private-file.ts';

/**
 * Runs `work` while no other process or store does so with the same file. Waits at most `wait` milliseconds, then throws
 * CT5005. Throws CT5006 where the file cannot be made.
 */
export async function withFileLock<T>(file: string, wait: number, work: () => Promise<T>): Promise<T> {
  const lock = await takeFileLock(file, wait).catch((error: unknown) => Promise.reject(asError(notWritten(file, error))));
  if (lock === null) {
    throw fail('CT5005', `${file} is held by another process.`, { hint: 'Wait for the other run to finish, or stop it.' });
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
