import { existsSync, rmSync } from 'node:fs';
import { chmod, chown, lchown, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ServerUser, TempFolder } from '../engine/local.ts';
import { fail } from '../model/index.ts';
import { run } from './process.ts';
import { onShutdown } from './shutdown.ts';
import { canEnter } from './user.ts';

/** A new folder, mode 0700, of the given user or of this process. It goes when the process ends. */
export async function tempFolder(prefix: string, user: ServerUser | null, where?: string): Promise<TempFolder> {
  const path = await mkdtemp(join(await tempRoot(user, where), prefix));
  await chmod(path, 0o700);
  if (user) await chown(path, user.uid, user.gid);
  const last = (): void => removeNow(path);
  process.on('exit', last);
  const takeBack = onShutdown(async () => await remove());
  const remove = async (): Promise<void> => {
    // A server that was told to stop may still be deleting its own files.
    await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    process.off('exit', last);
    takeBack();
  };
  return { path, remove, [Symbol.asyncDispose]: remove };
}

function removeNow(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // A server that still runs is writing to it. Its watcher removes the folder once it has stopped.
  }
}

async function tempRoot(user: ServerUser | null, where: string | undefined): Promise<string> {
  for (const candidate of [...(where ? [where] : []), tmpdir(), '/tmp', '/var/tmp']) {
    const root = await realpath(candidate).catch(() => null);
    if (root !== null && (user === null || canEnter(user, root))) return root;
  }
  throw fail('CT6004', `User ${user?.name ?? 'unknown'} cannot enter any folder for temporary files.`, {
    hint: 'Set TMPDIR to a folder that this user can enter.',
  });
}

/** Gives a file, or a folder with everything in it, to the user. Symbolic links are given, not followed. */
export async function giveTo(user: ServerUser | null, path: string): Promise<void> {
  if (!user) return;
  await lchown(path, user.uid, user.gid);
  const inside = await readdir(path, { recursive: true }).catch(() => []);
  for (const name of inside) await lchown(join(path, name), user.uid, user.gid);
}

/** `cp` is several times faster than a walk from here, and clones blocks where the file system can. */
export async function copyTree(from: string, to: string): Promise<void> {
  if (existsSync(to)) throw new Error(`${to} exists already`);
  const { code, stderr } = await run(null, 'cp', ['-a', from, to]);
  if (code !== 0) throw fail('CT6005', `${from} cannot be copied to ${to}.`, { hint: stderr.trim() });
}

/** The folder itself where the user can enter it, else a copy inside `into`. */
export async function readable(user: ServerUser | null, folder: string, into: string): Promise<string> {
  const real = await realpath(folder);
  if (user === null || canEnter(user, real)) return real;
  const copy = join(into, basename(real));
  if (existsSync(copy)) return copy;
  await copyTree(real, copy);
  await giveTo(user, copy);
  return copy;
}
