import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keyMadeDocument, keyRevokedDocument, keysDocument } from '../../src/report/documents/keys.ts';
import { runCli } from '../support/cli.ts';
import { tempDir } from '../support/temp-dir.ts';

const manifest =
  'cotenant: 1\nproject: digi\ninstances:\n  cache: { engine: redis, url: redis://127.0.0.1:1 }\napps:\n  shop: { uses: { cache: {} } }\n';

test('key create, list and revoke', async () => {
  await using folder = await tempDir();
  await writeFile(join(folder.path, 'cotenant.yaml'), manifest);
  const run = async (...args: readonly string[]): ReturnType<typeof runCli> => await runCli(['key', ...args], { cwd: folder.path });
  const made = await run('create', 'grafana', '--scope', 'read');
  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ct_[0-9a-f]{12}_[\w-]{43}\n$/) as unknown });
  expect(made.stderr).toContain('not shown again');
  const json = await run('create', 'ci', '--scope', 'app:shop', '--expires', 'never', '--json');
  expect(keyMadeDocument.parse(JSON.parse(json.stdout)).info).toMatchObject({ name: 'ci', scope: 'app:shop', expires: null });
  expect(await run('create', 'ci', '--scope', 'operate')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('CT4650') as unknown,
  });
  expect(await run('create', 'x', '--scope', 'app:nobody')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('CT2016') as unknown,
  });
  for (const wrong of [['x'], ['x', '--scope', 'all'], ['x', '--scope', 'read', '--expires', '90'], ['a b', '--scope', 'read']])
    expect((await run('create', ...wrong)).code).toBe(64);
  const listed = await run('list', '--json');
  const { keys } = keysDocument.parse(JSON.parse(listed.stdout));
  expect(keys.map(({ name, scope, used }) => [name, scope, used])).toEqual([
    ['grafana', 'read', null],
    ['ci', 'app:shop', null],
  ]);
  expect((Date.parse(keys[0]?.expires ?? '') - Date.parse(keys[0]?.made ?? '')) / 86_400_000).toBeCloseTo(90, 2);
  expect((await run('list')).stdout).toMatch(/^NAME .*\ngrafana /);
  expect(keyRevokedDocument.parse(JSON.parse((await run('revoke', 'grafana', '--json')).stdout)).revoked.name).toBe('grafana');
  expect(await run('revoke', 'grafana')).toMatchObject({ code: 1, stderr: expect.stringContaining('CT4651') as unknown });
  const file = await readFile(join(folder.path, '.cotenant/keys.json'), 'utf8');
  expect(file).not.toContain(made.stdout.trim().slice(-43));
});
