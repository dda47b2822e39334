import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from '../support/children.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '../..');
const report = z.object({ diagnostics: z.array(z.object({ code: z.string(), filename: z.string() })) });

const bad: Readonly<Record<string, string>> = {
  'typescript(no-floating-promises)': 'export const go = async (): Promise<void> => {};\nexport const f = (): void => {\n  go();\n};\n',
  'typescript(no-misused-promises)':
    'export const f = (list: number[]): void => list.forEach(async (n) => { await Promise.resolve(n); });\n',
  'typescript(await-thenable)': 'export const f = async (): Promise<void> => { await 1; };\n',
  'typescript(no-explicit-any)': 'export const f = (x: any): void => { void x; };\n',
  'typescript(no-unsafe-return)': 'export const f = (x: string): unknown[] => JSON.parse(x);\n',
  'typescript(no-unsafe-type-assertion)': 'export const f = (x: unknown): string => x as string;\n',
  'typescript(no-unnecessary-condition)': 'export const f = (x: string): string => x ?? "";\n',
  'typescript(switch-exhaustiveness-check)': 'export const f = (x: 1 | 2): void => { switch (x) { case 1: break; } };\n',
  'eslint(no-console)': 'console.log(1);\n',
  'unicorn(no-process-exit)': 'declare const process: { exit(): void };\nprocess.exit();\n',
};
const good = 'export const go = async (): Promise<void> => {};\nexport const f = async (): Promise<void> => {\n  await go();\n};\n';
const nameOf = (rule: string): string => `${rule.replaceAll(/\W/g, '-')}.ts`;

let folder = '';
let found: z.infer<typeof report>['diagnostics'] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cotenant-lint-'));
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions: { types: [] }, include: ['.'] }),
  );
  await writeFile(join(folder, 'good.ts'), good);
  for (const [rule, source] of Object.entries(bad)) await writeFile(join(folder, nameOf(rule)), source);
  const program = join(root, 'node_modules/.bin/oxlint');
  const { stdout, stderr } = spawnSync(program, ['-c', join(root, '.oxlintrc.json'), '-f', 'json', folder], {
    cwd: root,
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  found = report.parse(JSON.parse(stdout)).diagnostics;
});

afterAll(async () => rm(folder, { recursive: true, force: true }));

test.each(Object.keys(bad))('%s is reported', (rule) => {
  const here = found.filter(({ filename }) => filename.endsWith(nameOf(rule)));
  expect(here.map(({ code }) => code)).toContain(rule);
});

test('good code is not', () => {
  expect(found.filter(({ filename }) => filename.endsWith('good.ts'))).toEqual([]);
});
