import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DiagnosticError } from '../../src/model/index.ts';
import { tempDir } from '../support/temp-dir.ts';
import { withMapped } from '../../src/app/env-map.ts';
import { openProject } from '../../src/app/project.ts';
import type { Project } from '../../src/app/types.ts';

const head = `cotenant: 1
project: p
instances:
  main: { engine: postgres, url: "postgres://admin@localhost/postgres" }
  cache: { engine: redis, url: "redis://admin@localhost:6379" }
  other: { engine: postgres, url: "postgres://admin@localhost:5433/postgres" }
`;

async function open(apps: string, env: Readonly<Record<string, string>> = {}): Promise<Project> {
  await using folder = await tempDir();
  await writeFile(join(folder.path, 'cotenant.yaml'), `${head}${apps}`);
  return await openProject({ cwd: folder.path, env });
}

async function troubleOf(apps: string, env: Readonly<Record<string, string>> = {}) {
  try {
    await open(apps, env);
    return [];
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics.map(({ code, message, hint, location }) => ({ code, message, hint, line: location?.line }));
  }
}

const placed = 'uses: { main: { isolation: schema, database: shared }, cache: {} }';

describe('what `env` of an app refers to', () => {
  test.each([
    'database',
    'main.database',
    'DATABASE_URL',
    'SHOP_DB_URL',
    'cache.url',
    'prefix',
    "'array:{schema},public'",
    `'{"json": {}}, {schema}'`,
    '"postgres+asyncpg://{main.user}:{main.password}@{main.host}:{main.port}/{database}"',
    '5',
    'true',
    '{ value: "no {such} word" }',
    "'${SAID}'",
  ])('may be %s', async (value) => {
    expect(await troubleOf(`apps: { shop: { ${placed}, env: { X: ${value} } } }`, { SAID: 'redis://a:b@c/{none}' })).toEqual([]);
  });

  test('all that is wrong is told at once, each at its place and with what was meant', async () => {
    const found = await troubleOf(`apps:
  shop:
    ${placed}
    env:
      A: databse
      B: "array:{shcema},{database}"
      C: host
      D: main.usr
      E: DATABASE_ULR
      F: pg
      G: "{nothing_like_it}"
      API_TOKEN: { value: abc }
`);
    expect(found.map(({ code, line, hint }) => [line, code, hint])).toEqual([
      [11, 'CT1211', 'Did you mean "database"?'],
      [12, 'CT1211', 'Did you mean "schema"?'],
      [13, 'CT1211', 'Write one of the expected words.'],
      [14, 'CT1211', 'Did you mean "main.user"?'],
      [15, 'CT1211', 'Did you mean "DATABASE_URL"?'],
      [16, 'CT1211', expect.stringContaining('{ value: "pg" }')],
      [17, 'CT1211', 'Write one of the expected words.'],
      [18, 'CT1301', expect.any(String)],
    ]);
    expect(found[2]?.message).toBe('apps.shop.env.C refers to "host", which 2 instances have.');
    expect(JSON.stringify(found)).not.toContain('abc');
  });

  test.each([
    ['a-b: database', 'CT1015'],
    ['"": database', 'CT1015'],
    ['X: [database]', 'CT1011'],
    ['X: ~', 'CT1011'],
    ["X: '${SAID}_{database}'", 'CT1211'],
    ['X: { vlaue: x }', 'CT1010'],
    ['X: "postgres://a:secret@b/c"', 'CT1301'],
    ['X: { value: "postgres://a:secret@b/c" }', 'CT1301'],
  ])('%s is refused', async (entry, code) => {
    const found = await troubleOf(`apps: { shop: { ${placed}, env: { ${entry} } } }`, { SAID: 'secret@{none}' });
    expect(found.map((one) => one.code)).toContain(code);
    expect(JSON.stringify(found)).not.toContain('secret@');
  });

  test('apps of one `for` are told once, and a variable of it is filled in first', async () => {
    const apps = (value: string) => `apps: { 'team_{n}': { for: { n: [a, b] }, ${placed}, env: { X: ${value} } } }`;
    expect(await troubleOf(apps('"x"'))).toHaveLength(1);
    expect(await troubleOf(apps('{ value: "{n}" }'))).toEqual([]);
  });

  test('a part of two placements needs its instance in front', async () => {
    const apps = (value: string) => `apps: { shop: { uses: { main: {}, other: {} }, env: { X: ${value} } } }`;
    expect((await troubleOf(apps('database')))[0]?.message).toContain('2 instances');
    expect(await troubleOf(apps('other.database'))).toEqual([]);
    expect((await troubleOf(apps('PGHOST')))[0]?.message).toContain('no such part');
  });
});

describe('the variables', () => {
  const variables = [
    { name: 'DATABASE_URL', value: 'db://u:pw@h', masked: 'db://u:***@h', secret: true, part: 'url' },
    { name: 'POSTGRES_PASSWORD', value: 'pw', secret: true, part: 'password' },
    { name: 'POSTGRES_DB', value: 'shop{schema}', secret: false, part: 'database' },
  ];
  const made = [{ instance: 'main', variables }];
  const valueOf = async (value: string, env: Readonly<Record<string, string>> = {}) => {
    const project = await open(`apps: { shop: { ${placed}, env: { X: ${value} } } }`, env);
    return withMapped(made, project.manifest.apps[0]?.env ?? []).find(({ name }) => name === 'X');
  };

  test.each([
    ['database', { value: 'shop{schema}', secret: false }],
    ['"{database}:{database}"', { value: 'shop{schema}:shop{schema}', secret: false }],
    ['"p={main.password}"', { value: 'p=pw', secret: true, masked: 'p=********' }],
    ['DATABASE_URL', { value: 'db://u:pw@h', secret: true, masked: 'db://u:***@h' }],
    ['7', { value: '7', secret: false }],
    ['{ value: "{database}" }', { value: '{database}', secret: false }],
    ["'${SAID}'", { value: '{database}', secret: true }],
  ])('%s', async (value, expected) => {
    expect(await valueOf(value, { SAID: '{database}' })).toEqual({ name: 'X', ...expected });
  });

  test('one that is there already is replaced, in its place', () => {
    const env = [{ name: 'DATABASE_URL', text: 'database', fixed: false, secret: false, path: [] }];
    expect(withMapped(made, env).map(({ name, value }) => [name, value])[0]).toEqual(['DATABASE_URL', 'shop{schema}']);
  });

  test('one that refers to what is not made is left out', async () => {
    expect(await valueOf('"{schema}"')).toBeUndefined();
  });
});
