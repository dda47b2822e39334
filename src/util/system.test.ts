import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempDir } from '../../test/support/temp-dir.ts';
import { replaceFile, unusableFile, whyNotWritten } from './system.ts';

const failing = async (work: Promise<unknown>): Promise<unknown> => await work.then(() => null).catch((error: unknown) => error);

it('a file that cannot be written is told in words', async () => {
  await using folder = await tempDir();
  const missing = await failing(replaceFile(join(folder.path, 'none', 'a'), 'x', 0o644));
  expect([whyNotWritten(missing), unusableFile(missing)]).toEqual(['there is no such folder', null]);
  await writeFile(join(folder.path, 'file'), '');
  expect(whyNotWritten(await failing(replaceFile(join(folder.path, 'file', 'a'), 'x', 0o644)))).toBe('a part of its path is no folder');
});

it.each(['EACCES', 'EROFS', 'ENOSPC', 'EDQUOT', 'EPERM'])('%s of a file is the machine’s, and names the file that was meant', (code) => {
  const error = Object.assign(new Error('x'), { code, path: '/p/cotenant.yaml.4accbd401bc4.tmp' });
  expect(unusableFile(error)).toBe('/p/cotenant.yaml');
  expect(unusableFile(Object.assign(new Error('x'), { code }))).toBeNull();
  expect(unusableFile(Object.assign(new Error('x'), { code: 'ENOENT', path: '/p' }))).toBeNull();
});

it.skipIf(process.getuid?.() === 0)('a folder of others', async () => {
  await using folder = await tempDir();
  const closed = join(folder.path, 'closed');
  await mkdir(closed);
  await chmod(closed, 0o555);
  const error = await failing(replaceFile(join(closed, 'a'), 'x', 0o644));
  expect([whyNotWritten(error), unusableFile(error)]).toEqual(['permission denied', join(closed, 'a')]);
});
