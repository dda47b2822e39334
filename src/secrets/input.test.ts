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

test('a dotenv file stands in for an environment that does not say', async () => {
  await writeFile(join(baseDir, '.env'), 'ADMIN="from the file"\nURL=anydb://boss:p%40ss@h/x\n');
  const input = { env: 'ADMIN', dotenv: '.env' };
  expect(await resolveSecretInput(input, { env: {}, baseDir })).toBe('from the file');
  expect(await resolveSecretInput(input, { env: { ADMIN: 'from here' }, baseDir })).toBe('from here');
  expect(await resolveSecretInput({ env: 'URL', dotenv: '.env', part: 'password' }, { env: {}, baseDir })).toBe('p@ss');
  await expect(resolveSecretInput({ env: 'OTHER', dotenv: '.env' }, { env: {}, baseDir })).rejects.toThrow('has no value for it');
  await expect(resolveSecretInput({ env: 'ADMIN', dotenv: 'none' }, { env: {}, baseDir })).rejects.toThrow('does not exist');
});

test.each(['hunter2', 'anydb://boss@h/x', 'anydb://boss:p%zz@h/x'])(
  '%s holds no password that can be read, and is not shown',
  async (text) => {
    const reading = resolveSecretInput({ env: 'URL', part: 'password' }, { env: { URL: text }, baseDir });
    await expect(reading).rejects.toMatchObject({
      diagnostics: [{ code: 'CT5001', message: expect.not.stringContaining(text) as unknown }],
    });
  },
);
