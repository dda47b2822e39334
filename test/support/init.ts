import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { openProject } from '../../src/app/project.ts';
import { type CliResult, runCli } from './cli.ts';
import { tempDir } from './temp-dir.ts';

interface Written extends CliResult {
  readonly text: string;
  readonly yaml: { readonly instances: Readonly<Record<string, unknown>>; readonly apps: unknown; readonly project: string };
}

/** A folder with these files, `cotenant init` in it, and the manifest read back as any command reads it. */
export async function init(
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
  ...args: readonly string[]
): Promise<Written> {
  await using folder = await tempDir();
  const cwd = join(folder.path, 'my-shop');
  await mkdir(cwd);
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
  const result = await runCli(['init', ...args], { cwd, env });
  const text = await readFile(join(cwd, 'cotenant.yaml'), 'utf8').catch(() => '');
  if (result.code === 0 && !result.stderr.includes('without TLS')) await openProject({ cwd, env });
  return { ...result, text, yaml: parse(text) as Written['yaml'] };
}
