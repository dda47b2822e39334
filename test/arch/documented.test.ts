import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { engineIds, loadEngine } from '../../src/engines/index.ts';
import { jsonSchema } from '../../src/manifest/json-schema.ts';
import { checkout } from '../support/places.ts';

/** Every key that a manifest can have, as `placement.names.login`. Names that people choose themselves are left out. */
function keysOf(schema: unknown, at: string, out: Set<string>): void {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [name, value] of Object.entries(schema) as [string, unknown][]) {
    const children = name === 'properties' || name === '$defs';
    if (!children || typeof value !== 'object' || value === null) keysOf(value, at, out);
    else
      for (const [key, child] of Object.entries(value) as [string, unknown][]) {
        const path = name === '$defs' ? key : `${at}.${key}`;
        if (name === 'properties') out.add(path);
        keysOf(child, path, out);
      }
  }
}

/** As code in a sentence, `key`, `names.login` or `login:`, or as a key in an example; one inside another with that one. */
function stands(path: string, text: string): boolean {
  const [key = '', parent = ''] = path.split('.').toReversed();
  const own = new RegExp(`\`(?:[\\w.]+\\.)?${key}[\`:.( ]|^ *(?:- )?${key}:|[{,] *${key}:`, 'm');
  const within = new RegExp(`\`${parent}\\.${key}\\b|\\b${parent}: *\\{[^}]*\\b${key}:|\\b${parent}:\\n(?: +.*\\n)*? +${key}:`);
  return parent === 'names' ? within.test(text) : own.test(text);
}

test('every key of the manifest stands in the pages', async () => {
  const engines = (await Promise.all(engineIds.map(loadEngine))).filter((one) => one !== null);
  const pages = ['manifest.md', 'migrations.md', 'secrets.md', ...engineIds.map((id) => `engines/${id}.md`)];
  const text = (await Promise.all(pages.map((page) => readFile(join(checkout, 'docs', page), 'utf8')))).join('\n');
  const keys = new Set<string>();
  keysOf(jsonSchema(engines), 'manifest', keys);
  expect([...keys].filter((path) => !stands(path, text))).toEqual([]);
  expect(keys.size).toBeGreaterThan(80);
});
