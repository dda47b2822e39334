import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawnSync } from '../support/children.ts';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { tempDir } from '../support/temp-dir.ts';

const made = new Map<string, Promise<string>>();

function script(shell: string): Promise<string> {
  const text = made.get(shell) ?? makeScript(shell);
  made.set(shell, text);
  return text;
}

async function makeScript(shell: string): Promise<string> {
  await using folder = await tempDir();
  const { code, stdout } = await runCli(['completion', shell], { cwd: folder.path });
  expect(code).toBe(0);
  return stdout;
}

describe('the script for bash', () => {
  /** What bash offers after these words, with a `cotenant` that knows two apps. */
  async function offers(...words: readonly string[]): Promise<readonly string[]> {
    await using folder = await tempDir();
    const fake = join(folder.path, 'cotenant');
    await writeFile(fake, '#!/bin/sh\n[ "$*" = "__complete apps" ] && printf "shop\\nblog\\n"\n');
    await chmod(fake, 0o755);
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const program = `${await script('bash')}\nCOMP_WORDS=(cotenant ${quoted}); COMP_CWORD=${words.length}; _cotenant; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', program], {
      cwd: folder.path,
      encoding: 'utf8',
      env: { PATH: `${folder.path}:${process.env['PATH'] ?? ''}` },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout.split('\n').filter((word) => word !== '');
  }

  it.each([
    [['pl'], ['plan']],
    [
      ['env', ''],
      ['shop', 'blog'],
    ],
    [['env', 'shop', '--form'], ['--format']],
    [
      ['env', 'shop', '--format', ''],
      ['dotenv', 'shell', 'json', 'docker', 'k8s'],
    ],
    [['env', '--format', 'json', 's'], ['shop']],
    [['plan', '--app', 'b'], ['blog']],
    [['apply', '--output-format', '=', 's'], ['stream-json']],
    [['completion', 'z'], ['zsh']],
    [['--file', 'x.yaml', 'sta'], ['status']],
    [['apply', '--lock-timeout', ''], []],
    [['help', 'exp'], ['explain']],
  ])('after %j offers %j', async (words, expected) => {
    expect(await offers(...words)).toEqual(expected);
  });

  it('offers every command and flag', async () => {
    expect(await offers('')).toContain('restore-app');
    expect(await offers('apply', '--')).toEqual(
      expect.arrayContaining(['--yes', '--no-input', '--confirm', '--dry-run', '--file', '--no-color']),
    );
  });

  it('offers nothing that is hidden', async () => {
    expect([...(await offers('')), ...(await offers('apply', '-'))].filter((word) => /^__|auto-approve/.test(word))).toEqual([]);
  });
});

describe('the scripts for other shells', () => {
  it.each([
    [
      'zsh',
      [
        '#compdef cotenant',
        "'plan:show what an apply would do'",
        "'*--format=[the output format]:value:(dotenv shell json docker k8s)'",
        '_cotenant_apps',
      ],
    ],
    [
      'fish',
      [
        'complete -c cotenant',
        '__fish_seen_subcommand_from env',
        "-l format -r -a 'dotenv shell json docker k8s'",
        '(cotenant __complete apps 2>/dev/null)',
      ],
    ],
    [
      'pwsh',
      [
        'Register-ArgumentCompleter',
        "'env --format' = { 'dotenv', 'shell', 'json', 'docker', 'k8s' }",
        "'env ' = { cotenant __complete apps 2>$null }",
      ],
    ],
  ])('%s knows commands, choices and apps', async (shell, parts) => {
    const text = await script(shell);
    for (const part of parts) expect(text).toContain(part);
  });
});
