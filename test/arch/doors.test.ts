import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** What tests use through one module of theirs only. */
const doors = [
  { through: 'test/support/children.ts', module: 'node:child_process', why: 'every child has a time-out there' },
  { through: 'test/support/properties.ts', module: 'fast-check', why: 'draws begin at the seed of the run there' },
] as const;

test.each(doors)('tests use $module through $through: $why', async ({ through, module }) => {
  const imports = new RegExp(`^(?!import type ).*\\b(?:from|import\\()\\s*['"]${module}['"]`, 'm');
  const around: string[] = [];
  for await (const file of glob(['test/**/*.ts', 'src/**/*.test.ts'], { cwd: root })) {
    if (file !== through && file !== 'test/arch/doors.test.ts' && imports.test(await readFile(join(root, file), 'utf8'))) around.push(file);
  }
  expect(around).toEqual([]);
});
