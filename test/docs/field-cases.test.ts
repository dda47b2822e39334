import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkout } from '../support/places.ts';

const page = await readFile(join(checkout, 'docs/field-cases.md'), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| ') && /`(?:test|src)\//.test(line));

/** Files with the names that stand behind them; several files before one name have it all. */
function namedIn(row: string): readonly (readonly [file: string, name: string])[] {
  const words = [...row.matchAll(/`((?:[^`\\]|\\`)+)`/g)].map(([, word = '']) => word.replaceAll('\\`', '`'));
  const found: (readonly [string, string])[] = [];
  let files: string[] = [];
  let isOpen = false;
  for (const word of words) {
    if (/^(?:test|src)\/.*\.ts$/.test(word)) {
      files = isOpen ? [...files, word] : [word];
      isOpen = true;
    } else if (files.length > 0) {
      isOpen = false;
      found.push(...files.map((file) => [file, word] as const));
    }
  }
  return found;
}

it('every case has tests, and each is where the page says', async () => {
  expect(rows.length).toBeGreaterThan(30);
  const missing = await Promise.all(
    rows.flatMap((row) => {
      const named = namedIn(row);
      return named.length === 0
        ? [Promise.resolve([row])]
        : named.map(async ([file, name]) => {
            const source = (await readFile(join(checkout, file), 'utf8').catch(() => '')).replaceAll("\\'", "'");
            return source.includes(name) ? [] : [`${file}: ${name}`];
          });
    }),
  );
  expect(missing.flat()).toEqual([]);
});

it('has each case of the lists', () => {
  const cases = page.split('\n').map((line) => /^\| ([^|]+) \|/.exec(line)?.[1] ?? '');
  for (let n = 1; n <= 18; n++) expect(cases).toContain(`F${n}`);
  for (const one of ['0', '3', 'review A1, Redis A1', 'Redis A2', 'review A2', 'C1', 'C2', 'D1', 'B2', 'B4']) expect(cases).toContain(one);
  for (let n = 1; n <= 13; n++) expect(cases).toContain(`apps D${n}`);
  for (const n of [1, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]) expect(cases).toContain(`newcomer B${n}`);
});
