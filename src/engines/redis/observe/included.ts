import { glob, readFile } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';

/** A file that includes itself ends somewhere. */
const DEPTH = 5;

/**
 * Users in files that the configuration file includes, as far as those can be read from here. CONFIG REWRITE writes them into
 * the configuration file too and leaves the others as they are: with a user that is defined twice a server does not start.
 */
export async function includedUsers(file: string, depth = DEPTH): Promise<readonly string[]> {
  if (!isAbsolute(file) || depth === 0) return [];
  const text = await readFile(file, 'utf8').catch(() => '');
  const found: string[] = [];
  for (const line of text.split('\n')) {
    const pattern = /^\s*include\s+["']?([^"'\r]+?)["']?\s*$/i.exec(line)?.[1];
    if (pattern === undefined) continue;
    for await (const path of glob(resolve(dirname(file), pattern))) {
      const inside = await readFile(path, 'utf8').catch(() => '');
      found.push(...[...inside.matchAll(/^\s*user\s+["']?([^\s"']+)/gim)].map(([, name = '']) => name));
      found.push(...(await includedUsers(path, depth - 1)));
    }
  }
  return found;
}
