import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TempDir, tempDir } from '../../test/support/temp-dir.ts';
import { KeyFile } from './keys.ts';

let root: TempDir;
let file: string;
beforeEach(async () => {
  root = await tempDir();
  file = join(root.path, '.cotenant', 'keys.json');
});
afterEach(async () => {
  await root[Symbol.asyncDispose]();
});

const never = { scope: 'read', expires: null } as const;

test('a key is found by itself alone, and its file tells nobody what it is', async () => {
  const keys = new KeyFile(file, 'digi');
  const { key, info } = await keys.create({ ...never, name: 'grafana' });
  expect(key).toMatch(/^ct_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/);
  expect(await keys.find(key)).toEqual(info);
  const other = `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`;
  for (const wrong of [other, `${key}x`, key.toUpperCase(), '', `ct_000000000000_${'A'.repeat(43)}`, info.id])
    expect(await keys.find(wrong)).toBeNull();
  const text = await readFile(file, 'utf8');
  expect(text).not.toContain(key.slice(-43));
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('another process sees a new key and a revoked one at once', async () => {
  const [here, there] = [new KeyFile(file, 'digi'), new KeyFile(file, 'digi')];
  expect(await there.find('x')).toBeNull();
  const { key } = await here.create({ ...never, name: 'ci' });
  expect((await there.find(key))?.name).toBe('ci');
  await here.revoke('ci');
  expect(await there.find(key)).toBeNull();
  await expect(here.revoke('ci')).rejects.toMatchObject({ diagnostics: [{ code: 'CT4651' }] });
});

test('a key ends with its time, and belongs to one project', async () => {
  const keys = new KeyFile(file, 'digi');
  const { key } = await keys.create({ name: 'ci', scope: 'operate', expires: new Date(1_800_000_000_000) });
  expect(await keys.find(key, 1_799_999_999_999)).not.toBeNull();
  expect(await keys.find(key, 1_800_000_000_000)).toBeNull();
  const others = new KeyFile(file, 'other');
  expect(await others.find(key, 0)).toBeNull();
  expect(await others.list()).toEqual([]);
  await others.create({ ...never, name: 'ci' });
  await expect(keys.create({ ...never, name: 'ci' })).rejects.toMatchObject({ diagnostics: [{ code: 'CT4650' }] });
});

test('the last use is noted to the hour, and only once in it', async () => {
  const keys = new KeyFile(file, 'digi');
  const { key, info } = await keys.create({ ...never, name: 'ci' });
  await keys.note(info, Date.parse('2026-11-30T12:34:56Z'));
  const noted = await keys.find(key);
  expect(noted?.used).toBe('2026-11-30T12:00:00.000Z');
  const before = (await stat(file)).mtimeMs;
  if (noted) await keys.note(noted, Date.parse('2026-11-30T12:59:59Z'));
  expect((await stat(file)).mtimeMs).toBe(before);
});

test('a file that is broken, or that others can read, lets nobody in', async () => {
  const keys = new KeyFile(file, 'digi');
  const { key } = await keys.create({ ...never, name: 'ci' });
  await chmod(file, 0o644);
  await expect(new KeyFile(file, 'digi').find(key)).rejects.toMatchObject({ diagnostics: [{ code: 'CT5002' }] });
  await chmod(file, 0o600);
  await writeFile(file, '{"format":1,"keys":[{"secret":"s3cret"}]}');
  const finding = new KeyFile(file, 'digi').find(key);
  await expect(finding).rejects.toMatchObject({
    diagnostics: [{ code: 'CT4652', message: expect.not.stringContaining('s3cret') as unknown }],
  });
});

test('keys that several make at once are all there', async () => {
  await Promise.all(['a', 'b', 'c', 'd'].map(async (name) => await new KeyFile(file, 'digi').create({ ...never, name })));
  expect((await new KeyFile(file, 'digi').list()).map(({ name }) => name).sort()).toEqual(['a', 'b', 'c', 'd']);
});
