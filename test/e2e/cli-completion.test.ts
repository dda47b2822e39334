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
    await writeFile(
      fake,
      `#!/bin/sh
case "$*" in
  "__complete apps") printf "shop\\nblog\\n" ;;
  "__complete instances") printf "main\\ncache\\n" ;;
  "__complete names") printf "main\\ncache\\nshop\\nblog\\n" ;;
  "--file other.yaml __complete apps") echo other ;;
esac
`,
    );
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
    [['env', 'shop', '--outp'], ['--output']],
    [
      ['env', 'shop', '--output', ''],
      ['dotenv', 'shell', 'json', 'docker', 'k8s'],
    ],
    [['env', '--output', 'json', 's'], ['shop']],
    [['plan', '--app', 'b'], ['blog']],
    [['apply', '--output', '=', 's'], ['stream-json']],
    [['plan', '--app', 'shop,b'], ['shop,blog']],
    [['plan', '--app', '=', 'shop,b'], ['shop,blog']],
    [
      ['up', ''],
      ['main', 'cache'],
    ],
    [['up', 'main', 'c'], ['cache']],
    [['down', 'm'], ['main']],
    [['down', '--confirm', 'c'], ['cache']],
    [['logs', 's'], ['shop']],
    [['logs', 'c'], ['cache']],
    [['connect', 'shop', '--on', 'm'], ['main']],
    [['add', 'app', 'x', '--like', 's'], ['shop']],
    [['apply', '--confirm', 'b'], ['blog']],
    [['--file', 'other.yaml', 'env', ''], ['other']],
    [['-f', 'other.yaml', 'plan', '--app', ''], ['other']],
    [['--file', '=', 'other.yaml', 'env', ''], ['other']],
    [['verify', '--watch', '--js'], ['--json']],
    [['completion', 'z'], ['zsh']],
    [['--file', 'x.yaml', 'sta'], ['status']],
    [['apply', '--lock-timeout', ''], []],
    [['help', 'exp'], ['explain']],
    [['migrate', 'st'], ['status']],
    [['migrate', 'status', 'sh'], ['shop']],
    [['migrate', 'status', '--det'], ['--detailed-exitcode']],
    [['migrate', 'up', '--det'], []],
    [['migrate', 'up', '--canary', 'b'], ['blog']],
    [['migrate', 'down', 'shop', 'b'], []],
    [
      ['ready', ''],
      ['shop', 'blog'],
    ],
    [['drill', 'shop', 'b'], ['blog']],
    [['backup', 'shop', 'b'], ['blog']],
    [['backup', 'list', 'b'], ['blog']],
    [['backup', 'show', 'b'], []],
    [['backup', 'prune', '--y'], ['--yes']],
    [['restore', 'shop', '--as', 'b'], ['blog']],
    [['schema', 'backup-c'], ['backup-check']],
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
        "'*--output=[how the answer is printed]:value:(dotenv shell json docker k8s)'",
        '_cotenant_apps',
      ],
    ],
    [
      'fish',
      [
        'complete -c cotenant',
        '__fish_seen_subcommand_from env',
        "-l output -r -a 'dotenv shell json docker k8s'",
        '(cotenant __complete apps 2>/dev/null)',
      ],
    ],
    [
      'pwsh',
      [
        'Register-ArgumentCompleter',
        "'env --output' = { 'dotenv', 'shell', 'json', 'docker', 'k8s' }",
        "'env ' = { cotenant __complete apps 2>$null }",
      ],
    ],
  ])('%s knows commands, choices and apps', async (shell, parts) => {
    const text = await script(shell);
    for (const part of parts) expect(text).toContain(part);
  });
});
