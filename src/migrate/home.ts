import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { textIn } from './folder.ts';
import type { Place } from './tool.ts';

/** Where a tool is started, and where its files lie. */
export interface Home {
  readonly cwd: string;
  readonly files: string;
  /** The name of its configuration; null: it has none. */
  readonly config: string | null;
}

export interface Layout {
  /** What a configuration is called. */
  readonly config: RegExp;
  /** The folder of the files where its configuration does not say it. */
  readonly folder: string;
  /** Finds the folder of the files in a configuration. */
  readonly said?: RegExp;
}

/** `directory` is the folder of the configuration, or that of the files, at most two levels below it. */
export async function homeOf({ app, directory }: Pick<Place, 'app' | 'directory'>, { config, folder, said }: Layout): Promise<Home> {
  const own = await named(directory);
  const mine = own?.find((name) => config.test(name));
  if (mine !== undefined) {
    const where = said?.exec(await textIn(join(directory, mine), app))?.[1];
    return { cwd: directory, files: resolve(directory, where ?? folder), config: mine };
  }
  for (const cwd of [dirname(directory), dirname(dirname(directory))]) {
    const found = (await named(cwd))?.find((name) => config.test(name));
    if (found !== undefined) return { cwd, files: directory, config: found };
  }
  const below = join(directory, folder);
  return { cwd: directory, files: (await named(below)) === null ? directory : below, config: null };
}

async function named(folder: string): Promise<readonly string[] | null> {
  return await readdir(folder).then(
    (names) => names.toSorted(),
    () => null,
  );
}
