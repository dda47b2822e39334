import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempDir } from '../../test/support/temp-dir.ts';
import { confirmOption } from '../util/confirm-option.ts';
import { namedIn } from './confirm-files.ts';

it('takes the names of a file in place of the file, and every other name as it is', async () => {
  await using folder = await tempDir();
  await writeFile(join(folder.path, 'names.txt'), '# looked at\nalice\r\n\n  bob \n@carol\n');
  expect(await namedIn(['shop', '@names.txt', "dave@'%'"], folder.path)).toEqual(['shop', 'alice', 'bob', '@carol', "dave@'%'"]);
  // An anonymous account.
  expect(await namedIn([confirmOption('@localhost').replace('--confirm=', '')], folder.path)).toEqual(['@localhost']);
  await expect(namedIn(['@none.txt'], folder.path)).rejects.toMatchObject({ diagnostics: [{ code: 'CT9004' }] });
});
