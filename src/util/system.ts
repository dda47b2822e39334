import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The system's name of the error, as `ENOENT`, or null where it is no system error. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** What was made or removed in the folder is on disk when it resolves. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder.
  if (process.platform === 'win32') return;
  await using handle = await open(folder, 'r');
  await handle.sync();
}

/** Replaces the file as a whole: at any moment there is the old one or the new one, on disk when it resolves. Where it fails nothing is left. */
export async function replaceFile(
  file: string,
  content: string | Uint8Array,
  mode: number,
  temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`,
): Promise<void> {
  try {
    {
      await using handle = await open(temporary, 'wx', mode);
      await handle.writeFile(content);
      await handle.sync();
    }
    await rename(temporary, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
