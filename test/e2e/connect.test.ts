import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { startCli } from '../support/cli.ts';
import { putProgram } from '../support/clients.ts';
import { tempDir } from '../support/temp-dir.ts';

const manifest = `cotenant: 1
project: conn
instances:
  main: { engine: mysql, url: "mysql://root@127.0.0.1:1", password: { env: ADMIN } }
  other: { engine: postgres, url: "postgres://root@127.0.0.1:1/postgres", password: { env: ADMIN } }
  idle: { engine: redis }
apps:
  shop: { uses: { main: {} } }
  blog: { uses: { main: {}, other: {} } }
  cart: { uses: { idle: {} } }
readers:
  lens: { reads: [shop] }
`;

const SECRET = 'a "secret" \\ with # signs';

/** A folder with a manifest, and a program in place of the client that runs the script: no database, but it sees what a client gets. */
async function scene(script: string | null) {
  const folder = await tempDir();
  const at = (name: string): string => join(folder.path, name);
  await writeFile(at('cotenant.yaml'), manifest);
  for (const name of ['bin', 'tmp']) await mkdir(at(name));
  if (script !== null) await putProgram(at('bin'), 'mysql', script);
  const env = { PATH: at('bin'), TMPDIR: at('tmp'), ADMIN: SECRET, OUT: folder.path };
  const start = (...args: readonly string[]) => startCli(['connect', ...args], { cwd: folder.path, env });
  return { at, start, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

const admin = ['shop', '--as', 'admin'] as const;

describe('cotenant connect', () => {
  test('gives the password in a private file, which is gone afterwards, and in nothing else', async () => {
    const file = '/bin/cat "${1#*=}" > "$OUT/file"; /bin/ls -l "${1#*=}" > "$OUT/mode"';
    await using made = await scene(`printf '%s\\n' "$@" > "$OUT/argv"; /usr/bin/env > "$OUT/env"; ${file}`);
    expect(await made.start(...admin, '--', '--as', 'x').done).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const [argv, env, text, mode] = await Promise.all(
      ['argv', 'env', 'file', 'mode'].map(async (name) => await readFile(made.at(name), 'utf8')),
    );
    const [first = '', ...rest] = (argv ?? '').trimEnd().split('\n');
    expect(rest.slice(-2)).toEqual(['--as', 'x']);
    expect(first.slice('--defaults-file='.length)).toMatch(new RegExp(`^${made.at('tmp')}/`));
    expect(text).toContain('password="a "secret" \\\\ with # signs"\n');
    expect(mode).toMatch(/^-rw-------/);
    expect(argv).not.toContain('secret');
    // The operator's own variable is there as it was.
    expect((env ?? '').replace(`ADMIN=${SECRET}`, '')).not.toContain('secret');
    await expect(readFile(first.slice('--defaults-file='.length))).rejects.toThrow('ENOENT');
  });

  test.each([
    ['exit 37', 37],
    ['kill -9 $$', 137],
    ['kill -INT $$', 130],
  ])('a client that ends by `%s` gives the code %i', async (script, code) => {
    await using made = await scene(script);
    expect(await made.start(...admin).done).toMatchObject({ code, stdout: '', stderr: '' });
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s is passed on, and the client decides how it ends', async (signal) => {
    const trap = signal.slice('SIG'.length);
    await using made = await scene(`trap 'echo got; exit 3' ${trap}; echo ready; while :; do /bin/sleep 0.05; done`);
    const cli = made.start(...admin);
    while (!cli.stdout().includes('ready')) await sleep(20);
    cli.kill(signal);
    expect(await cli.done).toMatchObject({ code: 3, stdout: 'ready\ngot\n', stderr: '' });
  });

  test('says which client is missing', async () => {
    await using made = await scene(null);
    const { code, stderr } = await made.start(...admin).done;
    expect(code).toBe(1);
    expect(stderr).toContain('CT4020');
    expect(stderr).toContain('There is no mysql or mariadb in PATH');
  });

  test.each([
    [['shp'], 'CT2016', 'Did you mean "shop"?', 1],
    [['shop', '--on', 'mian'], 'CT2051', 'Did you mean "main"?', 1],
    [['shop', '--on', 'other'], 'CT2051', '"shop" is not on "other"', 1],
    [['blog'], 'CT2055', '--on main', 1],
    [['shop', '--as', 'lnes'], 'CT2049', 'Did you mean "lens"?', 1],
    [['blog', '--on', 'main', '--as', 'lens'], 'CT2049', 'its logins are: app, admin', 1],
    [['shop'], 'CT5007', 'run cotenant apply first', 1],
    [['cart'], 'CT3007', 'cotenant up idle', 5],
  ])('%j is refused with %s', async (args, diagnostic, said, code) => {
    await using made = await scene('echo never');
    const result = await made.start(...args).done;
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toContain(diagnostic);
    expect(result.stderr).toContain(said);
  });

  test('what looks like an option of the client needs -- in front', async () => {
    await using made = await scene('echo never');
    expect(await made.start('shop', '-e', 'SELECT 1').done).toMatchObject({ code: 64, stdout: '' });
  });
});
