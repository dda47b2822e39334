import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { fail } from '../model/index.ts';
import { unlessAborted } from '../util/abort.ts';
import type { Call } from './call.ts';
import { passwordFileUnreadable } from './codes.ts';

/** The text of a password file without its line end; `-` is stdin. Throws CT9003. */
export async function readPassword(call: Call, file: string): Promise<string> {
  const { cwd, stdin, interruption } = call.io;
  if (file === '-' && stdin.isTTY === true) {
    throw fail(passwordFileUnreadable, 'Cannot read a password from stdin: it is a terminal.', {
      hint: 'Pipe it: cat password.txt | cotenant …',
    });
  }
  const content = file === '-' ? unlessAborted(readAll(stdin), interruption.signal) : readFile(resolve(cwd, file), 'utf8');
  const password = await content.catch((error: unknown) => {
    if (interruption.signal.aborted) throw error;
    throw fail(passwordFileUnreadable, `The password file ${file} cannot be read.`, {
      hint: 'Check that it is there, and that this user may read it',
    });
  });
  return password.replace(/\r?\n$/, '');
}
