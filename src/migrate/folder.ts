import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../model/index.ts';

/** Names of the files in a folder, sorted. Throws CT4105 where it cannot be read. */
export async function namesIn(folder: string, app: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort((a, b) => (a < b ? -1 : 1));
  } catch (error) {
    throw unreadable(folder, app, error);
  }
}

export async function textIn(file: string, app: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(file, app, error);
  }
}

/** The text, or null where there is no such file. */
export async function textOrNull(file: string): Promise<string | null> {
  return await readFile(file, 'utf8').catch(() => null);
}

/** Files of a folder whose name matches, with their texts. */
export async function filesIn(
  folder: string,
  app: string,
  pattern: RegExp,
): Promise<readonly { readonly name: string; readonly file: string; readonly text: string }[]> {
  const names = (await namesIn(folder, app)).filter((name) => pattern.test(name));
  return await Promise.all(names.map(async (name) => ({ name, file: join(folder, name), text: await textIn(join(folder, name), app) })));
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function unreadable(path: string, app: string, error: unknown): Error {
  const why = error instanceof Error ? error.message : String(error);
  return fail('CT4105', `the migrations of "${app}" cannot be read: ${path}: ${why}`, { hint: 'correct `directory` of its `migrations`' });
}
