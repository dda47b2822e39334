import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fail } from '../model/index.ts';
import { errorCode, replaceFile, whyNotWritten } from '../util/system.ts';
import { fileExists, fileNotWritten, roomHint } from './codes.ts';

/** Replaces a file in one move, so that no reader ever sees half of it. `mode` as for chmod. */
export async function writeWhole(cwd: string, file: string, text: string, mode: number): Promise<void> {
  try {
    await replaceFile(resolve(cwd, file), text, mode);
  } catch (error) {
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
  const code = errorCode(error);
  if (code === '' || !(error instanceof Error)) return error;
  if (code === 'EEXIST')
    return fail(fileExists, `The file ${file} already exists and was not changed.`, { hint: 'Choose another file with --out' });
  return fail(fileNotWritten, `The file ${file} could not be written: ${whyNotWritten(error)}`, { hint: roomHint });
}
