import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { spawnSync } from '../support/children.ts';
import { cliFile, nodePath, runCli } from '../support/cli.ts';
import { tempDir } from '../support/temp-dir.ts';

const head = `cotenant: 1
project: p
instances: { main: { engine: postgres, url: "postgres://u@127.0.0.1:1/x", password: { env: NOPW } } }
`;

async function told(manifest: string | Buffer, ...args: readonly string[]): Promise<string> {
  await using folder = await tempDir();
  await writeFile(join(folder.path, 'cotenant.yaml'), manifest);
  const { code, stdout, stderr } = await runCli(args, { cwd: folder.path });
  return `${code} ${stdout}${stderr}`;
}

describe('what somebody writes who is new to it', () => {
  it.each([
    [
      'a number for a duration',
      `${head}apps: { a: { uses: { main: { statementTimeout: 30 } } } }\n`,
      /^1 [^]*a duration such as 500ms, 30s/,
    ],
    [
      'engin for engine',
      'cotenant: 1\nproject: p\ninstances: { main: { engin: postgres } }\n',
      /^1 [^]*has no key "engine"[^]*"engin", which is no key/,
    ],
    [
      'a file that is not UTF-8',
      Buffer.from('cotenant: 1\nproject: caf\u00e9\n', 'latin1'),
      /^1 [^]*is not UTF-8 text[^]*Save it as UTF-8/,
    ],
    [
      'a version without quotes',
      'cotenant: 1\nproject: p\ninstances: { main: { engine: postgres, version: 15 }, my: { engine: mysql, version: 9.10 } }\n',
      /^1 [^]*is the number 15[^]*Put it in quotes: "15"[^]*Put it in quotes: "9\.10"/,
    ],
    [
      'numbers with a zero in front in `for`',
      `${head}apps: { "app{n}": { for: { n: [01, 2, "03"] }, uses: { main: {} } } }\n`,
      /^1 [^]*error\[CT1209\]: The value 01 of \{n\} is the number 1 in YAML[^]*:4:\d+[^]*Put it in quotes: "01"[^]*\n1 error\./,
    ],
  ])('%s', async (_, manifest, said) => {
    expect(await told(manifest, 'validate')).toMatch(said);
  });

  it('a second manifest beside the first, which nobody reads', async () => {
    await using folder = await tempDir();
    const manifest = `${head}apps: { a: { uses: { main: {} } } }\n`;
    const yml = join(folder.path, 'cotenant.yml');
    await writeFile(yml, manifest);
    const validate = async (...args: readonly string[]) => await runCli(['validate', ...args], { cwd: folder.path });
    expect(await validate()).toMatchObject({ code: 0, stderr: '' });
    // What is written beside it would be read in its place.
    expect(await runCli(['init', '--no-input'], { cwd: folder.path })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('CT4008') as unknown,
    });
    await writeFile(join(folder.path, 'cotenant.yaml'), manifest);
    expect(await validate()).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/warning\[CT1090\]: Only cotenant\.yaml is read[^]*--file cotenant\.yml/) as unknown,
    });
    for (const file of ['cotenant.yml', 'cotenant.yaml']) expect(await validate('--file', file)).toMatchObject({ code: 0, stderr: '' });
  });

  it('two apps that come to the same names are one mistake on each server', async () => {
    const servers = head.replace('instances: { ', 'instances: { my: { engine: mysql }, ');
    const uses = 'uses: { main: {}, my: {} }';
    const text = await told(`${servers}apps: { sh-op: { ${uses} }, sh_op: { ${uses} } }\n`, 'validate');
    for (const name of ['main', 'my']) expect(text).toMatch(new RegExp(`CT2001\\]: sh_op and sh-op both claim .* on "${name}"`));
    expect(text).toContain('both claim the database "sh_op", the role "sh_op_owner", ');
    expect(text.match(/CT2001\]/g)).toHaveLength(2);
  });

  it('one mistake five hundred times fits on a few screens', async () => {
    const apps = Array.from({ length: 500 }, (_, at) => `  a${at}: { uses: { mian: {} } }\n`).join('');
    const text = await told(`${head}apps:\n${apps}`, 'validate');
    expect(text.split('\n').length).toBeLessThan(150);
    expect(text).toMatch(/490 more like these in lines 15, 16, [^]*500 errors\./);
  });

  it('a plan that reached nobody claims nothing', async () => {
    const text = await told(`${head}apps: { a: { uses: { main: {} } } }\n`, 'plan');
    expect(text).toContain('Nothing is planned. Not asked, because of errors: main.');
    expect(text).not.toContain('No changes');
  });

  it('a password that nobody has set is told at its instance', async () => {
    const manifest = `${head}apps: { a: { uses: { main: {} } } }\n`;
    for (const verb of ['plan', 'status', 'verify'])
      expect(await told(manifest, verb)).toMatch(
        /CT5001\]: The environment variable NOPW is not set\. \(main\)\n {2}--> cotenant\.yaml:3:\d+/,
      );
    const status = await told(manifest, 'status');
    expect(status).toContain('1 app. Not asked, because of errors: main.');
    expect(status).not.toContain('0 pending');
  });

  it('a server that nobody asked for want of a password is not one that cannot be reached', async () => {
    const manifest = `${head}apps: { a: { uses: { main: {} } } }\n`;
    for (const verb of ['plan', 'apply --yes', 'status', 'verify', 'restore-app b']) {
      const text = await told(manifest, ...verb.split(' '));
      expect([verb, text.split(' ', 1)[0]]).toEqual([verb, '1']);
      expect(text).not.toContain('could not be reached');
    }
  });

  it('one variable that is not set is one mistake, whatever asks for it and however often', async () => {
    const servers = head.replace(' } }\n', ' }, my: { engine: mysql, url: "mysql://root@127.0.0.1:1/", password: { env: NOPW } } }\n');
    for (const verb of ['plan', 'status', 'verify']) {
      const text = await told(`${servers}apps: { a: { uses: { main: {}, my: {} } } }\n`, verb);
      expect(text.match(/The environment variable NOPW is not set/g)).toHaveLength(1);
      expect(text).toMatch(/CT5001\]: .*NOPW is not set\. \(main, my\)\n {2}--> cotenant\.yaml:3:\d+[^]*\n {2}--> cotenant\.yaml:3:\d+\n/);
      expect(text).toContain('Not asked, because of errors: main, my.');
      expect(text).not.toMatch(/not reached/i);
      expect(text).toContain('1 error. Details: cotenant explain CT5001');
    }
  });

  it('two instances whose variables meet are one mistake', async () => {
    const servers = 'cotenant: 1\nproject: p\ninstances: { ma-in: { engine: postgres }, ma_in: { engine: postgres } }\n';
    const text = await told(`${servers}apps: { a: { uses: { ma-in: {}, ma_in: {} } }, b: { uses: { ma_in: {} } } }\n`, 'validate');
    expect(text.match(/CT2014\]/g)).toHaveLength(1);
    expect(text).toMatch(/CT2014\]: the variables MA_IN_DATABASE_URL, .* and \d+ more would be defined twice for app "a"\n/);
  });

  it.each(['migrate up', 'migrate plan', 'migrate lint', 'migrate status'])(
    '%s where no app has migrations claims nothing',
    async (words) => {
      expect(await told(`${head}apps: { a: { uses: { main: {} } } }\n`, ...words.split(' '))).toBe('0 No app has migrations.\n');
    },
  );

  it('logs and up where every server is somebody else’s say so', async () => {
    const manifest = `${head}apps: { a: { uses: { main: {} } } }\n`;
    expect(await told(manifest, 'logs')).toBe('0 There is no log: every instance has a url, and its server keeps its own.\n');
    expect(await told(manifest, 'up')).toBe('0 Nothing to start: every instance has a url.\n');
  });

  it('a flag that takes no value says so', async () => {
    expect(await told(head, 'plan', '--no-color=1')).toMatch(/^64 error: option '--no-color' takes no value\n/);
    expect(await told(head, 'plan', '--sql=x')).toMatch(/^64 error: option '--sql' takes no value\n/);
    expect(await told(head, 'verify', '--watch=1')).not.toContain('takes no value');
  });
});

it.each(['validate', 'schema', 'explain CT1203', 'completion bash'])('a full disk is an error and no stack: %s', async (words) => {
  await using folder = await tempDir();
  await writeFile(join(folder.path, 'cotenant.yaml'), `${head}apps: { a: { uses: { main: {} } } }\n`);
  const command = `"${nodePath()}" "${cliFile()}" ${words} > /dev/full`;
  const { status, stderr } = spawnSync('sh', ['-c', command], {
    cwd: folder.path,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', HOME: folder.path, NODE_NO_WARNINGS: '1' },
  });
  expect([status, stderr]).toEqual([1, expect.stringContaining('CT9002') as unknown]);
  expect(stderr).not.toMatch(/\n +at /);
});
