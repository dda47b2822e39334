import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from '../../test/support/children.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inProcess, killAtEachChange } from '../../test/support/secret-process.ts';
import { type TempDir, tempDir } from '../../test/support/temp-dir.ts';
import type { SecretStore } from './store.ts';
import { openSecretStore } from './store.ts';

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

async function openStore(wait = 30_000): Promise<SecretStore> {
  return await openSecretStore({ file, project: 'digi', env: {}, wait });
}

test('eight processes at once get the same value for the same name and lose none', async () => {
  const body = `const store = await openStore();
const names = ['shared', 'own_' + process.env.WORKER, ...Array.from({ length: 5 }, (_, index) => 'step_' + index)];
const got = [];
for (const secret of names) got.push([secret, await store.make({ secret })]);
console.log(JSON.stringify(got));`;
  const workers = Array.from({ length: 8 }, (_, worker) => String(worker));
  const results = await Promise.all(workers.map((worker) => inProcess<[string, string][]>(file, body, { WORKER: worker })));
  expect(new Set(results.map(([shared]) => shared?.[1])).size).toBe(1);
  const store = await openStore();
  for (const [secret, value] of results.flat()) expect([secret, store.peek({ secret })]).toEqual([secret, value]);
  expect(new Set(results.flat().map(([secret]) => secret)).size).toBe(1 + 8 + 5);
});

test('stores in one process share the lock too', async () => {
  const stores = await Promise.all(Array.from({ length: 5 }, () => openStore()));
  const values = await Promise.all(stores.map((store) => store.make({ secret: 'shared' })));
  expect(new Set(values).size).toBe(1);
});

test('a process that holds the lock is waited for, named when it does not end, and its death frees the lock', async () => {
  await (await openStore()).make({ secret: 'before' });
  const hold = `const { DatabaseSync } = require('node:sqlite');
const lock = new DatabaseSync(${JSON.stringify(join(folder, 'secrets.lock'))});
lock.exec('BEGIN EXCLUSIVE');
console.log('held');
setInterval(() => lock, 1e6);`;
  const holder = spawn(process.execPath, ['--eval', hold], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(holder.stdout, 'data');
    await expect((await openStore(20)).make({ secret: 'a' })).rejects.toThrow(/^CT5005: .*secrets\.lock/);
    const waiting = (await openStore()).make({ secret: 'a' });
    holder.kill('SIGKILL');
    const value = await waiting;
    expect((await openStore()).peek({ secret: 'a' })).toBe(value);
  } finally {
    holder.kill('SIGKILL');
  }
});

test('killed before each of its changes, a write leaves the old file or the new one', async () => {
  const first = await (await openStore()).make({ secret: 'first' });
  const before = await readFile(file, 'utf8');
  const seen = new Set<boolean>();
  const body = `await (await openStore()).make({ secret: 'second' });`;
  const changes = await killAtEachChange(file, body, {}, async (finished) => {
    const store = await openStore();
    const made = store.peek({ secret: 'second' }) !== null;
    seen.add(made);
    expect(store.peek({ secret: 'first' })).toBe(first);
    expect(made || !finished).toBe(true);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await writeFile(file, before);
  });
  expect(changes).toBeGreaterThan(4);
  expect(seen).toEqual(new Set([false, true]));
  await (await openStore()).make({ secret: 'third' });
  expect((await readdir(folder)).toSorted()).toEqual(['.gitignore', 'secrets.json', 'secrets.lock']);
});

test('killed before each of its changes, a promotion leaves what waited or has it in use', async () => {
  await (await openStore()).ensure({ secret: 'first' });
  const before = await readFile(file, 'utf8');
  const seen = new Set<boolean>();
  await killAtEachChange(file, `await (await openStore()).promote([{ secret: 'first' }]);`, {}, async () => {
    const store = await openStore();
    const [live, next] = [store.peek({ secret: 'first' }), store.staged({ secret: 'first' })];
    expect(live === null).toBe(next !== null);
    seen.add(live !== null);
    await writeFile(file, before);
  });
  expect(seen).toEqual(new Set([false, true]));
});

test('killed before each change of the very first write, the next one makes the store', async () => {
  const changes = await killAtEachChange(file, `await (await openStore()).make({ secret: 'a' });`, {}, async () => {
    const store = await openStore();
    expect(await store.make({ secret: 'a' })).toHaveLength(43);
    await root[Symbol.asyncDispose]();
  });
  expect(changes).toBeGreaterThan(4);
});
