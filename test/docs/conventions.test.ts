import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkout } from '../support/places.ts';

const page = await readFile(join(checkout, 'docs/conventions.md'), 'utf8');
const rows = [...page.matchAll(/^\| (\d+) \|.*\| `([^`]+)`: "([^"]+)" \|$/gm)].map(([, number = '', file = '', title = '']) => ({
  number,
  file,
  title,
}));

describe('docs/conventions.md', () => {
  it('has all rows', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 34 }, (_, at) => String(at + 1)));
  });

  it.each(rows)('row $number is shown by $file', async ({ file, title }) => {
    expect(await readFile(join(checkout, file), 'utf8')).toContain(title);
  });

  it('nothing in src/ asks the web', async () => {
    const asks: string[] = [];
    for await (const file of glob('src/**/*.ts', { cwd: checkout })) {
      const source = await readFile(join(checkout, file), 'utf8');
      if (/from 'node:(?:https?|http2|dgram)'|\bfetch\(|\bWebSocket\b/.test(source) && !file.endsWith('.test.ts')) asks.push(file);
    }
    expect(asks).toEqual([]);
  });
});
