import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fail } from '../model/index.ts';
import { errorCode, keepOutOfGit, replaceFile, syncFolder } from '../util/system.ts';

/** The bytes of a file that only its owner can read, or null where there is none. Throws CT5002. */
export async function readPrivate(file: string): Promise<Buffer | null> {
  if (!(await checkFolder(dirname(file)))) return null;
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    const stats = await handle.stat();
    if (!stats.isFile()) throw fail('CT5002', `${file} is not a regular file.`);
    checkPrivate(file, stats, '600');
    return await handle.readFile();
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return null;
    if (code === 'ELOOP') throw fail('CT5002', `${file} is a symbolic link.`, { hint: 'Replace the link with the file itself.' });
    if (code !== '') throw fail('CT5002', `${file} cannot be read (${code}).`);
    throw error;
  }
}

/** Makes the folder (0700) or checks the one that is there. Throws CT5002, or CT5006 where it cannot be made. */
export async function makePrivateFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await keepOutOfGit(folder);
  } catch (error) {
    throw notWritten(folder, error);
  }
  await checkFolder(folder);
}

/**
 * Replaces the file as a whole: at any moment there is the old one or the new one. On disk when it resolves.
 * Removes what a killed writer left behind, so the caller must be the only writer. Throws CT5006.
 */
export async function replacePrivate(file: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = join(dirname(file), `${temporaryPrefix(file)}${randomBytes(8).toString('hex')}`);
  try {
    await removeLeftovers(file);
    await replaceFile(file, bytes, 0o600, temporary);
  } catch (error) {
    throw notWritten(file, error);
  }
}

/** Removes the file, on disk when it resolves. Throws CT5006. */
export async function removePrivate(file: string): Promise<void> {
  try {
    await removeLeftovers(file);
    await rm(file, { force: true });
    await syncFolder(dirname(file));
  } catch (error) {
    throw notWritten(file, error);
  }
}

export function notWritten(file: string, error: unknown): unknown {
  const code = errorCode(error);
  return code === ''
    ? error
    : fail('CT5006', `${file} cannot be written (${code}).`, { hint: 'Check the free disk space and the permissions of its folder.' });
}

function temporaryPrefix(file: string): string {
  return `.${basename(file)}.new-`;
}

async function removeLeftovers(file: string): Promise<void> {
  const folder = dirname(file);
  const leftovers = (await readdir(folder)).filter((name) => name.startsWith(temporaryPrefix(file)));
  await Promise.all(leftovers.map((name) => rm(join(folder, name), { force: true })));
}

async function checkFolder(folder: string): Promise<boolean> {
  try {
    const stats = await stat(folder);
    if (!stats.isDirectory()) throw fail('CT5002', `${folder} is not a folder.`);
    checkPrivate(folder, stats, '700');
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return false;
    if (code !== '') throw fail('CT5002', `${folder} cannot be read (${code}).`);
    throw error;
  }
}

function checkPrivate(path: string, stats: Stats, mode: string): void {
  // Windows has no such modes and owners; there the folder's inherited ACL decides.
  const me = process.getuid?.();
  if (me === undefined) return;
  if (stats.uid !== me && stats.uid !== 0) {
    throw fail('CT5002', `${path} belongs to user ${stats.uid}, but this process runs as user ${me}.`, {
      hint: `Run as its owner, or: chown ${me} ${path}`,
    });
  }
  if ((stats.mode & 0o077) !== 0) {
    throw fail('CT5002', `${path} is readable by others (mode ${(stats.mode & 0o777).toString(8).padStart(3, '0')}).`, {
      expected: `mode ${mode}`,
      hint: `chmod ${mode} ${path}`,
    });
  }
}
