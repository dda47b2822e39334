import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fail } from '../model/index.ts';
import { namesUnreadable } from './codes.ts';

/** Names as they were given, in place of each `@FILE` those that stand in the file, one a line, and `@name` for `@@name`. Throws CT9004. */
export async function namedIn(given: readonly string[], cwd: string): Promise<readonly string[]> {
  const all = await Promise.all(
    given.map(async (one) => (/^@(?!@)/.test(one) ? await namesOf(one.slice(1), cwd) : [one.replace(/^@@/, '@')])),
  );
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
