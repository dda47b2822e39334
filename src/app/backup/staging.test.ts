import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { tempDir } from '../../../test/support/temp-dir.ts';
import { takeFileLock } from '../../util/file-lock.ts';
import { Staging } from './staging.ts';

const signal = new AbortController().signal;
const foldersIn = async (home: string): Promise<readonly string[]> => (await readdir(home)).filter((name) => name.startsWith('staging-'));

it('makes no folder while another run may take it for one that was left', async () => {
  await using project = await tempDir();
  const home = join(project.path, '.cotenant');
  await mkdir(home, { mode: 0o700 });
  const sweeping = await takeFileLock(join(home, 'sweep.lock'), 0);
  const opening = Staging.open({ manifest: { file: join(project.path, 'cotenant.yaml') }, signal });
  await delay(100);
  expect(await foldersIn(home)).toEqual([]);
  sweeping?.release();
  await using staging = await opening;
  expect(existsSync(staging.path)).toBe(true);
});

it('sweeps what a killed run left, and nothing else', async () => {
  await using project = await tempDir();
  const home = join(project.path, '.cotenant');
  await mkdir(join(home, 'staging-left'), { recursive: true, mode: 0o700 });
  await chmod(home, 0o700);
  const manifest = { file: join(project.path, 'cotenant.yaml') };
  const all = await Promise.all(Array.from({ length: 9 }, async () => await Staging.open({ manifest, signal })));
  expect(all.filter(({ path }) => !existsSync(path))).toEqual([]);
  expect(existsSync(join(home, 'staging-left'))).toBe(false);
  for (const one of all) await one[Symbol.asyncDispose]();
  expect(await foldersIn(home)).toEqual([]);
});
