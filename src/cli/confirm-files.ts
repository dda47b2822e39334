import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fail } from '../model/index.ts';
import { namesUnreadable } from './codes.ts';

/** Names as they were given, and in place of each `@FILE` those that stand in the file, one a line. Throws CT9004. */
export async function namedIn(given: readonly string[], cwd: string): Promise<readonly string[]> {
  const all = await Promise.all(given.map(async (one) => (one.startsWith('@') ? await namesOf(one.slice(1), cwd) : [one])));
  return all.flat();
}

async function namesOf(file: string, cwd: string): Promise<readonly string[]> {
  const text = await readFile(resolve(cwd, file), 'utf8').catch(() => {
    throw fail(namesUnreadable, `The file ${file} with names to confirm cannot be read.`);
  });
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
