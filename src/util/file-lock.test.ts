import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempDir } from '../../test/support/temp-dir.ts';
import { isFileLocked, takeFileLock } from './file-lock.ts';

it('whoever asks takes nothing, however many ask at once', async () => {
  await using folder = await tempDir();
  const file = join(folder.path, 'lock');
  const lock = await takeFileLock(file, 0);
  const ask = (): Promise<readonly boolean[]> => Promise.all(Array.from({ length: 20 }, () => isFileLocked(file)));
  expect(new Set(await ask())).toEqual(new Set([true]));
  lock?.release();
  expect(new Set(await ask())).toEqual(new Set([false]));
});
