import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addApp } from '../../src/app/add-app.ts';
import { DiagnosticError } from '../../src/model/index.ts';
import { runCli } from '../support/cli.ts';
import { tempDir } from '../support/temp-dir.ts';

const head = `cotenant: 1        # the format
project: p
instances:
  main: { engine: postgres, url: "postgres://admin@127.0.0.1/postgres" }   # the big one
`;

/** The manifest after the app was added, or the codes of what is wrong. */
async function added(manifest: string, options: { name?: string; on?: readonly string[]; like?: string } = {}) {
  await using folder = await tempDir();
  const file = join(folder.path, 'cotenant.yaml');
  await writeFile(file, manifest);
  const { name = 'blog', on = [], like } = options;
  try {
    await addApp({ cwd: folder.path, env: {}, name, on, ...(like === undefined ? {} : { like }) });
    return await readFile(file, 'utf8');
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    expect(await readFile(file, 'utf8')).toBe(manifest);
    return error.diagnostics.map(({ code, message, hint }) => `${code}: ${message} (${hint ?? ''})`).join('\n');
  }
}

const line = 'blog: { uses: { main: {} } }';

describe('cotenant add app', () => {
  it.each([
    ['after the last', 'apps:\n  shop:\n    uses: { main: }   # its own\n', `apps:\n  shop:\n    uses: { main: }   # its own\n  ${line}\n`],
    [
      'before what follows',
      'apps:\n  # one\n  shop: { uses: { main: } }\n\n# then\nremoval: retain\n',
      `apps:\n  # one\n  shop: { uses: { main: } }\n  ${line}\n\n# then\nremoval: retain\n`,
    ],
    [
      'at the indentation of the others',
      'apps:\n      shop: { uses: { main: {} } }',
      `apps:\n      shop: { uses: { main: {} } }\n      ${line}`,
    ],
    ['into braces', 'apps: { shop: { uses: { main: } } }   # all\n', `apps: { shop: { uses: { main: } }, ${line} }   # all\n`],
    [
      'into braces on lines of their own',
      'apps: {\n  shop: { uses: { main: } }, # one\n}\n',
      `apps: {\n  shop: { uses: { main: } }, ${line}, # one\n}\n`,
    ],
    ['into empty braces', 'apps: {}\n', `apps: { ${line} }\n`],
    ['under a key without a value', 'apps:   # none yet\n', `apps:   # none yet\n  ${line}\n`],
    ['where there are no apps', 'removal: retain\n', `removal: retain\napps:\n  ${line}\n`],
    [
      'behind a text of several lines',
      'apps:\n  shop:\n    uses:\n      main:\n        settings:\n          x.y: |\n            a\n            b\nremoval: retain\n',
      `apps:\n  shop:\n    uses:\n      main:\n        settings:\n          x.y: |\n            a\n            b\n  ${line}\nremoval: retain\n`,
    ],
    ['with line ends of Windows', 'apps:\r\n  shop: { uses: { main: } }\r\n', `apps:\r\n  shop: { uses: { main: } }\r\n  ${line}\r\n`],
  ])('%s, and every other character stays', async (_, before, after) => {
    expect(await added(head + before)).toBe(head + after);
  });

  const two = `${head}  other: { engine: postgres, url: "postgres://admin@127.0.0.1:5433/postgres" }\n`;
  const shop =
    'apps:\n  shop:\n    uses:\n      main: { isolation: schema, database: shared, connections: 3 }\n      other: { adopt: true, database: shopdb, names: { login: s } }\n    env: { DB: main.database }\n';

  it('with the placements of another app, but for what only one can have', async () => {
    expect(await added(two + shop, { like: 'shop' })).toBe(
      `${two}${shop}  blog: { uses: { main: { isolation: schema, database: shared, connections: 3 }, other: {} }, env: { DB: main.database } }\n`,
    );
    expect(await added(two + shop, { on: ['other', 'main'] })).toContain('  blog: { uses: { other: {}, main: {} } }\n');
  });

  it.each([
    ['a name that is taken', { name: 'shop', on: ['main'] }, 'CT1202', 'has an app called "shop"'],
    ["a reader's name", { name: 'eye', on: ['main'] }, 'CT1202', 'has a reader called "eye"'],
    ['a bad name', { name: 'a b', on: ['main'] }, 'CT1201', '"a_b" would do'],
    ['a name that is no key', { name: '{x: y}', on: ['main'] }, 'CT1201', 'not valid'],
    ['a name that clashes on the server', { name: 'postgres', on: ['other'] }, 'CT2', 'postgres'],
    ['no instance where there are several', {}, 'CT2055', '--on main'],
    ['an instance that is not there', { on: ['mian'] }, 'CT2051', 'Did you mean "main"?'],
    ['an app to copy that is not there', { like: 'shpo' }, 'CT2016', 'Did you mean "shop"?'],
    ['an app to copy that `for` makes', { like: 'team_a' }, 'CT2056', 'add a value'],
  ])('refuses %s, and leaves the file alone', async (_, options, code, said) => {
    const more = "readers: { eye: { reads: [shop] } }\nteams: { 'team_{n}': { for: { n: [a] }, uses: { main: {} } } }\n";
    const found = await added(two + shop + more, options);
    expect(found).toMatch(new RegExp(`^${code}`, 'm'));
    expect(found).toContain(said);
  });

  it('keeps the mode of the file and says what comes next', async () => {
    await using folder = await tempDir();
    const file = join(folder.path, 'cotenant.yaml');
    await writeFile(file, `${head}apps:\n`);
    await chmod(file, 0o640);
    const first = await runCli(['add', 'app', 'blog'], { cwd: folder.path });
    expect(first).toMatchObject({ code: 0, stdout: '', stderr: 'Added blog on main to cotenant.yaml. Next: cotenant plan --app blog\n' });
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    await writeFile(file, 'cotenant: 1\nproject: p\ninstances: { main: { engine: redis } }\n');
    expect((await runCli(['add', 'app', 'blog'], { cwd: folder.path })).stderr).toContain('Next: cotenant up main');
    expect((await runCli(['add', 'app'], { cwd: folder.path })).code).toBe(64);
  });
});
