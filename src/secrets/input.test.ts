import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolveSecretInput } from './input.ts';

let baseDir: string;
beforeAll(async () => {
  baseDir = await mkdtemp(join(tmpdir(), 'cotenant-input-'));
});
afterAll(async () => {
  await rm(baseDir, { recursive: true, force: true });
});

test('a variable is taken as it is', async () => {
  expect(await resolveSecretInput({ env: 'ADMIN' }, { env: { ADMIN: ' s3cret\n' }, baseDir })).toBe(' s3cret\n');
});

test('a variable that is missing or empty is named', async () => {
  await expect(resolveSecretInput({ env: 'ADMIN' }, { env: {}, baseDir })).rejects.toMatchObject({
    diagnostics: [
      {
        code: 'CT5001',
        severity: 'error',
        message: 'The environment variable ADMIN is not set.',
        hint: 'Set ADMIN in the environment of cotenant.',
      },
    ],
  });
  await expect(resolveSecretInput({ env: 'ADMIN' }, { env: { ADMIN: '' }, baseDir })).rejects.toThrow('ADMIN is empty');
});

test.each([
  ['s3cret', 's3cret'],
  ['s3cret\n', 's3cret'],
  ['s3cret\r\n', 's3cret'],
  ['two\nlines\n\n', 'two\nlines\n'],
  ['  spaces  ', '  spaces  '],
])('a file with %j gives %j', async (content, expected) => {
  await writeFile(join(baseDir, 'secret'), content);
  expect(await resolveSecretInput({ file: 'secret' }, { env: {}, baseDir })).toBe(expected);
  expect(await resolveSecretInput({ file: join(baseDir, 'secret') }, { env: {}, baseDir: '/' })).toBe(expected);
});

test('a file that is missing, empty or no file is named', async () => {
  await writeFile(join(baseDir, 'empty'), '\n');
  await mkdir(join(baseDir, 'folder'));
  for (const [file, message] of [
    ['none', `The secret file ${join(baseDir, 'none')} does not exist.`],
    ['empty', `The secret file ${join(baseDir, 'empty')} is empty.`],
    ['folder', `The secret file ${join(baseDir, 'folder')} cannot be read (EISDIR).`],
  ] as const) {
    await expect(resolveSecretInput({ file }, { env: {}, baseDir })).rejects.toMatchObject({
      diagnostics: [{ code: 'CT5001', message }],
    });
  }
});
