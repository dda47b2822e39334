import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from 'sarif';
import { describe, expect, it } from 'vitest';
import { validateDocument } from '../../src/report/documents/small.ts';
import { type CliResult, runCli } from '../support/cli.ts';
import { tempDir } from '../support/temp-dir.ts';

const right = `cotenant: 1
project: p
instances: { main: { engine: postgres, url: "postgres://admin@127.0.0.1:1/postgres", password: { env: NOT_SET } } }
apps:
  shop: { uses: { main: {} } }
  blog: { uses: { main: {} } }
`;
const wrong = `${right}  lost: { uses: { mian: {} }, after: [shpo] }\n`;

async function cli(
  manifest: string | null,
  args: readonly string[],
  more: { env?: Record<string, string>; input?: string } = {},
): Promise<CliResult> {
  await using folder = await tempDir();
  if (manifest !== null) await writeFile(join(folder.path, 'cotenant.yaml'), manifest);
  await writeFile(join(folder.path, 'other.yaml'), right);
  return await runCli(args, { cwd: folder.path, ...more });
}

describe('cotenant validate', () => {
  it('asks no server and needs no secret', async () => {
    const said = 'cotenant.yaml is valid: 2 apps on 1 instance.\n';
    expect(await cli(right, ['validate'])).toMatchObject({ code: 0, stdout: said, stderr: '' });
  });

  it('tells all errors with their places', async () => {
    const result = await cli(wrong, ['validate']);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    for (const part of ['CT1203', 'CT1204', 'cotenant.yaml:7:19', 'Did you mean "main"?', 'Did you mean "shop"?'])
      expect(result.stderr).toContain(part);
  });

  it.each([
    [right, 0, true],
    [wrong, 1, false],
    ['{', 1, false],
    [null, 1, false],
  ])('--json is one document', async (manifest, code, valid) => {
    for (const args of [['--json'], ['--format', 'json'], ['--output', 'json'], ['--output=json']]) {
      const result = await cli(manifest, ['validate', ...args]);
      expect(result.code).toBe(code);
      const found = validateDocument.parse(JSON.parse(result.stdout));
      expect([found.valid, found.diagnostics.length > 0]).toEqual([valid, !valid]);
    }
  });

  it('--format sarif says where, by rule', async () => {
    expect(JSON.parse((await cli(right, ['validate', '--format', 'sarif'])).stdout)).toMatchObject({
      version: '2.1.0',
      runs: [{ results: [] }],
    });
    const result = await cli(wrong, ['validate', '--format', 'sarif']);
    const log = JSON.parse(result.stdout) as Log;
    expect(log.runs[0]?.tool.driver.rules?.map(({ id }) => id)).toEqual(['CT1203', 'CT1204']);
    const places = log.runs[0]?.results?.map(({ locations }) => locations?.[0]?.physicalLocation);
    expect(places?.map((place) => [place?.artifactLocation?.uri, place?.region?.startLine])).toEqual([
      ['cotenant.yaml', 7],
      ['cotenant.yaml', 7],
    ]);
  });
});

describe('the manifest', () => {
  it('comes from standard input with --file -', async () => {
    expect(await cli(null, ['validate', '-f', '-'], { input: right })).toMatchObject({
      code: 0,
      stdout: '(stdin) is valid: 2 apps on 1 instance.\n',
    });
    const result = await cli(right, ['validate', '--file=-'], { input: wrong });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('(stdin):7:19');
  });

  it.each(['init --engine postgres', 'add app blog', 'up --unit'])(
    'cannot be standard input where a file is meant: %s -f -',
    async (words) => {
      await using folder = await tempDir();
      const result = await runCli([...words.split(' '), '-f', '-'], { cwd: folder.path, input: right });
      expect(result).toMatchObject({ code: 64, stdout: '', stderr: expect.stringMatching(/^error: .*standard input/) as unknown });
      expect(await readdir(folder.path)).toEqual([]);
    },
  );

  it('is named by COTENANT_FILE, and by --file before that', async () => {
    const env = { COTENANT_FILE: 'other.yaml' };
    expect(await cli(wrong, ['validate'], { env })).toMatchObject({ code: 0, stdout: expect.stringContaining('other.yaml') as unknown });
    expect(await cli(wrong, ['validate', '-f', 'cotenant.yaml'], { env })).toMatchObject({ code: 1 });
  });
});

describe('global options', () => {
  it.each([
    [{ COTENANT_NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    [{ COTENANT_NO_COLOR: '0', FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '1' }, true],
  ])('%o', async (env, coloured) => {
    expect((await cli(wrong, ['validate'], { env })).stderr.includes('\u001B[')).toBe(coloured);
  });

  it('COTENANT_QUIET leaves results and errors', async () => {
    expect((await cli(null, ['init'], { env: { COTENANT_QUIET: '1' } })).stderr).toBe('');
    expect((await cli(null, ['init'])).stderr).not.toBe('');
  });
});
