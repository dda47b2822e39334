import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fail } from '../model/index.ts';
import { fileExists, fileNotWritten } from './codes.ts';

/** Replaces a file in one move, so that no reader ever sees half of it. `mode` as for chmod. */
export async function writeWhole(cwd: string, file: string, text: string, mode: number): Promise<void> {
  const target = resolve(cwd, file);
  const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await using handle = await open(temporary, 'wx', mode);
    await handle.writeFile(text);
    await handle.sync();
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw notWritten(file, error);
  }
}

/** Writes a file that must not be there yet. */
export async function writeNew(cwd: string, file: string, text: string): Promise<void> {
  try {
    await using handle = await open(resolve(cwd, file), 'wx', 0o644);
    await handle.writeFile(text);
  } catch (error) {
    throw notWritten(file, error);
  }
}

function notWritten(file: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'EEXIST')
    return fail(fileExists, `The file ${file} exists already, and is left as it is.`, { hint: 'Name another one with --out' });
  return fail(fileNotWritten, `The file ${file} could not be written: ${error.message}`);
}
