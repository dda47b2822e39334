import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingsDocument } from '../../src/report/documents/small.ts';
import { runCli } from '../support/cli.ts';
import { tempDir } from '../support/temp-dir.ts';

const manifest = `cotenant: 1
# whose it is
project: shown
instances: { main: { engine: postgres, url: "postgres://u@127.0.0.1:1/x", password: { env: PW } } }
`;

/** Name, value and origin of each setting. */
async function settings(env: Readonly<Record<string, string>>, ...flags: readonly string[]) {
  await using folder = await tempDir();
  await writeFile(join(folder.path, 'cotenant.yaml'), manifest);
  const { code, stdout, stderr } = await runCli(['config', 'show', '--json', ...flags], {
    cwd: folder.path,
    env: { PW: 'a-canary-7', ...env },
  });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).not.toContain('canary');
  const all = settingsDocument.parse(JSON.parse(stdout)).settings;
  return new Map(all.map(({ name, ...one }) => [name, { ...one, value: one.value.replace(folder.path, '.') }]));
}

describe('config show', () => {
  it('shows what is set, and by whom: nobody', async () => {
    const all = await settings({});
    expect(all.get('file')).toEqual({ value: './cotenant.yaml', origin: 'found from this folder upwards' });
    expect(all.get('project')).toEqual({ value: 'shown', origin: 'cotenant.yaml:3' });
    expect(all.get('quiet')).toEqual({ value: 'off', origin: 'default' });
    expect(all.get('color')).toEqual({ value: 'off', origin: 'default: stdout is no terminal' });
    expect(all.get('input')?.value).toBe('off');
    expect(all.get('pager')).toEqual({ value: 'less', origin: 'default' });
  });

  /** Each global option: the variable, the value that it sets, the flag that says more, and what that sets. */
  it.each([
    ['quiet', { COTENANT_QUIET: '1' }, 'on', 'COTENANT_QUIET', ['--quiet'], 'on', '--quiet'],
    ['verbose', { COTENANT_VERBOSE: 'yes' }, 'on', 'COTENANT_VERBOSE', ['-v'], 'on', '--verbose'],
    ['debug', { COTENANT_DEBUG: 'true' }, 'on', 'COTENANT_DEBUG', ['--debug'], 'on', '--debug'],
    ['pager', { COTENANT_NO_PAGER: '1', COTENANT_PAGER: 'more' }, 'off', 'COTENANT_NO_PAGER', ['--no-pager'], 'off', '--no-pager'],
    ['color', { COTENANT_NO_COLOR: '1', FORCE_COLOR: '1' }, 'off', 'COTENANT_NO_COLOR', ['--no-color'], 'off', '--no-color'],
    ['file', { COTENANT_FILE: 'cotenant.yaml' }, 'cotenant.yaml', 'COTENANT_FILE', ['-f', './cotenant.yaml'], './cotenant.yaml', '--file'],
    ['input', { COTENANT_NO_INPUT: '1' }, 'off', 'COTENANT_NO_INPUT', ['--no-input'], 'off', '--no-input'],
    ['pager', { COTENANT_PAGER: 'more', PAGER: 'most' }, 'more', 'COTENANT_PAGER', ['--no-pager'], 'off', '--no-pager'],
    ['color', { FORCE_COLOR: '1' }, 'on', 'FORCE_COLOR', ['--no-color'], 'off', '--no-color'],
    ['verbose', { COTENANT_VERBOSE: '1' }, 'on', 'COTENANT_VERBOSE', ['-q'], 'off', 'default'],
    ['quiet', { COTENANT_QUIET: '1' }, 'on', 'COTENANT_QUIET', ['--verbose'], 'off', 'default'],
    ['cache', { COTENANT_CACHE: '/c' }, '/c', 'COTENANT_CACHE', [], '/c', 'COTENANT_CACHE'],
  ])(
    '%s: the environment comes before the default, and the command line before both: %j',
    async (name, env, value, origin, flags, then, by) => {
      expect((await settings(env)).get(name)).toEqual({ value, origin });
      expect((await settings(env, ...flags)).get(name)).toEqual({ value: then, origin: by });
    },
  );

  it('an empty variable, and a no, are no setting', async () => {
    for (const no of ['', '0', 'false', 'No']) {
      const all = await settings({ COTENANT_QUIET: no, COTENANT_NO_COLOR: no, COTENANT_NO_INPUT: no, COTENANT_DEBUG: no });
      for (const name of ['quiet', 'debug']) expect([no, all.get(name)]).toEqual([no, { value: 'off', origin: 'default' }]);
      expect(all.get('input')?.origin).not.toContain('COTENANT');
    }
  });

  it('prints a table, whatever is wrong with the manifest', async () => {
    await using folder = await tempDir();
    const cli = (...args: readonly string[]) => runCli(['config', 'show', ...args], { cwd: folder.path });
    expect(await cli('--origin')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^SETTING +VALUE +FROM\nfile +- +none was found\n/) as unknown,
    });
    expect((await cli()).stdout).not.toContain('FROM');
    await writeFile(join(folder.path, 'cotenant.yaml'), 'cotenant: 1\n');
    expect(await cli()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('quiet') as unknown,
      stderr: expect.stringContaining('CT1') as unknown,
    });
    expect(await cli('-q', '-v')).toMatchObject({ code: 64, stderr: expect.stringContaining('cannot be used with') as unknown });
  });

  it('takes the manifest from standard input', async () => {
    await using folder = await tempDir();
    const { stdout } = await runCli(['config', 'show', '--origin', '-f', '-'], { cwd: folder.path, input: manifest, env: { PW: 'x' } });
    expect(stdout).toMatch(/project +shown +\(stdin\):3/);
  });
});
