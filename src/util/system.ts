import { randomBytes } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The code that an error carries: the system's, as `ENOENT`, or that of a driver; '' where there is none. */
export function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'the system does not permit it'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the quota of this user is used up'],
  ['ENOENT', 'there is no such folder'],
  ['ENOTDIR', 'a part of its path is no folder'],
  ['EISDIR', 'it is a folder'],
  ['ENAMETOOLONG', 'its name is too long'],
]);

/** Why a file could not be written, in words. */
export function whyNotWritten(error: unknown): string {
  return REASONS.get(errorCode(error)) ?? (error instanceof Error ? error.message : String(error));
}

const OF_THE_MACHINE: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT']);

/** The file of which the machine, and no program, says that it cannot be used; null: the error is of another kind. */
export function unusableFile(error: unknown): string | null {
  if (!OF_THE_MACHINE.has(errorCode(error)) || !(error instanceof Error) || !('path' in error) || typeof error.path !== 'string')
    return null;
  return error.path.replace(TEMPORARY, '');
}

/** What `replaceFile` puts behind a name. */
const TEMPORARY = /\.[0-9a-f]{12}\.tmp$/u;

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
