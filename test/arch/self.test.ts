import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { cycles, wrongDirections } from './direction.ts';
import { fileLimit, functionLimit, longFiles, longFunctions } from './lengths.ts';
import { parseModule, readModules } from './modules.ts';
import { strayNames } from './names.ts';
import { findWords, formerWords } from './words.ts';
import { bareRecords } from './records.ts';
import { parsedTexts } from './statements.ts';
import { strayDrivers, strayShell } from './world.ts';

// Each check is shown a tree with the very mistake that it is there to find.

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

async function written(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'cotenant-arch-'));
  folders.push(root);
  for (const [path, source] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), source);
  }
  return root;
}

async function tree(files: Readonly<Record<string, string>>): Promise<Awaited<ReturnType<typeof readModules>>> {
  return await readModules(await written(files), ['src']);
}

const leaf = 'export const x = 1;';

describe('imports', () => {
  test.each([
    ['src/model/a.ts', '../util/b.ts'],
    ['src/util/a.ts', '../model/b.ts'],
    ['src/engine/a.ts', '../manifest/b.ts'],
    ['src/plan/a.ts', '../execute/b.ts'],
    ['src/report/a.ts', '../app/b.ts'],
    ['src/app/a.ts', '../cli/b.ts'],
    ['src/app/a.ts', '../engines/toy/b.ts'],
    ['src/cli/a.ts', '../manifest/b.ts'],
    ['src/engines/toy/a.ts', '../other/b.ts'],
    ['src/engines/toy/a.ts', '../../app/b.ts'],
    ['src/engines/toy/kinds/a.ts', '../../index.ts'],
    ['src/engines/index.ts', './toy/b.ts'],
    ['src/unheard/a.ts', '../model/b.ts'],
    ['src/plan/a.ts', './b.test.ts'],
    ['src/plan/a.ts', './missing.ts'],
  ])('%s may not import %s', async (from, to) => {
    const target = join(dirname(from), to);
    const there = to.includes('missing') ? {} : { [target]: leaf };
    for (const statement of [`import { x } from '${to}'; x;`, `export type { x } from '${to}';`, `export * from '${to}';`]) {
      const modules = await tree({ ...there, [from]: statement });
      expect(wrongDirections(modules)).toMatchObject([{ path: from }]);
    }
  });

  test.each(["await import('../execute/b.ts');", "export type A = import('../execute/b.ts').B;"])(
    '%s counts as an import',
    async (source) => {
      expect(wrongDirections(await tree({ 'src/plan/a.ts': source, 'src/execute/b.ts': leaf }))).toHaveLength(1);
    },
  );

  test('what the design allows is no finding', async () => {
    const modules = await tree({
      'src/model/index.ts': leaf,
      'src/engine/index.ts': "export * from '../model/index.ts';",
      'src/engines/toy/index.ts': "export * from '../../engine/index.ts';",
      'src/engines/toy/kinds/a.ts': "export * from '../index.ts';",
      'src/engines/index.ts': "await import('./toy/index.ts');",
      'src/plan/index.ts': "export * from '../engine/index.ts';",
      'src/plan/x.test.ts': "import '../app/index.ts';",
      'src/app/index.ts': "export * from '../plan/index.ts'; export * from '../engines/index.ts';",
      'src/cli/main.ts': "export * from '../app/index.ts';",
    });
    expect(wrongDirections(modules)).toEqual([]);
    expect(cycles(modules)).toEqual([]);
  });

  test('a computed import() is refused', () => {
    expect(() => parseModule('src/app/a.ts', 'await import(`./${name}.ts`);')).toThrow('not a plain string');
  });

  test('a syntax error is not taken for an empty module', () => {
    expect(() => parseModule('src/app/a.ts', 'export const = ;')).toThrow('src/app/a.ts');
  });
});

test('cycles are found at any length, and types make none', async () => {
  const modules = await tree({
    'src/plan/a.ts': "import './b.ts';",
    'src/plan/b.ts': "export * from './c.ts';",
    'src/plan/c.ts': "import { a } from './a.ts'; a;",
    'src/plan/d.ts': "import type { E } from './e.ts';",
    'src/plan/e.ts': "import './d.ts';",
  });
  expect(cycles(modules)).toEqual([
    { path: 'src/plan/a.ts', what: 'cycle: src/plan/a.ts -> src/plan/b.ts -> src/plan/c.ts -> src/plan/a.ts' },
  ]);
});

test.each([
  '// as in PostgreSQL',
  "const id = 'mysql';",
  'const pgUrl = 1;',
  'select pg_sleep(1)',
  'new RedisClient()',
  'REDIS_DB',
  'toValkey()',
  'NEO4J',
  "'redis'",
  'PGHOST',
])('the name in %s is found', (text) => {
  const parsed = { ...parseModule('src/plan/a.ts', ''), source: `// first line\n${text}` };
  expect(strayNames([parsed])).toMatchObject([{ what: expect.stringMatching(/^line 2: /) }]);
  expect(strayNames([{ ...parsed, path: 'src/engines/toy/a.ts' }])).toEqual([]);
});

test('words that hold a name by chance are no finding', () => {
  expect(strayNames([{ ...parseModule('src/plan/a.ts', ''), source: 'redistribute rediscovered upgrade pages' }])).toEqual([]);
});

test('drivers are found outside of a session', async () => {
  const modules = await tree({
    'src/engines/toy/session.ts': "import pg from 'pg';",
    'src/engines/toy/kinds/session.ts': "import type { Client } from 'pg';",
    'src/app/a.ts': "await import('mysql2/promise');",
    'src/app/b.ts': "export * from '@qdrant/js-client-rest';",
    'src/app/pg.ts': "import { pg } from './pg-types.ts'; import 'picocolors';",
  });
  expect(strayDrivers(modules).map(({ path }) => path)).toEqual(['src/app/a.ts', 'src/app/b.ts', 'src/engines/toy/kinds/session.ts']);
});

test.each([
  'process.exit(1)',
  'process.exitCode = 1',
  "process['exit'](1)",
  'process.stdout.write("")',
  'console.error("")',
  "import { stdout } from 'node:process'",
  "import * as p from 'process'",
  "import p from 'node:process'",
])('%s is found outside of the CLI', (source) => {
  expect(strayShell([parseModule('src/app/a.ts', source)])).toHaveLength(1);
  expect(strayShell([parseModule('src/cli/a.ts', source)])).toEqual([]);
});

test('what else a process offers is no finding', () => {
  expect(strayShell([parseModule('src/app/a.ts', "import process from 'node:process'; process.env; process.pid; other.exit();")])).toEqual(
    [],
  );
});

test('lengths are counted to the line', () => {
  const file = (lines: number): string => 'x;\n'.repeat(lines);
  expect(longFiles([parseModule('a.ts', file(fileLimit))])).toEqual([]);
  expect(longFiles([parseModule('a.ts', file(fileLimit + 1))])).toHaveLength(1);
  const body = (lines: number): string => `{\n${'x;\n'.repeat(lines - 2)}}`;
  for (const head of [
    'function f()',
    'const f = () =>',
    'const f = async function ()',
    'test("", () =>',
    'describe.only("", f, () => {}); x(() =>',
  ]) {
    const tail = head.includes('(""') ? ')' : '';
    expect(longFunctions([parseModule('a.ts', `${head} ${body(functionLimit)}${tail}`)])).toEqual([]);
    expect(longFunctions([parseModule('a.ts', `${head} ${body(functionLimit + 1)}${tail}`)])).toHaveLength(1);
  }
  for (const head of ['describe("", () =>', 'describe.each([])("", () =>', 'describeEachServer("", {}, () =>']) {
    expect(longFunctions([parseModule('a.ts', `${head} ${body(functionLimit + 1)})`)])).toEqual([]);
  }
});

test('a record that is read by names that are data is found, and nothing else', async () => {
  const head = `
    declare const name: string;
    declare const kind: 'a' | 'b';
    declare const list: readonly number[];
    declare const at: number;
    declare const map: Map<string, number>;
    declare const fixed: { readonly a: number; readonly b: number };
    let record: Record<string, number> = {};
    const get = <T extends object, K extends keyof T>(one: T, key: K, other: keyof T): unknown => [one[key], one[other]];`;
  const bad = [
    'record[name];',
    'record[name] = 1;',
    'record[`${kind}.${name}`];',
    'record[name]?.toFixed();',
    'fixed[name as never as string];',
    'name in record;',
    'Object.assign(record, record);',
    'const { [name]: one } = record;',
    'const { [name]: { length } } = record as unknown as Record<string, string>;',
    'const read = <K extends string>(key: K) => record[key];',
  ];
  const good = [
    "record['word']; record.word = 1; record[kind]; fixed[kind];",
    'list[at]; list[0]; map.get(name); get(fixed, kind, kind);',
    'record = { ...record, [name]: 1 };',
    'const { [name]: _left, ...rest } = record;',
    "'a' in fixed; name in Object.prototype; Object.hasOwn(record, name);",
  ];
  const root = await written({
    'tsconfig.json': JSON.stringify({ compilerOptions: { target: 'es2024', strict: true, types: [] }, include: ['src'] }),
    ...Object.fromEntries([...bad, ...good].map((line, index) => [`src/plan/${index}.ts`, `${head}\n${line}\nexport {};\n`])),
    'src/util/record.ts': `${head}\n${bad[0]}\nexport {};\n`,
    'src/plan/some.test.ts': `${head}\n${bad[0]}\nexport {};\n`,
  });
  expect(
    bareRecords(root)
      .map(({ path }) => path)
      .sort(),
  ).toEqual(bad.map((_, index) => `src/plan/${index}.ts`).sort());
}, 60_000);

test('code that looks into the text of a command is found, and nothing else', async () => {
  const head = `
    import type { Command, Loss, Step } from '../model/plan.ts';
    declare const command: Command;
    declare const step: Step;
    declare const loss: Loss;
    declare const name: string;
    declare const send: (text: string) => Promise<string[]>;
    const other = { text: name };`;
  const bad = [
    'command.text.includes(name);',
    "command.text.trim().startsWith('REVOKE ');",
    '/^DROP /.test(command.text);',
    'step.commands.some(({ text }) => text.includes(name));',
    'step.commands.map(({ text: words }) => /x/.exec(words));',
    'const shown = `${command.text};`; shown.endsWith(name);',
    "step.commands.filter((one) => one.text === 'COMMIT');",
    "const { text } = command; text.split(' ');",
    'loss.what.some((one) => one === name);',
    'const { what } = loss; what.filter((one) => one.length > 1);',
  ];
  const good = [
    "send(command.text); const all = step.commands.map(({ text }) => text).join('; '); send(all);",
    'other.text.includes(name); const { text } = other; text.startsWith(name);',
    "const seen = new Set([command.text]); seen.has(command.text); command.op === 'save'; void (name + command.text);",
    'const lines = await send(command.text); lines.includes(name);',
    'const shown = loss.what.map((one) => one.trim()); void [...new Set(shown)].length;',
  ];
  const root = await written({
    'tsconfig.json': JSON.stringify({
      compilerOptions: { target: 'es2024', module: 'nodenext', strict: true, types: [], allowImportingTsExtensions: true, noEmit: true },
      include: ['src'],
    }),
    'src/model/plan.ts':
      'export interface Command { readonly op?: string; readonly text: string }\nexport interface Loss { readonly what: readonly string[] }\nexport interface Step { readonly commands: readonly Command[] }\n',
    ...Object.fromEntries([...bad, ...good].map((line, index) => [`src/plan/${index}.ts`, `${head}\n${line}\nexport {};\n`])),
    'src/report/shown.ts': `${head}\n${bad[0]}\nexport {};\n`,
  });
  expect(
    parsedTexts(root, [
      ['src/model/plan.ts', 'Command', ['text']],
      ['src/model/plan.ts', 'Loss', ['what']],
    ])
      .map(({ path }) => path)
      .sort(),
  ).toEqual(bad.map((_, index) => `src/plan/${index}.ts`).sort());
}, 60_000);

test('a former word is found, with the word to say', () => {
  const words = formerWords(
    '## Former words\n\n| instead of | say | where |\n|---|---|---|\n| a, b | c | `\\ba\\b\\|\\bb\\b` |\n| d | e | |\n',
  );
  expect(findWords('one a\nd\nabc b', words)).toEqual(['line 1: "a": c', 'line 3: "b": c']);
});
