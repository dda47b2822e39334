import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schemaEngines } from '../../test/support/schema-engine.ts';
import { findManifest, loadManifest, requireManifest } from './load.ts';

let folder: string;
const text = 'cotenant: 1\nproject: p\ninstances: { m: { engine: alpha, password: { file: ../pw } } }\n';
const options = { env: {}, ...schemaEngines };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cotenant-manifest-'));
  mkdirSync(join(folder, 'a/b/c'), { recursive: true });
  mkdirSync(join(folder, 'yml/both/cotenant.yaml'), { recursive: true });
  writeFileSync(join(folder, 'a/cotenant.yaml'), text);
  writeFileSync(join(folder, 'yml/cotenant.yml'), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('findManifest', () => {
  test('looks upwards, takes both endings, passes folders of that name', async () => {
    expect(await findManifest(join(folder, 'a/b/c'))).toBe(join(folder, 'a/cotenant.yaml'));
    expect(await findManifest(join(folder, 'a'))).toBe(join(folder, 'a/cotenant.yaml'));
    expect(await findManifest(join(folder, 'yml/both'))).toBe(join(folder, 'yml/cotenant.yml'));
    expect(await findManifest(join(folder, 'a/no/such/folder'))).toBe(join(folder, 'a/cotenant.yaml'));
  });

  test('none', async () => {
    expect(await findManifest(folder)).toBeNull();
    await expect(requireManifest(folder)).rejects.toMatchObject({
      diagnostics: [{ code: 'CT1018', message: expect.stringContaining(folder) }],
    });
    expect(await requireManifest(join(folder, 'a'))).toBe(join(folder, 'a/cotenant.yaml'));
  });
});

describe('loadManifest', () => {
  test('reads the file and starts relative files from its folder', async () => {
    const { manifest, diagnostics } = await loadManifest(join(folder, 'a/cotenant.yaml'), options);
    expect(diagnostics).toEqual([]);
    expect(manifest).toMatchObject({
      file: join(folder, 'a/cotenant.yaml'),
      instances: [{ input: { config: { password: { file: join(folder, 'pw') } } } }],
    });
  });

  test('a file with a byte order mark and CRLF', async () => {
    writeFileSync(join(folder, 'crlf.yaml'), `\ufeff${text.replaceAll('\n', '\r\n')}`);
    expect(await loadManifest(join(folder, 'crlf.yaml'), options)).toMatchObject({ diagnostics: [], manifest: { project: 'p' } });
  });

  test.each([
    ['nothing there', 'none.yaml', 'does not exist'],
    ['a folder', 'a', 'is a folder'],
    ['below a file', 'a/cotenant.yaml/x', 'does not exist'],
    ['bytes that are not text', 'bytes.yaml', 'is not UTF-8 text'],
  ])('%s', async (_name, file, why) => {
    writeFileSync(join(folder, 'bytes.yaml'), Buffer.from([0x63, 0xff, 0xfe]));
    const { manifest, diagnostics } = await loadManifest(join(folder, file), options);
    expect(manifest).toBeNull();
    expect(diagnostics).toMatchObject([{ code: 'CT1003', severity: 'error', message: expect.stringContaining(why) }]);
  });

  test('bytes that are not text have a place, and nothing around them is shown', async () => {
    writeFileSync(join(folder, 'place.yaml'), Buffer.concat([Buffer.from('# é\npassword: hunter2 '), Buffer.from([0xe9, 0x20])]));
    const { diagnostics } = await loadManifest(join(folder, 'place.yaml'), options);
    expect(diagnostics).toMatchObject([{ code: 'CT1003', location: { line: 2, column: 19, frame: '' }, hint: 'Save it as UTF-8.' }]);
  });

  test.skipIf(process.getuid?.() === 0)('a file of others', async () => {
    writeFileSync(join(folder, 'closed.yaml'), text);
    chmodSync(join(folder, 'closed.yaml'), 0);
    expect((await loadManifest(join(folder, 'closed.yaml'), options)).diagnostics).toMatchObject([{ code: 'CT1003' }]);
  });

  test('a file that is far too large is not read', async () => {
    writeFileSync(join(folder, 'large.yaml'), '#'.repeat(13 * 1024 * 1024));
    expect((await loadManifest(join(folder, 'large.yaml'), options)).diagnostics).toMatchObject([{ code: 'CT1004' }]);
  });
});
