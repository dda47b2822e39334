import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DiagnosticError } from '../model/index.ts';
import type { SecretStore, SecretStoreOptions } from './store.ts';
import { openSecretStore } from './store.ts';

const run = promisify(execFile);
const storeModule = JSON.stringify(new URL('./store.ts', import.meta.url).href);

let root: string;
let file: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cotenant-secrets-'));
  file = join(root, '.cotenant', 'secrets.json');
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function openStore(options: Partial<SecretStoreOptions> = {}): Promise<SecretStore> {
  return await openSecretStore({ file, project: 'digi', env: {}, ...options });
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DiagnosticError);
  return error instanceof DiagnosticError ? error.message : '';
}

/** Runs a module in its own process, with `store` open over the file. */
function script(body: string, env: Readonly<Record<string, string>> = {}): readonly [string, string[], { env: NodeJS.ProcessEnv }] {
  const code = `import { openSecretStore } from ${storeModule};
const store = await openSecretStore({ file: ${JSON.stringify(file)}, project: 'digi', env: process.env });
${body}`;
  return [process.execPath, ['--input-type=module', '-e', code], { env: { ...process.env, ...env } }];
}

async function mode(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

test('a secret is 256 bits in base64url, on disk before it is given, and stays the same', async () => {
  const store = await openStore();
  expect(store.peek({ secret: 'a' })).toBeNull();
  expect(store.madeAt('a')).toBeNull();
  const value = await store.ensure({ secret: 'a' });
  expect(value).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(Buffer.from(value, 'base64url')).toHaveLength(32);
  const again = await openStore();
  expect(again.peek({ secret: 'a' })).toBe(value);
  expect(await again.ensure({ secret: 'a' })).toBe(value);
  expect(again.madeAt('a')?.getTime()).toBeLessThanOrEqual(Date.now());
  expect(await store.ensure({ secret: 'b' })).not.toBe(value);
  expect(await mode(file)).toBe('600');
  expect(await mode(join(root, '.cotenant'))).toBe('700');
});

test('opening and peeking makes no file', async () => {
  const store = await openStore();
  store.peek({ secret: 'a' });
  expect(await readdir(root)).toEqual([]);
});

test('what was derived is kept with the secret, and forgotten where another process replaced the value', async () => {
  const store = await openStore();
  await store.ensure({ secret: 'a' });
  await store.setDerived({ secret: 'a' }, 'verifier 1');
  expect(store.derived({ secret: 'a' })).toBe('verifier 1');
  expect((await openStore()).derived({ secret: 'a' })).toBe('verifier 1');
  const document = JSON.parse(await readFile(file, 'utf8'));
  document.secrets[0] = { ...document.secrets[0], value: 'replaced', derived: 'verifier 2' };
  await writeFile(file, JSON.stringify(document));
  await store.setDerived({ secret: 'a' }, 'verifier 3');
  expect((await openStore()).derived({ secret: 'a' })).toBe('verifier 2');
  await expect(store.setDerived({ secret: 'unknown' }, 'x')).rejects.toThrow('no secret');
});

test('1,000 secrets asked for at once are one write, and asked for again none', async () => {
  const body = `import { open } from 'node:fs/promises';
const handle = await open(process.execPath);
const prototype = Object.getPrototypeOf(handle);
await handle.close();
const sync = prototype.sync;
let syncs = 0;
prototype.sync = function () { syncs++; return sync.call(this); };
const refs = Array.from({ length: 1000 }, (_, index) => ({ secret: 'app_' + index }));
const values = await store.ensureAll(refs);
const first = syncs;
for (const ref of refs) await store.ensure(ref);
console.log(JSON.stringify({ different: new Set(values).size, first, then: syncs - first }));`;
  const { stdout } = await run(...script(body));
  // The file and its folder.
  expect(JSON.parse(stdout)).toEqual({ different: 1000, first: 2, then: 0 });
});

test('projects in one file do not see each other', async () => {
  const value = await (await openStore()).ensure({ secret: 'a' });
  const other = await openStore({ project: 'other' });
  expect(other.peek({ secret: 'a' })).toBeNull();
  expect(await other.ensure({ secret: 'a' })).not.toBe(value);
  expect((await openStore()).peek({ secret: 'a' })).toBe(value);
});

test('names that are special to JavaScript are names like others', async () => {
  const store = await openStore();
  const refs = ['__proto__', 'constructor', '', 'ünï "quoted"\n'].map((secret) => ({ secret }));
  const values = await store.ensureAll(refs);
  const again = await openStore();
  expect(refs.map((ref) => again.peek(ref))).toEqual(values);
});

test('no way of printing the store shows a value', async () => {
  const store = await openStore();
  const value = await store.ensure({ secret: 'a' });
  const printed = [
    inspect(store, { showHidden: true, depth: 9 }),
    JSON.stringify({ store }),
    String(store),
    JSON.stringify(Object.entries(store)),
  ];
  expect(printed[0]).toContain('secrets: 1');
  for (const text of printed) expect(text).not.toContain(value);
});

test('eight processes at once get the same value for the same name and lose none', async () => {
  const body = `const names = ['shared', 'own_' + process.env.WORKER, ...Array.from({ length: 5 }, (_, i) => 'step_' + i)];
const got = {};
for (const secret of names) got[secret] = await store.ensure({ secret });
console.log(JSON.stringify(got));`;
  const outputs = await Promise.all(Array.from({ length: 8 }, (_, worker) => run(...script(body, { WORKER: String(worker) }))));
  const results = outputs.map(({ stdout }): Record<string, string> => JSON.parse(stdout));
  expect(new Set(results.map((result) => result.shared)).size).toBe(1);
  const store = await openStore();
  for (const [worker, result] of results.entries()) {
    expect(Object.keys(result)).toContain(`own_${worker}`);
    for (const [secret, value] of Object.entries(result)) expect(store.peek({ secret })).toBe(value);
  }
});

test('stores in one process share the lock too', async () => {
  const stores = await Promise.all(Array.from({ length: 5 }, () => openStore()));
  const values = await Promise.all(stores.map((store) => store.ensure({ secret: 'shared' })));
  expect(new Set(values).size).toBe(1);
});

test('a stopped process that holds the lock is named, and its death frees it', async () => {
  await (await openStore()).ensure({ secret: 'before' });
  const lock = JSON.stringify(join(root, '.cotenant', 'secrets.lock'));
  const holder = spawn(
    process.execPath,
    [
      '-e',
      `const db = new (require('node:sqlite').DatabaseSync)(${lock}); db.exec('BEGIN EXCLUSIVE'); console.log('held'); setInterval(() => db, 1e6)`,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  try {
    await once(holder.stdout, 'data');
    const store = await openStore({ wait: 50 });
    expect(await refusal(store.ensure({ secret: 'a' }))).toMatch(/^CT5005: .*secrets\.lock/);
    const exit = once(holder, 'exit');
    holder.kill('SIGKILL');
    await exit;
    // The failed write must not stop the next one.
    expect(await store.ensure({ secret: 'a' })).toHaveLength(43);
  } finally {
    holder.kill('SIGKILL');
  }
});

/** Counts every file operation of a process and kills it before the n-th. */
function killBefore(operation: number): string {
  return `import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
let left = ${operation};
const wrap = (owner, name) => {
  const original = owner[name];
  owner[name] = function (...args) {
    if (--left === 0) process.kill(process.pid, 'SIGKILL');
    return original.apply(this, args);
  };
};
const handle = await promises.open(process.execPath);
const prototype = Object.getPrototypeOf(handle);
await handle.close();
for (const name of ['writeFile', 'sync', 'close']) wrap(prototype, name);
for (const name of ['mkdir', 'open', 'readdir', 'rename', 'rm', 'stat']) wrap(promises, name);
syncBuiltinESMExports();`;
}

async function killEverywhere(
  body: string,
  env: Readonly<Record<string, string>>,
  check: (finished: boolean) => Promise<void>,
): Promise<number> {
  for (let operation = 1; operation < 200; operation++) {
    const [program, [, , code = ''], options] = script(body, env);
    const child = spawn(
      program,
      [
        '--input-type=module',
        '-e',
        `${killBefore(operation)}\nawait import('data:text/javascript,' + encodeURIComponent(${JSON.stringify(code)}));`,
      ],
      {
        ...options,
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    const [status, signal] = await once(child, 'exit');
    expect([status, signal]).toEqual(status === 0 ? [0, null] : [null, 'SIGKILL']);
    await check(status === 0);
    if (status === 0) return operation;
  }
  throw new Error('the process never came to its end');
}

test('killed before each of its file operations, a write leaves the old file or the new one', { timeout: 60_000 }, async () => {
  const first = await (await openStore()).ensure({ secret: 'first' });
  const before = await readFile(file, 'utf8');
  const operations = await killEverywhere(`await store.ensure({ secret: 'second' });`, {}, async (finished) => {
    const store = await openStore();
    expect(store.peek({ secret: 'first' })).toBe(first);
    if (finished) expect(store.peek({ secret: 'second' })).not.toBeNull();
    expect(await mode(file)).toBe('600');
    await writeFile(file, before);
  });
  expect(operations).toBeGreaterThan(10);
  await (await openStore()).ensure({ secret: 'third' });
  expect((await readdir(join(root, '.cotenant'))).toSorted()).toEqual(['secrets.json', 'secrets.lock']);
});

async function makeIdentity(name: string): Promise<{ recipient: string; env: Record<string, string> }> {
  const identity = await generateX25519Identity();
  const identityFile = join(root, name);
  await writeFile(identityFile, `# made for a test\n${identity}\n`, { mode: 0o600 });
  const recipient = await identityToRecipient(identity);
  return { recipient, env: { COTENANT_AGE_IDENTITY_FILE: identityFile, COTENANT_AGE_RECIPIENTS: recipient } };
}

test('a plain store is sealed for the recipients, and stays sealed without them', async () => {
  const value = await (await openStore()).ensure({ secret: 'a' });
  const mine = await makeIdentity('mine.key');
  const store = await openStore({ env: mine.env });
  const sealed = join(root, '.cotenant', 'secrets.age');
  expect(store.file).toBe(sealed);
  expect(store.peek({ secret: 'a' })).toBe(value);
  const second = await store.ensure({ secret: 'b' });
  const bytes = await readFile(sealed, 'latin1');
  expect(bytes).toMatch(/^age-encryption\.org\/v1\n/);
  for (const secret of [value, second]) expect(bytes).not.toContain(secret);
  expect(await mode(sealed)).toBe('600');
  expect((await readdir(join(root, '.cotenant'))).toSorted()).toEqual(['secrets.age', 'secrets.lock']);
  const identityOnly = { COTENANT_AGE_IDENTITY_FILE: mine.env.COTENANT_AGE_IDENTITY_FILE };
  await (await openStore({ env: identityOnly })).ensure({ secret: 'c' });
  expect(await readFile(sealed, 'latin1')).toMatch(/^age-encryption\.org\/v1\n/);
  expect((await openStore({ env: identityOnly })).peek({ secret: 'b' })).toBe(second);
});

test('every recipient keeps access when one of them writes, and a new list takes it from the others', async () => {
  const mine = await makeIdentity('mine.key');
  const theirs = await makeIdentity('theirs.key');
  const both = `${mine.recipient}, ${theirs.recipient}`;
  await (await openStore({ env: { ...mine.env, COTENANT_AGE_RECIPIENTS: both } })).ensure({ secret: 'a' });
  await (await openStore({ env: { ...mine.env, COTENANT_AGE_RECIPIENTS: undefined } })).ensure({ secret: 'b' });
  const theirStore = await openStore({ env: { ...theirs.env, COTENANT_AGE_RECIPIENTS: undefined } });
  expect(theirStore.peek({ secret: 'b' })).not.toBeNull();
  await openStore({ env: mine.env });
  expect(await refusal(openStore({ env: { ...theirs.env, COTENANT_AGE_RECIPIENTS: undefined } }))).toMatch(/^CT5004: /);
});

test('sealing that could not be opened again is refused, and the keys are not repeated', async () => {
  const mine = await makeIdentity('mine.key');
  const theirs = await makeIdentity('theirs.key');
  const value = await (await openStore()).ensure({ secret: 'a' });
  expect(await refusal(openStore({ env: { COTENANT_AGE_RECIPIENTS: mine.recipient } }))).toMatch(/^CT5004: /);
  expect(await refusal(openStore({ env: { ...mine.env, COTENANT_AGE_RECIPIENTS: theirs.recipient } }))).toMatch(/^CT5004: /);
  const identity = (await readFile(join(root, 'mine.key'), 'utf8')).split('\n')[1] ?? '';
  expect(identity).toMatch(/^AGE-SECRET-KEY-/);
  const wrong = await refusal(openStore({ env: { ...mine.env, COTENANT_AGE_RECIPIENTS: identity } }));
  expect(wrong).toMatch(/^CT5004: Entry 1 /);
  expect(wrong).not.toContain(identity);
  await writeFile(join(root, 'bad.key'), `AGE-SECRET-KEY-1BROKEN\n`);
  const broken = await refusal(openStore({ env: { COTENANT_AGE_IDENTITY_FILE: join(root, 'bad.key') } }));
  expect(broken).toMatch(/^CT5004: Line 1 /);
  expect(broken).not.toContain('BROKEN');
  expect(await refusal(openStore({ env: { COTENANT_AGE_IDENTITY_FILE: join(root, 'none.key') } }))).toMatch(/^CT5001: .*none\.key/);
  expect((await openStore()).peek({ secret: 'a' })).toBe(value);
});

test('killed before each of its file operations, sealing loses nothing', { timeout: 60_000 }, async () => {
  const mine = await makeIdentity('mine.key');
  const value = await (await openStore()).ensure({ secret: 'a' });
  const before = await readFile(file, 'utf8');
  const operations = await killEverywhere('', mine.env, async () => {
    expect((await openStore({ env: mine.env })).peek({ secret: 'a' })).toBe(value);
    expect((await readdir(join(root, '.cotenant'))).toSorted()).toEqual(['secrets.age', 'secrets.lock']);
    await rm(join(root, '.cotenant', 'secrets.age'));
    await writeFile(file, before, { mode: 0o600 });
  });
  expect(operations).toBeGreaterThan(15);
});

test('a process that opened the plain store finds it sealed and writes sealed or not at all', async () => {
  const mine = await makeIdentity('mine.key');
  const unaware = await openStore();
  const knowing = await openStore({ env: { COTENANT_AGE_IDENTITY_FILE: mine.env.COTENANT_AGE_IDENTITY_FILE } });
  await (await openStore({ env: mine.env })).ensure({ secret: 'a' });
  expect(await refusal(unaware.ensure({ secret: 'b' }))).toMatch(/^CT5004: /);
  await knowing.ensure({ secret: 'c' });
  expect((await readdir(join(root, '.cotenant'))).toSorted()).toEqual(['secrets.age', 'secrets.lock']);
});

test.skipIf(process.platform === 'win32')(
  'a file or folder that others can read, or that belongs to somebody else, is refused',
  async () => {
    await (await openStore()).ensure({ secret: 'a' });
    await chmod(file, 0o640);
    expect(await refusal(openStore())).toMatch(/^CT5002: .*secrets\.json can be read by others \(mode 640\)/);
    await chmod(file, 0o600);
    await chmod(join(root, '.cotenant'), 0o755);
    expect(await refusal(openStore())).toMatch(/^CT5002: .*\.cotenant can be read by others \(mode 755\)/);
    await chmod(join(root, '.cotenant'), 0o700);
    await rm(file);
    await symlink('/dev/null', file);
    expect(await refusal(openStore())).toMatch(/^CT5002: .*symbolic link/);
    await rm(file);
    await mkdir(file);
    expect(await refusal(openStore())).toMatch(/^CT5002: .*not a regular file/);
  },
);

test.skipIf(process.getuid?.() !== 0)('a file of another user is refused', async () => {
  await (await openStore()).ensure({ secret: 'a' });
  const { chown } = await import('node:fs/promises');
  await chown(file, 12345, 12345);
  expect(await refusal(openStore())).toMatch(/^CT5002: .*secrets\.json belongs to user 12345/);
  await chown(file, 0, 0);
  await chown(join(root, '.cotenant'), 12345, 12345);
  expect(await refusal(openStore())).toMatch(/^CT5002: .*\.cotenant belongs to user 12345/);
});

test('a damaged file is refused without repeating it', async () => {
  const value = await (await openStore()).ensure({ secret: 'a' });
  const text = await readFile(file, 'utf8');
  for (const damaged of [text.slice(0, -4), text.replace('"format": 1', '"format": 2'), text.replace('"madeAt"', '"made"'), '', 'null']) {
    await writeFile(file, damaged);
    const message = await refusal(openStore());
    expect(message).toMatch(/^CT5003: .*secrets\.json/);
    expect(message).not.toContain(value);
    expect(await readFile(file, 'utf8')).toBe(damaged);
  }
});
