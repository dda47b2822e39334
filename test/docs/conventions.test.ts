import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkout } from '../support/places.ts';

const page = await readFile(join(checkout, 'docs/conventions.md'), 'utf8');
const rows = [...page.matchAll(/^\| (\d+) \|.*\| (`[^|]*) \|$/gm)].map(([, number = '', tests = '']) => ({
  number,
  tests: [...tests.matchAll(/`([^`]+)`: ("[^"]+"(?:, "[^"]+")*)/g)].flatMap(([, file = '', titles = '']) =>
    [...titles.matchAll(/"([^"]+)"/g)].map(([, title = '']) => ({ file, title })),
  ),
}));

describe('docs/conventions.md', () => {
  it('has all rows', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 34 }, (_, at) => String(at + 1)));
  });

  it.each(rows)('row $number is shown by tests of that name', async ({ tests }) => {
    expect(tests).not.toEqual([]);
    for (const { file, title } of tests) {
      const source = await readFile(join(checkout, file), 'utf8');
      // A title, or the beginning of one, where a test or a row of its table has it.
      expect(source, `${file}: ${title}`).toMatch(new RegExp(`[([]\\s*['"\`]${title.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')}`));
    }
  });

  it('stdout is written by the output service alone, but for a line that is followed', async () => {
    const writers: string[] = [];
    for await (const file of glob('src/**/*.ts', { cwd: checkout })) {
      const source = await readFile(join(checkout, file), 'utf8');
      if (/stdout\.write\(|console\.log\(/.test(source) && !file.endsWith('.test.ts')) writers.push(file);
    }
    // The version before anything is loaded, help, and lines of a log as they come.
    const others = ['src/cli/commands/logs.ts', 'src/cli/main.ts', 'src/cli/run.ts'];
    expect(writers.filter((file) => !file.startsWith('src/cli/output/')).sort()).toEqual(others);
  });

  it('nothing in src/ asks the web', async () => {
    const asks: string[] = [];
    for await (const file of glob('src/**/*.ts', { cwd: checkout })) {
      const source = await readFile(join(checkout, file), 'utf8');
      // What a container's health check runs is a text here.
      if (/from 'node:(?:https?|http2|dgram)'|(?<!node -e ")\bfetch\(|\bWebSocket\b/.test(source) && !file.endsWith('.test.ts'))
        asks.push(file);
    }
    expect(asks).toEqual([]);
  });
});
