import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { checkout } from '../support/places.ts';
import { tempDir } from '../support/temp-dir.ts';

async function cli(...args: readonly string[]) {
  await using folder = await tempDir();
  return await runCli(args, { cwd: folder.path });
}

describe('the version', () => {
  it('is that of the package', async () => {
    const { version } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as { version: string };
    for (const flag of ['--version', '-V']) expect(await cli(flag)).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('loads nothing but the file that prints it', async () => {
    await using folder = await tempDir();
    const spy = join(folder.path, 'spy.mjs');
    await writeFile(
      spy,
      `import { registerHooks } from 'node:module';
       registerHooks({ load(url, context, next) { if (url.startsWith('file:')) process.stderr.write(url + '\\n'); return next(url, context); } });`,
    );
    const env = { NODE_OPTIONS: `--import=${spy}` };
    const loaded = async (...args: readonly string[]) =>
      (await runCli(args, { cwd: folder.path, env })).stderr.split('\n').filter((line) => line.startsWith('file:'));
    expect((await loaded('--version')).map((url) => url.split('/').slice(-2).join('/'))).toEqual(['cli/main.js']);
    // The commands of the program are read one by one, when they are called.
    const forHelp = await loaded('--help');
    expect(forHelp.length).toBeGreaterThan(1);
    expect(await loaded('schema')).toEqual(expect.arrayContaining(forHelp));
    expect((await loaded('schema')).length).toBeGreaterThan(forHelp.length);
    const code = await Promise.all(forHelp.map(async (url) => await readFile(new URL(url), 'utf8')));
    expect(code.join().match(/\/\/ src\/(engines|manifest|app|secrets)\//g)).toEqual(null);
    expect(code.join()).toContain('// src/cli/');
  });
});

describe('a command line that is wrong', () => {
  it.each([
    ['nothing', [], 'Usage: cotenant'],
    ['nothing: in a few lines', [], 'All commands and flags: cotenant --help'],
    ['help of an unknown command', ['help', 'plna'], 'unknown command \'plna\'\n(Did you mean "plan"?)'],
    ['help of an unknown command below another', ['help', 'migrate', 'pu'], 'unknown command \'migrate pu\'\n(Did you mean "up"?)'],
    ['help of more than a command', ['help', 'plan', 'up'], "unknown command 'plan up'"],
    ['an unknown flag of a command, with its help', ['plan', '--jsn'], "Run 'cotenant plan --help'"],
    ['the same below another one', ['add', 'app', '--lke', 'x', 'y'], "Run 'cotenant add app --help'"],
    ['an unknown command', ['plna'], "unknown command 'plna'\n(Did you mean plan?)"],
    ['a shortened command', ['stat'], "unknown command 'stat'"],
    ['an unknown flag', ['plan', '--jsn'], "unknown option '--jsn'\n(Did you mean --json?)"],
    ['an unknown flag of the program', ['--vrbose', 'plan'], 'Did you mean --verbose?'],
    ['an argument that is missing', ['env'], "missing required argument 'app'"],
    ['an argument too many', ['status', 'x'], 'too many arguments'],
    ['a value that is not among the choices', ['env', 'shop', '--format', 'xml'], 'Allowed choices are dotenv, shell, json, docker, k8s'],
    ['a duration without a unit', ['apply', '--lock-timeout', '5'], 'as 500ms, 30s, 5m or 1h'],
    ['no time at all to answer in', ['verify', '--deadline', '0'], 'use at least 1ms'],
    ["Terraform's spelling of a long name", ['plan', '-out=tf.plan'], "option '-out' needs two dashes: --out=…"],
    ['the same without a value', ['apply', '-auto-approve'], "option '-auto-approve' needs two dashes: --auto-approve"],
    ['the same of another command', ['plan', '-format=json'], "option '-format' needs two dashes: --format=…"],
    ['the version with one dash', ['-version'], "option '-version' needs two dashes: --version"],
    ['= after a letter', ['plan', '-o=x'], "option '-o' takes its value without '='"],
    ['how far is not said', ['migrate', 'down', 'shop', '--quiet'], 'error: say how far: --steps <n> or --to <revision>'],
    ['a shell that is not known', ['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish, pwsh'],
  ])('%s: exit code 64, nothing on stdout', async (_, args, said) => {
    const result = await cli(...args);
    expect(result.stderr).toContain(said);
    expect(result).toMatchObject({ code: 64, stdout: '' });
  });

  it.each([
    ['apply', '--auto-approve'],
    ['apply', '--yes'],
    ['apply', '-y'],
  ])('%s %s is known', async (...args) => {
    const result = await runCli(args, { cwd: '/', env: {} });
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no cotenant.yaml') as unknown });
  });

  it('does not repeat what may be a secret', async () => {
    const results = await Promise.all([cli('plan', '--password=hunter2'), cli('import', 'anydb://a:hunter2@h', 'anydb://a:hunter2@h')]);
    expect(results.map((result) => result.code)).toEqual([64, 64]);
    expect(results.map((result) => result.stdout + result.stderr).join()).not.toContain('hunter2');
  });
});

describe('help', () => {
  it.each([[['--help']], [['help']], [['plan', '--help']], [['help', 'plan']], [['apply', '-h']]])('%j is on stdout', async (args) => {
    const result = await cli(...args);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain('Example: cotenant');
  });

  it('of a command below another is its own', async () => {
    for (const args of [
      ['help', 'migrate', 'up'],
      ['migrate', 'up', '--help'],
    ])
      expect((await cli(...args)).stdout).toMatch(/^Usage: cotenant migrate up /);
  });

  it('hides what only completion scripts call', async () => {
    expect((await cli('--help')).stdout).not.toContain('__complete');
  });
});

describe('explain', () => {
  it('says what a code means, however it is written', async () => {
    const [full, small, bare] = await Promise.all([cli('explain', 'CT1203'), cli('explain', 'ct1203'), cli('explain', '1203')]);
    expect(full.code).toBe(0);
    expect(full.stdout).toMatch(/^CT1203: .+\n\n.+/);
    expect([small.stdout, bare.stdout]).toEqual([full.stdout, full.stdout]);
  });

  it('says what a probe tries, however it is written', async () => {
    const [full, small] = await Promise.all([cli('explain', 'PG-E7'), cli('explain', 'pg-e7')]);
    expect(full).toMatchObject({ code: 0, stderr: '' });
    expect(full.stdout).toMatch(/^PG-E7: .+\n\n.+/);
    expect(small.stdout).toBe(full.stdout);
    for (const id of ['MY-Y01', 'RD-A5']) expect((await cli('explain', id)).code).toBe(0);
    expect((await cli('explain', 'PG-E77')).stderr).toMatch(/Did you mean PG-E\d\d?\?/);
  });

  it.each([
    ['ct1203', { id: 'CT1203', diagnostic: { explanation: expect.any(String) as unknown } }],
    ['pg-e7', { id: 'PG-E7', probe: { verdict: 'BREACH' } }],
  ])('%s as a document that is as its schema says', async (asked, part) => {
    const [{ code, stdout, stderr }, short, schema] = await Promise.all([
      cli('explain', asked, '--output', 'json'),
      cli('explain', asked, '--json'),
      cli('schema', 'explain'),
    ]);
    expect([code, stderr, short.stdout]).toEqual([0, '', stdout]);
    const document = JSON.parse(stdout) as object;
    expect(document).toMatchObject({ format: 1, title: expect.any(String) as unknown, ...part });
    const { properties } = JSON.parse(schema.stdout) as { properties: object };
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(document)));
    expect(JSON.parse((await cli('explain', 'CT12033', '--json')).stdout)).toMatchObject({ ending: 'failed', exitCode: 64 });
  });

  it('offers the nearest code for one that there is not', async () => {
    const result = await cli('explain', 'CT12033');
    expect(result).toMatchObject({ code: 64, stdout: '' });
    expect(result.stderr).toMatch(/^error\[CT1091\]: There is no code "CT12033"\.\n {2}hint: Did you mean CT12\d\d\?\n/);
    expect((await cli('explain', 'CT0000')).stderr).not.toContain('Did you mean');
  });
});

describe('init', () => {
  it('writes a first manifest, and leaves one that is there as it is', async () => {
    await using folder = await tempDir();
    const file = join(folder.path, 'cotenant.yaml');
    const env = { POSTGRES_PASSWORD: 'hunter2', POSTGRES_USER: 'boss' };
    const first = await runCli(['init'], { cwd: folder.path, env });
    expect(first).toMatchObject({ code: 0, stdout: '' });
    expect(first.stderr).toContain('Next: edit it, then cotenant plan');
    const written = await readFile(file, 'utf8');
    expect(written).toMatch(/^# [^]*\ncotenant: 1\nproject: cotenant_test_/);
    expect(written).not.toContain('hunter2');
    expect(await readFile(join(folder.path, '.cotenant/.gitignore'), 'utf8')).toBe('*\n');
    await writeFile(file, 'mine');
    const second = await runCli(['init'], { cwd: folder.path, env });
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('CT4008') as unknown });
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect((await runCli(['init', '--force'], { cwd: folder.path, env })).code).toBe(0);
    expect(await readFile(file, 'utf8')).toBe(written);
  });

  it('says the next command that works: a server that nobody has named is started first', async () => {
    await using folder = await tempDir();
    expect((await runCli(['init'], { cwd: folder.path })).stderr).toContain('Next: edit it, then cotenant up\n');
  });

  it('writes where --file says', async () => {
    await using folder = await tempDir();
    expect((await runCli(['init', '--file', 'other.yaml'], { cwd: folder.path })).code).toBe(0);
    expect(await readFile(join(folder.path, 'other.yaml'), 'utf8')).toContain('cotenant: 1');
  });
});

describe('schema', () => {
  it('is one JSON document', async () => {
    const result = await cli('schema');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(result.stdout)).toMatchObject({ type: 'object', properties: expect.any(Object) as unknown });
  });
});

describe('without a manifest', () => {
  it.each([[['plan']], [['apply', '--yes']], [['status']], [['env', 'shop']]])('%j fails on stderr alone', async (args) => {
    const result = await cli(...args);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/error\[CT1\d{3}\]: /);
  });

  it.each([[['plan', '--json']], [['status', '--json']]])('%j prints one JSON document all the same', async (args) => {
    const result = await cli(...args);
    expect(result.code).toBe(1);
    expect(JSON.parse(result.stdout)).toMatchObject({ format: 1, ending: 'failed', exitCode: 1, diagnostics: [{ severity: 'error' }] });
  });

  it('prints a stream that begins with the version and ends with the result', async () => {
    const result = await cli('apply', '--output-format', 'stream-json');
    const lines = result.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(result.code).toBe(1);
    expect(lines.map((line) => line['type'])).toEqual(['version', 'diagnostic', 'result']);
    expect(lines[0]).toMatchObject({ ui: '1.0' });
    expect(lines[2]).toMatchObject({ ending: 'failed', exitCode: 1 });
    for (const line of lines) expect(Object.keys(line).slice(0, 4)).toEqual(['level', 'message', 'timestamp', 'type']);
  });

  it('says nothing where a completion asks for apps', async () => {
    expect(await cli('__complete', 'apps')).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('refuses a saved plan that is none before it looks for anything else', async () => {
    const result = await cli('apply', 'plan.json');
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('error[CT4005]: The saved plan plan.json cannot be used: there is no such file.');
  });
});
