import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { diagnosticCodes } from '../../src/app/codes.ts';
import { engineIds, loadEngine } from '../../src/engines/index.ts';
import { coreCodes } from '../../src/model/catalogue.ts';
import { explain } from '../../src/report/explanation-text.ts';
import { engineOf } from '../arch/direction.ts';

const families: readonly (readonly [string, string])[] = [
  ['CT10', 'The manifest: reading the file'],
  ['CT12', 'The manifest: names and references'],
  ['CT13', 'The manifest: environment and secrets in the file'],
  ['CT20', 'Desired state and plan'],
  ['CT30', 'Connection and engine'],
  ['CT40', 'Apply'],
  ['CT41', 'Migrations'],
  ['CT43', 'Backups'],
  ['CT46', 'Watching servers, the service and its keys'],
  ['CT47', 'Files for a deployment'],
  ['CT50', 'Secrets'],
  ['CT51', "An app's environment"],
  ['CT52', 'The journal of runs'],
  ['CT60', 'Local servers'],
  ['CT61', 'Verify'],
  ['CT90', 'The program itself'],
];

const root = new URL('../..', import.meta.url).pathname;
const all = await diagnosticCodes();

/** Codes as a literal, with who gives them: `core`, or an engine. */
function usedCodes(): ReadonlyMap<string, ReadonlySet<string>> {
  const files = globSync('src/**/*.ts', { cwd: root }).filter((file) => !/\.test\.ts$|src\/model\/catalogue|\/codes\.ts$/.test(file));
  files.push('src/cli/codes.ts');
  expect(files.length).toBeGreaterThan(20);
  const uses = files.flatMap((file) =>
    [...readFileSync(`${root}${file}`, 'utf8').matchAll(/'(CT\d{4})'/g)].map(([, code = '']) => ({ code, by: engineOf(file) ?? 'core' })),
  );
  return new Map([...Map.groupBy(uses, ({ code }) => code)].map(([code, list]) => [code, new Set(list.map(({ by }) => by))]));
}

function page(): string {
  const parts = [
    '# Error codes',
    '',
    'Every error and warning of cotenant has a stable code. `cotenant explain CT1203` prints the text below.',
    '',
    '<!-- Generated from src/model/catalogue*.ts and src/engines/*/codes.ts by `npx vitest run test/docs/errors.test.ts -u`. -->',
    '',
  ];
  for (const [prefix, title] of families) {
    parts.push(`## ${title}`, '');
    for (const [code, entry] of Object.entries(all).filter(([one]) => one.startsWith(prefix))) {
      parts.push(`### ${code}: ${entry.title}`, '', entry.explanation, '');
      if (entry.hint !== undefined) parts.push(`What to do: ${entry.hint}`, '');
    }
  }
  return `${parts.join('\n').trimEnd()}\n`;
}

describe('catalogue of codes', () => {
  test('has every code that the source gives', () => {
    const missing = [...usedCodes()].filter(([code]) => !Object.hasOwn(all, code));
    expect(missing).toEqual([]);
  });

  test('has no code that nothing gives', () => {
    const used = usedCodes();
    expect(Object.keys(all).filter((code) => !used.has(code))).toEqual([]);
  });

  test('what one engine alone gives is its own, and nobody else’s', async () => {
    const used = usedCodes();
    const home = (code: string): string => {
      const by = [...(used.get(code) ?? [])];
      return by.length === 1 ? by.join('') : 'core';
    };
    expect(Object.keys(coreCodes).filter((code) => home(code) !== 'core')).toEqual([]);
    for (const id of engineIds) {
      const own = Object.keys((await (await loadEngine(id))?.codes?.()) ?? {});
      expect(own.filter((code) => home(code) !== id)).toEqual([]);
    }
  });

  test('is the page in the docs', async () => {
    await expect(page()).toMatchFileSnapshot('../../docs/errors.md');
    const documented = [...page().matchAll(/^### (CT\d{4}): /gm)].map((match) => match[1]);
    expect(documented).toEqual(Object.keys(all));
  });

  test('has titles that differ and sentences that end', () => {
    const entries = Object.values(all);
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
    expect(explain(all, code)).toMatchObject({ code: 'CT1203', title: 'Unknown instance' });
  });

  test.each(['', 'CT', 'CT9999', 'constructor', '__proto__', '12033', 'XX1203'])('knows no %j', (code) => {
    expect(explain(all, code)).toBeNull();
  });
});
