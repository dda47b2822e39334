import { randomBytes } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The code that an error carries: the system's, as `ENOENT`, or that of a driver; '' where there is none. */
export function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What was made or removed in the folder is on disk when it resolves. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder.
  if (process.platform === 'win32') return;
  await using handle = await open(folder, 'r');
  await handle.sync();
}

/** What cotenant keeps beside a manifest holds secrets: it is in no repository. A file that is there already stays. */
export async function keepOutOfGit(folder: string): Promise<void> {
  if (basename(folder) !== '.cotenant') return;
  await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx', mode: 0o600 }).catch(() => undefined);
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
