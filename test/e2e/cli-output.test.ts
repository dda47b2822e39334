import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Interruption } from '../../src/cli/interruption.ts';
import { run } from '../../src/cli/run.ts';
import { addedDocument, initDocument } from '../../src/report/documents/beginnings.ts';
import { completionDocument, logsDocument, manualDocument } from '../../src/report/documents/pages.ts';
import { explainDocument, failedDocument, settingsDocument, validateDocument } from '../../src/report/documents/small.ts';
import { commandsAt } from '../support/help.ts';
import { tempDir } from '../support/temp-dir.ts';

/** Commands that print nothing of their own, or answer elsewhere. */
const others = ['connect', 'serve'];

const leaves = commandsAt(80)
  .filter((command) => command.parent !== null && command.commands.length === 0)
  .map((command) => ({ command, name: `${command.parent?.parent ? `${command.parent.name()} ` : ''}${command.name()}` }))
  .filter(({ name }) => !others.includes(name));

/** What each command that can fail is called with in a folder without a manifest. */
const calls: Readonly<Record<string, readonly string[]>> = {
  plan: [],
  apply: ['--yes'],
  status: [],
  verify: [],
  doctor: [],
  top: ['--once'],
  sessions: [],
  kill: ['shop', '--yes'],
  slow: [],
  sizes: [],
  'check-stack': [],
  vacuum: [],
  'migrate status': [],
  'migrate plan': [],
  'migrate lint': [],
  'migrate up': [],
  'migrate down': ['shop', '--steps', '1'],
  'migrate adopt': ['shop'],
  ready: ['shop'],
  'backup run': [],
  'backup list': [],
  'backup show': ['x'],
  'backup check': [],
  'backup prune': [],
  'backup forget-app': ['shop'],
  drill: [],
  restore: ['shop'],
  env: ['shop'],
  'credentials set': ['shop', '--password-file', 'pw'],
  up: [],
  down: [],
  logs: [],
  init: ['--engine', 'anydb'],
  'add app': ['shop'],
  import: ['anydb://admin@127.0.0.1:1/x'],
  'restore-app': ['shop'],
  history: [],
  explain: ['CT0000'],
  estimate: [],
  render: ['--out', 'x'],
  'key create': ['ci', '--scope', 'read'],
  'key list': [],
  'key revoke': ['ci'],
};

/** `validate` has a document for what is wrong, `config show` one for what it could read; the rest reads nothing. */
const neverFail = ['validate', 'config show', 'schema', 'completion', 'man'];

async function json(
  argv: readonly string[],
  cwd: string,
  env = {},
  isTTY = false,
): Promise<{ code: number; told: unknown; stderr: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end();
  const interruption = new Interruption(() => undefined);
  if (isTTY) for (const stream of [stdin, stdout, stderr]) Object.assign(stream, { isTTY, columns: 80, rows: 24 });
  const io = { version: '9', cwd, env: { HOME: cwd, ...env }, stdin, stdout, stderr, interruption, interrupt: () => undefined };
  const code = await run(argv.includes('--') ? argv : [...argv, '--json'], io);
  return { code, told: JSON.parse(String(stdout.read())), stderr: String(stderr.read() ?? '') };
}

describe('one option says how the answer is printed', () => {
  it('on every command', () => {
    const without = leaves.filter(
      ({ command }) => !['--output', '--json'].every((long) => command.options.some((one) => one.long === long)),
    );
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  it('and nothing is left out here', () => {
    expect([...Object.keys(calls), ...neverFail].sort()).toEqual(leaves.map(({ name }) => name).sort());
  });

  it.each(Object.entries(calls))('%s --json that fails prints one document that says so', async (name, args) => {
    await using folder = await tempDir();
    await writeFile(join(folder.path, 'pw'), 'x');
    const { code, told, stderr } = await json([...name.split(' '), ...args], folder.path);
    const { ending, exitCode, diagnostics } = failedDocument.parse(told);
    expect([ending, exitCode]).toEqual(['failed', code]);
    expect(code).not.toBe(0);
    for (const diagnostic of diagnostics) expect(stderr).toContain(diagnostic.code);
  });

  it.each([
    [['plan', '--nosuch']],
    [['plan', 'extra']],
    [['nosuch']],
    [['verify', '--seed', 'abc']],
    [['plan', '-out=x']],
    [['plan', '--detailed-exitcode=1']],
    [['apply', '--output', 'json']],
    [['credentials', 'set', 'shop']],
    [['migrate']],
    [['down', '--output=json', '--nosuch', '--']],
  ])('%j as a command line that cannot be meant is a document too', async (argv) => {
    const { code, told, stderr } = await json(argv, '/');
    expect(code).toBe(64);
    expect(failedDocument.parse(told)).toMatchObject({
      ending: 'failed',
      exitCode: 64,
      diagnostics: [{ code: 'CT9005', severity: 'error' }],
    });
    expect(stderr).toMatch(/^error: /);
  });

  it.each(Object.entries(calls))(
    '%s --json at a terminal, with colour forced, prints the document and nothing else',
    async (name, args) => {
      await using folder = await tempDir();
      await writeFile(join(folder.path, 'pw'), 'x');
      const { told } = await json([...name.split(' '), ...args], folder.path, { FORCE_COLOR: '1' }, true);
      expect(JSON.stringify(failedDocument.parse(told))).not.toContain('\\u001b');
    },
  );

  it.each(Object.entries(calls))('%s --json --quiet that fails says why all the same', async (name, args) => {
    await using folder = await tempDir();
    await writeFile(join(folder.path, 'pw'), 'x');
    expect((await json([...name.split(' '), ...args, '--quiet'], folder.path)).stderr).toMatch(/error\[CT\d{4}\]: /);
  });
});

describe('what asks no server, as a document', () => {
  it('of a first manifest, and of one more app', async () => {
    await using folder = await tempDir();
    const first = await json(['init', '--project', 'p', '--engine', 'postgres', '--app', 'shop'], folder.path);
    expect([first.code, initDocument.parse(first.told)]).toEqual([
      0,
      { format: 1, file: 'cotenant.yaml', apps: ['shop'], found: [], toSet: [], notes: [], next: 'cotenant up' },
    ]);
    expect(addedDocument.parse((await json(['add', 'app', 'blog'], folder.path)).told)).toEqual({
      format: 1,
      file: 'cotenant.yaml',
      app: 'blog',
      instances: ['main'],
      next: 'cotenant up main',
    });
    expect(validateDocument.parse((await json(['validate'], folder.path)).told)).toMatchObject({ valid: true, apps: 2 });
    expect(logsDocument.parse((await json(['logs'], folder.path)).told)).toEqual({ format: 1, lines: [] });
    expect(settingsDocument.parse((await json(['config', 'show'], folder.path)).told).format).toBe(1);
  });

  it('of the command line itself', async () => {
    const { commands, exitCodes } = manualDocument.parse((await json(['man'], '/')).told);
    expect(commands.map(({ name }) => name)).toEqual(expect.arrayContaining(leaves.map(({ name }) => name)));
    expect(commands.find(({ name }) => name === 'migrate up')?.options.map(({ term }) => term)).toContain('--canary <app>');
    expect(exitCodes.map(({ code }) => code)).toContain(130);
    expect(completionDocument.parse((await json(['completion', 'zsh'], '/')).told).script).toContain('#compdef cotenant');
    expect(explainDocument.parse((await json(['explain', 'CT1203'], '/')).told).id).toBe('CT1203');
    expect((await json(['schema', 'init'], '/')).told).toMatchObject({ type: 'object' });
  });
});
