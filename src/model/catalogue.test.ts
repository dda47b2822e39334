import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { catalogue, explain } from './catalogue.ts';

const families: readonly (readonly [string, string])[] = [
  ['CT10', 'The manifest: reading the file'],
  ['CT12', 'The manifest: names and references'],
  ['CT13', 'The manifest: environment and secrets in the file'],
  ['CT20', 'Desired state and plan'],
  ['CT30', 'Connection and engine'],
  ['CT40', 'Apply'],
  ['CT50', 'Secrets'],
  ['CT51', "An app's environment"],
  ['CT52', 'The journal of runs'],
  ['CT60', 'Local servers'],
  ['CT61', 'Verify'],
  ['CT90', 'The program itself'],
];

/** Codes that are described before the code that gives them is written. Take a code out when it is in use. */
const reserved: readonly string[] = ['CT2011', 'CT4001', 'CT4006'];

const root = new URL('../..', import.meta.url).pathname;

/** Codes as a literal, with the files that have them. */
function usedCodes(): Map<string, string[]> {
  const used = new Map<string, string[]>();
  const files = globSync('src/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts') && !/src\/model\/catalogue/.test(file));
  expect(files.length).toBeGreaterThan(20);
  for (const file of files) {
    for (const [, code = ''] of readFileSync(`${root}${file}`, 'utf8').matchAll(/'(CT\d{4})'/g))
      used.set(code, [...(used.get(code) ?? []), file]);
  }
  return used;
}

function page(): string {
  const parts = [
    '# Error codes',
    '',
    'Every error and warning of cotenant has a stable code. `cotenant explain CT1203` prints the text below.',
    '',
    '<!-- Generated from src/model/catalogue*.ts by `npx vitest run src/model/catalogue.test.ts -u`. -->',
    '',
  ];
  for (const [prefix, title] of families) {
    parts.push(`## ${title}`, '');
    for (const [code, entry] of Object.entries(catalogue).filter(([one]) => one.startsWith(prefix))) {
      parts.push(`### ${code}: ${entry.title}`, '', entry.explanation, '');
      if (entry.hint !== undefined) parts.push(`What to do: ${entry.hint}`, '');
    }
  }
  return `${parts.join('\n').trimEnd()}\n`;
}

describe('catalogue of codes', () => {
  test('has every code that the source gives', () => {
    const missing = [...usedCodes()].filter(([code]) => !Object.hasOwn(catalogue, code));
    expect(missing).toEqual([]);
  });

  test('has no code that nothing gives', () => {
    const used = usedCodes();
    expect(Object.keys(catalogue).filter((code) => !used.has(code) && !reserved.includes(code))).toEqual([]);
    expect(reserved.filter((code) => !Object.hasOwn(catalogue, code))).toEqual([]);
  });

  test('is the page in the docs', async () => {
    await expect(page()).toMatchFileSnapshot('../../docs/errors.md');
    const documented = [...page().matchAll(/^### (CT\d{4}): /gm)].map((match) => match[1]);
    expect(documented).toEqual(Object.keys(catalogue));
  });

  test('has titles that differ and sentences that end', () => {
    const entries = Object.values(catalogue);
    expect(new Set(entries.map((entry) => entry.title)).size).toBe(entries.length);
    for (const { title, explanation, hint } of entries) {
      expect(title).not.toMatch(/\.$/);
      expect(explanation).toMatch(/\.$/);
      expect(hint ?? '.').toMatch(/[.?:]$|<[a-z]+>$|`\S*\s?\S*`$|\$\$\.$/);
    }
  });
});

describe('explain', () => {
  test.each(['CT1203', 'ct1203', '1203', ' CT1203 '])('finds %j', (code) => {
    expect(explain(code)).toMatchObject({ code: 'CT1203', title: 'Unknown instance' });
  });

  test.each(['', 'CT', 'CT9999', 'constructor', '__proto__', '12033', 'XX1203'])('knows no %j', (code) => {
    expect(explain(code)).toBeNull();
  });
});
