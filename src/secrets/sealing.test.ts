import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { killAtEachChange } from '../../test/support/secret-process.ts';
import { type TempDir, tempDir } from '../../test/support/temp-dir.ts';
import type { SecretStore } from './store.ts';
import { openSecretStore } from './store.ts';

let root: TempDir;
let folder: string;
let file: string;
let sealed: string;
beforeEach(async () => {
  root = await tempDir();
  folder = join(root.path, '.cotenant');
  file = join(folder, 'secrets.json');
  sealed = join(folder, 'secrets.age');
});
afterEach(async () => {
  await root[Symbol.asyncDispose]();
});

async function openStore(env: Readonly<Record<string, string>> = {}): Promise<SecretStore> {
  return await openSecretStore({ file, project: 'digi', env });
}

interface Key {
  readonly identity: string;
  readonly recipient: string;
  /** With the identity only. */
  readonly own: Record<string, string>;
  /** With itself as the only recipient, too. */
  readonly both: Record<string, string>;
}

async function makeKey(name: string): Promise<Key> {
  const identity = await generateX25519Identity();
  const path = join(root.path, name);
  await writeFile(path, `# made for a test\n\n${identity}\n`, { mode: 0o600 });
  const recipient = await identityToRecipient(identity);
  const own = { COTENANT_AGE_IDENTITY_FILE: path };
  return { identity, recipient, own, both: { ...own, COTENANT_AGE_RECIPIENTS: recipient } };
}

test('a plain store is sealed for the recipients, and stays sealed without them', async () => {
  const value = await (await openStore()).make({ secret: 'a' });
  const key = await makeKey('mine');
  const store = await openStore(key.both);
  expect(store.file).toBe(sealed);
  expect(store.peek({ secret: 'a' })).toBe(value);
  const second = await store.make({ secret: 'b' });
  const bytes = await readFile(sealed, 'latin1');
  expect(bytes).toMatch(/^age-encryption\.org\/v1\n/);
  for (const secret of [value, second, '"secrets"']) expect(bytes).not.toContain(secret);
  expect((await stat(sealed)).mode & 0o777).toBe(0o600);
  expect((await readdir(folder)).toSorted()).toEqual(['.gitignore', 'secrets.age', 'secrets.lock']);
  await (await openStore(key.own)).make({ secret: 'c' });
  expect(await readFile(sealed, 'latin1')).toMatch(/^age-encryption\.org\/v1\n/);
  expect((await openStore(key.own)).peek({ secret: 'b' })).toBe(second);
});

test('every recipient keeps access when one of them writes, and a new list takes it from the others', async () => {
  const mine = await makeKey('mine');
  const theirs = await makeKey('theirs');
  const recipients = `${mine.recipient}, ${theirs.recipient},`;
  await (await openStore({ ...mine.own, COTENANT_AGE_RECIPIENTS: recipients })).make({ secret: 'a' });
  await (await openStore(mine.own)).make({ secret: 'b' });
  expect((await openStore(theirs.own)).peek({ secret: 'b' })).not.toBeNull();
  await openStore(mine.both);
  await expect(openStore(theirs.own)).rejects.toThrow(/^CT5004: /);
});

test('the identity may come from the options, as a file or a variable', async () => {
  const key = await makeKey('mine');
  const base = { file, project: 'digi', recipients: [key.recipient] };
  const value = await (await openSecretStore({ ...base, env: { KEY: key.identity }, identity: { env: 'KEY' } })).make({ secret: 'a' });
  const again = await openSecretStore({ ...base, env: {}, identity: { file: join(root.path, 'mine') } });
  expect(again.peek({ secret: 'a' })).toBe(value);
});

test('a sealing that could not be opened again is refused, and the plain store stays', async () => {
  const mine = await makeKey('mine');
  const theirs = await makeKey('theirs');
  const value = await (await openStore()).make({ secret: 'a' });
  await expect(openStore({ COTENANT_AGE_RECIPIENTS: mine.recipient })).rejects.toThrow(/^CT5004: .*no identity/);
  await expect(openStore({ ...mine.own, COTENANT_AGE_RECIPIENTS: theirs.recipient })).rejects.toThrow(/^CT5004: /);
  expect((await openStore()).peek({ secret: 'a' })).toBe(value);
});

test('keys in the wrong place are refused and not repeated', async () => {
  const key = await makeKey('mine');
  await (await openStore()).make({ secret: 'a' });
  const swapped = openStore({ ...key.own, COTENANT_AGE_RECIPIENTS: key.identity });
  await expect(swapped).rejects.toThrow(/^CT5004: Entry 1 /);
  await expect(swapped).rejects.not.toThrow(key.identity);
  await writeFile(join(root.path, 'bad'), `AGE-SECRET-KEY-1BROKEN\n`);
  const broken = openStore({ COTENANT_AGE_IDENTITY_FILE: join(root.path, 'bad') });
  await expect(broken).rejects.toThrow(/^CT5004: Line 1 /);
  await expect(broken).rejects.not.toThrow('BROKEN');
  await writeFile(join(root.path, 'bad'), '# nothing\n');
  await expect(openStore({ COTENANT_AGE_IDENTITY_FILE: join(root.path, 'bad') })).rejects.toThrow('CT5004: The age identity file holds no');
  await expect(openStore({ COTENANT_AGE_IDENTITY_FILE: join(root.path, 'none') })).rejects.toThrow(/^CT5001: .*none/);
});

test('a sealed file that was changed is refused', async () => {
  const key = await makeKey('mine');
  await (await openStore(key.both)).make({ secret: 'a' });
  const bytes = await readFile(sealed);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await writeFile(sealed, bytes);
  await expect(openStore(key.both)).rejects.toThrow(/^CT5003: /);
});

test('a process that opened the plain store finds it sealed, and writes sealed or not at all', async () => {
  const key = await makeKey('mine');
  const unaware = await openStore();
  const knowing = await openStore(key.own);
  await (await openStore(key.both)).make({ secret: 'a' });
  await expect(unaware.make({ secret: 'b' })).rejects.toThrow(/^CT5004: /);
  await knowing.make({ secret: 'c' });
  expect((await readdir(folder)).toSorted()).toEqual(['.gitignore', 'secrets.age', 'secrets.lock']);
});

test('killed before each of its changes, sealing loses nothing', async () => {
  const key = await makeKey('mine');
  const value = await (await openStore()).make({ secret: 'a' });
  const before = await readFile(file, 'utf8');
  const states = new Set<string>();
  const changes = await killAtEachChange(file, 'await openStore();', key.both, async () => {
    const there = (await readdir(folder)).filter((name) => name === 'secrets.json' || name === 'secrets.age');
    states.add(there.toSorted().join(' '));
    expect((await openStore(key.both)).peek({ secret: 'a' })).toBe(value);
    expect((await readdir(folder)).toSorted()).toEqual(['.gitignore', 'secrets.age', 'secrets.lock']);
    await rm(sealed);
    await writeFile(file, before, { mode: 0o600 });
  });
  expect(changes).toBeGreaterThan(5);
  expect(states).toEqual(new Set(['secrets.json', 'secrets.age secrets.json', 'secrets.age']));
});
