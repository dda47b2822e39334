import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { Interruption } from '../../src/cli/interruption.ts';
import { run } from '../../src/cli/run.ts';
import { validateDocument } from '../../src/report/documents/small.ts';
import { tempDir } from '../support/temp-dir.ts';

const base = `cotenant: 1
project: p
instances: { main: { engine: postgres, url: "postgres://a@127.0.0.1:1/x", password: { env: PW } } }
apps: { shop: { uses: { main: {} } } }
`;
const placed = (placement: string): string => base.replace('main: {} }', `main: ${placement} }`);
const named = (name: string): string => base.replace('shop:', `${name}:`);
const app = (fields: string): string => base.replace('shop: {', `shop: { ${fields},`);
const url = (engine: string, text: string): string =>
  base.replace('engine: postgres', `engine: ${engine}`).replace('postgres://a@127.0.0.1:1/x', text);

/** What somebody may write, and the codes of all that is wrong with it. */
const inputs: readonly (readonly [what: string, manifest: string, ...codes: readonly string[]])[] = [
  ['nothing', '', 'CT1009'],
  ['a comment', '# nothing\n', 'CT1009'],
  ['a list', '- a\n', 'CT1009'],
  ['a number', '42\n', 'CT1009'],
  ['a tab', 'cotenant: 1\n\tproject: p\n', 'CT1001'],
  ['a key two times', `${base}apps: {}\n`, 'CT1002'],
  ['two documents', `${base}---\n${base}`, 'CT1001'],
  ['broken YAML', 'project: [p\n', 'CT1001'],
  ['an anchor that nothing defines', `${base}shares: *x\n`, 'CT1008'],
  ['a tag', base.replace('project: p', 'project: !foo p'), 'CT1007'],
  ['a byte order mark', `\ufeff${base.replace('postgres,', 'postgrse,')}`, 'CT1205'],
  ['CRLF', base.replaceAll('\n', '\r\n').replace('postgres,', 'postgrse,'), 'CT1205'],
  ['keys at the top', `${base}foo: 1\nbar: 2\n`, 'CT1010', 'CT1010'],
  ['a key of an instance', base.replace('engine: postgres', 'engine: postgres, urll: x'), 'CT1010'],
  ['a key of an app', app('usess: {}'), 'CT1010'],
  ['keys of a placement', placed('{ isolatoin: schema, conections: 3 }'), 'CT1010', 'CT1010'],
  ['a key of backup', `${base}backup: { repo: x }\n`, 'CT1010'],
  ['a key of requires', app('requires: { tabels: [a] }'), 'CT1010'],
  ['wrong types at once', 'cotenant: one\nproject: 5\ninstances: [a]\napps: yes\n', 'CT1017', 'CT1011', 'CT1011', 'CT1011'],
  ['wrong types of a placement', placed('{ connections: "many", isolation: 3, adopt: maybe }'), 'CT1011', 'CT1013', 'CT1011'],
  ['a huge number', placed('{ connections: 99999999999999999999 }'), 'CT1014'],
  ['a number below zero', placed('{ connections: -1 }'), 'CT1014'],
  ['a fraction', placed('{ connections: 1.5 }'), 'CT1011'],
  ['no number', placed('{ connections: .nan }'), 'CT1011'],
  ['a number for a duration', placed('{ statementTimeout: 30 }'), 'CT1011'],
  ['no unit', placed('{ statementTimeout: 5parsecs }'), 'CT1015'],
  ['longer than the server takes', placed('{ statementTimeout: 999999h }'), 'CT1014'],
  ['a size beyond the server', placed('{ tempFileLimit: 4TB }'), 'CT1014'],
  ['a level', placed('{ isolation: schma }'), 'CT1013'],
  ['a NUL byte', base.replace('project: p', 'project: "a\\0b"'), 'CT1015', 'CT1201'],
  ['an accent in a name', named('café'), 'CT1201'],
  ['a name in another script', named('店'), 'CT1201'],
  ['a name that turns the line around', named('"a\u202eb"'), 'CT1201'],
  ['a name of 300 characters', named('a'.repeat(300)), 'CT1201'],
  ['an empty name', named('""'), 'CT1201'],
  ['a number as a name', named('123'), 'CT1201'],
  ['a name of the server', named('postgres'), 'CT2003'],
  ['a name of JavaScript', named('__proto__'), 'CT1006'],
  [
    'two names that are one on the server',
    base.replace('shop: { uses: { main: {} } }', 'a-b: { uses: { main: {} } }, a_b: { uses: { main: {} } }'),
    'CT2001',
    'CT2014',
  ],
  ['an instance that is none', base.replace('uses: { main', 'uses: { mian'), 'CT1203'],
  ['an engine', base.replace('postgres,', 'PostgreSQL,'), 'CT1205'],
  ['a reader called as an app', `${base}readers: { shop: { reads: [nope] } }\n`, 'CT1202', 'CT1204'],
  ['a circle', app('after: [shop]'), 'CT1207'],
  ['a variable that is not set', base.replace('127.0.0.1', `\${NOPE}`), 'CT1302'],
  ['a variable that does not end', base.replace('127.0.0.1', `\${NO PE`), 'CT1303'],
  ['a password in the open', base.replace('{ env: PW }', 'hunter2'), 'CT1011'],
  ['a password of two places', base.replace('{ env: PW }', '{ env: PW, file: x }'), 'CT1010'],
  ['a recipe', app('recipe: directuss'), 'CT1013'],
  ['a version', base.replace('cotenant: 1', 'cotenant: 2'), 'CT1017'],
  ...[
    ['postgres', ''],
    ['postgres', 'localhost'],
    ['postgres', '127.0.0.1:5432'],
    ['postgres', 'mysql://a@b/c'],
    ['postgres', 'postgres://'],
    ['postgres', 'postgres://a@b:99999/x'],
    ['postgres', 'postgres://a@b:abc/x'],
    ['postgres', 'postgres://a@b/c?sslmode=bogus'],
    ['postgres', 'postgres://a@b/c/d'],
    ['postgres', 'postgres://a@b/c#d'],
    ['postgres', 'postgres://a@h1,h2/x'],
    ['postgres', 'postgres://a@%zz/x'],
    ['postgres', 'postgres://a b@c/d'],
    ['postgres', 'postgresql+asyncpg://a@b/c'],
    ['mysql', 'mysql:'],
    ['mysql', 'mysql://a@b/x?ssl-mode=VERIFY'],
    ['redis', 'redis://a@b/notanumber'],
    ['redis', 'redis://a@b:70000'],
    ['redis', 'unix:///x'],
  ].map(([engine = '', text = '']) => [`${engine} at "${text}"`, url(engine, text), 'CT1019'] as const),
  ['a password in the URL', url('postgres', 'postgres://a:b@c/d'), 'CT1301'],
];

it.each(inputs)('%s is told with its code, place and way out', async (_what, manifest, ...codes) => {
  await using folder = await tempDir();
  await writeFile(join(folder.path, 'cotenant.yaml'), manifest);
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const interruption = new Interruption(() => undefined);
  const io = {
    version: '9',
    cwd: folder.path,
    env: { HOME: folder.path },
    stdin,
    stdout,
    stderr,
    interruption,
    interrupt: () => undefined,
  };
  expect(await run(['validate', '--json'], io)).toBe(1);
  const { diagnostics } = validateDocument.parse(JSON.parse(String(stdout.read())));
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  expect(errors.map(({ code }) => code).toSorted()).toEqual(codes.toSorted());
  for (const error of errors) {
    expect(error.location?.line).toBeGreaterThan(0);
    expect(`${error.hint ?? ''}${error.expected ?? ''}`).not.toBe('');
  }
  // Neither a stack nor a secret.
  expect(String(stderr.read())).not.toMatch(/\n\s+at |hunter2/u);
});

it('data of a server that was never started are not said to be deleted', async () => {
  await using folder = await tempDir();
  await writeFile(join(folder.path, 'cotenant.yaml'), 'cotenant: 1\nproject: p\ninstances: { main: { engine: postgres } }\napps: {}\n');
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const interruption = new Interruption(() => undefined);
  const io = {
    version: '9',
    cwd: folder.path,
    env: { HOME: folder.path },
    stdin,
    stdout,
    stderr,
    interruption,
    interrupt: () => undefined,
  };
  expect(await run(['down', 'main', '--volumes', '--no-color'], io)).toBe(0);
  expect(String(stdout.read())).toBe('main: was not running\n');
});
