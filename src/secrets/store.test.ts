import { chmod, chown, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inProcess } from '../../test/support/secret-process.ts';
import { type TempDir, tempDir } from '../../test/support/temp-dir.ts';
import type { SecretStore } from './store.ts';
import { freshSecret, openSecretStore } from './store.ts';

let root: TempDir;
let folder: string;
let file: string;
beforeEach(async () => {
  root = await tempDir();
  folder = join(root.path, '.cotenant');
  file = join(folder, 'secrets.json');
});
afterEach(async () => {
  await root[Symbol.asyncDispose]();
});

async function openStore(project = 'digi'): Promise<SecretStore> {
  return await openSecretStore({ file, project, env: {} });
}

async function mode(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

test('a secret is 256 bits in base64url, on disk before it is given, and stays the same', async () => {
  const store = await openStore();
  expect(store.peek({ secret: 'a' })).toBeNull();
  expect(store.madeAt('a')).toBeNull();
  const value = await store.make({ secret: 'a' });
  expect(value).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(Buffer.from(value, 'base64url')).toHaveLength(32);
  const again = await openStore();
  expect(again.peek({ secret: 'a' })).toBe(value);
  expect(await again.make({ secret: 'a' })).toBe(value);
  expect(again.madeAt('a')?.getTime()).toBeLessThanOrEqual(Date.now());
  expect(await store.make({ secret: 'b' })).not.toBe(value);
  expect([await mode(file), await mode(folder)]).toEqual(['600', '700']);
});

test('no secret begins with what programs take for an option', () => {
  const drawn = [Buffer.alloc(32, 0xf8), Buffer.alloc(32, 0xfb), Buffer.alloc(32, 0xfc)];
  expect(drawn.map((one) => one.toString('base64url').slice(0, 1))).toEqual(['-', '-', '_']);
  expect(freshSecret(() => drawn.shift() ?? Buffer.alloc(32))).toMatch(/^_[A-Za-z0-9_-]{42}$/);
});

test('opening and peeking makes no file', async () => {
  const store = await openStore();
  store.peek({ secret: 'a' });
  expect(await readdir(root.path)).toEqual([]);
});

test('what was derived is kept with the secret, and dropped where another process has put a new value in its place', async () => {
  const store = await openStore();
  const value = await store.make({ secret: 'a' });
  await store.setDerived({ secret: 'a' }, 'verifier 1');
  expect(store.derived({ secret: 'a' })).toBe('verifier 1');
  expect((await openStore()).derived({ secret: 'a' })).toBe('verifier 1');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(value, 'replaced').replace('verifier 1', 'verifier 2'));
  await store.setDerived({ secret: 'a' }, 'verifier 3');
  expect((await openStore()).derived({ secret: 'a' })).toBe('verifier 2');
  await expect(store.setDerived({ secret: 'unknown' }, 'x')).rejects.toThrow('no secret');
});

test('what is staged waits beside what is in use, until it is promoted or discarded', async () => {
  const [a, b] = [{ secret: 'a' }, { secret: 'b' }];
  const store = await openStore();
  const first = await store.ensure(a);
  expect([store.peek(a), store.madeAt('a'), store.staged(a)]).toEqual([null, null, { value: first, derived: null }]);
  await store.setDerived(a, 'verifier 1');
  expect([store.staged(a)?.derived, store.derived(a)]).toEqual(['verifier 1', null]);
  await store.promote([a, b]);
  expect([store.peek(a), store.derived(a), store.staged(a)]).toEqual([first, 'verifier 1', null]);
  expect(store.madeAt('a')).not.toBeNull();
  const second = await store.stage(a);
  expect([await store.ensure(a), store.peek(a), store.derived(a)]).toEqual([second, first, 'verifier 1']);
  const again = await openStore();
  expect([again.peek(a), again.staged(a)?.value, again.allStaged()]).toEqual([first, second, [a]]);
  await again.discard([a, b]);
  expect([again.peek(a), again.staged(a), again.allStaged()]).toEqual([first, null, []]);
  await store.promote([a]);
  expect([store.peek(a), store.staged(a)]).toEqual([first, null]);
  await store.ensure(b);
  await store.discard([b]);
  expect([store.peek(b), store.staged(b)]).toEqual([null, null]);
});

test('what was derived from a value stays with it, also where that came into use meanwhile', async () => {
  const [one, other] = [await openStore(), await openStore()];
  const ref = { secret: 'a' };
  await one.ensure(ref);
  await other.reload();
  await other.promote([ref]);
  await one.setDerived(ref, 'verifier 1');
  expect([one.derived(ref), one.staged(ref)]).toEqual(['verifier 1', null]);
});

test('1,000 secrets asked for at once are one write, and asked for again none', async () => {
  const body = `import { open } from 'node:fs/promises';
const handle = await open(process.execPath);
const prototype = Object.getPrototypeOf(handle);
await handle.close();
const sync = prototype.sync;
let syncs = 0;
prototype.sync = function () { syncs++; return sync.call(this); };
const store = await openStore();
const refs = Array.from({ length: 1000 }, (_, index) => ({ secret: 'app_' + index }));
const values = await store.ensureAll(refs);
const first = syncs;
for (const ref of refs) await store.ensure(ref);
console.log(JSON.stringify({ different: new Set(values).size, first, again: syncs - first }));`;
  // Two: the file and its folder.
  expect(await inProcess(file, body)).toEqual({ different: 1000, first: 2, again: 0 });
});

test('projects in one file do not see each other', async () => {
  const value = await (await openStore()).make({ secret: 'a' });
  const other = await openStore('other');
  expect(other.peek({ secret: 'a' })).toBeNull();
  expect(await other.make({ secret: 'a' })).not.toBe(value);
  expect((await openStore()).peek({ secret: 'a' })).toBe(value);
});

test('names that are special to JavaScript are names like others', async () => {
  const store = await openStore();
  const refs = ['__proto__', 'constructor', '', 'ünï "quoted"\n'].map((secret) => ({ secret }));
  const values = await store.ensureAll(refs);
  const again = await openStore();
  expect(refs.map((ref) => again.staged(ref)?.value)).toEqual(values);
  await again.promote(refs);
  expect(refs.map((ref) => again.peek(ref))).toEqual(values);
});

test('no way of printing the store shows a value', async () => {
  const store = await openStore();
  const value = await store.make({ secret: 'a' });
  const [first, ...others] = [
    inspect(store, { showHidden: true, depth: 9 }),
    JSON.stringify({ store }),
    JSON.stringify(Object.entries(store)),
  ];
  expect(first).toContain('secrets: 1');
  for (const text of [first, ...others]) expect(text).not.toContain(value);
});

test.skipIf(process.platform === 'win32')('a file or folder that others can read is refused', async () => {
  await (await openStore()).make({ secret: 'a' });
  await chmod(file, 0o640);
  await expect(openStore()).rejects.toThrow(/^CT5002: .*secrets\.json is readable by others \(mode 640\)/);
  await chmod(file, 0o600);
  await chmod(folder, 0o755);
  await expect(openStore()).rejects.toMatchObject({ diagnostics: [{ code: 'CT5002', hint: `chmod 700 ${folder}` }] });
});

test.skipIf(process.platform === 'win32')('a file that is none is refused', async () => {
  await mkdir(folder, { mode: 0o700 });
  await symlink('/dev/null', file);
  await expect(openStore()).rejects.toThrow(/^CT5002: .*symbolic link/);
  await rm(file);
  await mkdir(file);
  await expect(openStore()).rejects.toThrow(/^CT5002: .*not a regular file/);
  await rm(folder, { recursive: true });
  await writeFile(folder, '');
  await expect(openStore()).rejects.toThrow(/^CT5002: .*not a folder/);
});

test.skipIf(process.getuid?.() !== 0)('a file or folder of another user is refused', async () => {
  await (await openStore()).make({ secret: 'a' });
  await chown(file, 12_345, 12_345);
  await expect(openStore()).rejects.toThrow(/^CT5002: .*secrets\.json belongs to user 12345/);
  await chown(file, 0, 0);
  await chown(folder, 12_345, 12_345);
  await expect(openStore()).rejects.toThrow(/^CT5002: .*\.cotenant belongs to user 12345/);
});

test('a damaged file is refused, stays as it is, and is not repeated', async () => {
  const value = await (await openStore()).make({ secret: 'a' });
  const text = await readFile(file, 'utf8');
  for (const damaged of [text.slice(0, -4), text.replace('"format": 1', '"format": 2'), text.replace('"madeAt"', '"made"'), '', 'null']) {
    await writeFile(file, damaged);
    const error: unknown = await openStore().catch((reason: unknown) => reason);
    expect(inspect(error)).toMatch(/CT5003: .*secrets\.json/);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(value);
    expect(await readFile(file, 'utf8')).toBe(damaged);
  }
});

test('a write that fails is told to all who wait for it, and the next one works', async () => {
  const store = await openStore();
  const first = await store.make({ secret: 'first' });
  await writeFile(file, 'damaged');
  const [a, b] = await Promise.allSettled([store.make({ secret: 'a' }), store.make({ secret: 'b' })]);
  expect([a.status, b.status]).toEqual(['rejected', 'rejected']);
  expect([store.peek({ secret: 'a' }), store.peek({ secret: 'first' })]).toEqual([null, first]);
  await rm(file);
  expect(await store.make({ secret: 'a' })).toHaveLength(43);
});
