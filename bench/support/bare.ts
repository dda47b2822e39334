import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { checkout } from './cli.ts';

/** `bench/<name>.ts` as plain JavaScript, so that no time goes into stripping its types. Gives the file. */
export async function plainScript(name: string): Promise<string> {
  const folder = join(checkout, '.cache/bench');
  const file = join(folder, `${name}.mjs`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, stripTypeScriptTypes(await readFile(join(checkout, `bench/${name}.ts`), 'utf8')));
  return file;
}
