// Puts the compiled modules, and the small packages that every command needs, into few files: a command starts in half the time.
// Engines and commands stay apart, in files that are read when they are needed.
import { existsSync } from 'node:fs';
import { glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { z } from 'zod';

/** Bundled, since they are many small files. Everything else is loaded from node_modules, as drivers must be. */
const packages = ['commander', 'picocolors', 'yaml', 'zod'];

const packageJson = z.object({ name: z.string(), version: z.string(), license: z.string() });

export const external = (id: string): boolean => !/^[./]/.test(id) && !packages.some((name) => id === name || id.startsWith(`${name}/`));

/** Bundles the CLI and the library in the folder of compiled modules, in place. */
export async function bundle(folder: string): Promise<void> {
  const build = await rolldown({
    cwd: folder,
    input: { 'cli/main': 'cli/main.js', index: 'index.js' },
    platform: 'node',
    logLevel: 'warn',
    external,
  });
  const { output } = await build.generate({ format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' });
  await build.close();
  const chunks = output.filter((file) => file.type === 'chunk');
  for await (const file of glob('**/*.js', { cwd: folder })) await rm(join(folder, file));
  await mkdir(join(folder, 'chunks'), { recursive: true });
  for (const chunk of chunks) await writeFile(join(folder, chunk.fileName), chunk.code);
  await writeFile(join(folder, 'THIRD-PARTY.txt'), await licences(chunks.flatMap((chunk) => chunk.moduleIds)));
}

/** The licences of the packages that are in the bundle. */
async function licences(modules: readonly string[]): Promise<string> {
  const folders = new Set(modules.flatMap((module) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module) ?? []));
  const parts: string[] = [];
  for (const folder of [...folders].sort()) {
    const { name, version, license } = packageJson.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
    const file = ['LICENSE', 'LICENSE.md', 'LICENCE']
      .map((candidate) => join(folder, candidate))
      .find((candidate) => existsSync(candidate));
    if (file === undefined) throw new Error(`${name} has no licence file`);
    parts.push(`${name} ${version} (${license})\n\n${(await readFile(file, 'utf8')).trim()}\n`);
  }
  return parts.join(`\n${'-'.repeat(80)}\n\n`);
}
