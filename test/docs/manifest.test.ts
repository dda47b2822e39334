import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { diagnosticCodes } from '../../src/app/codes.ts';
import { parse } from 'yaml';
import { engineIds, loadEngine } from '../../src/engines/index.ts';
import { jsonSchema } from '../../src/manifest/json-schema.ts';
import { parseManifest } from '../../src/manifest/parse.ts';
import type { ManifestResult } from '../../src/manifest/types.ts';
import { hasErrors } from '../../src/model/index.ts';

const page = readFileSync(new URL('../../docs/manifest.md', import.meta.url), 'utf8');

interface Example {
  readonly line: number;
  readonly source: string;
  /** The code that it must give; null: it is right. */
  readonly error: string | null;
}

/** What an example that is a part of a file gets added for each key that it does not have. */
const rest: Readonly<Record<string, string>> = {
  cotenant: 'cotenant: 1\n',
  project: 'project: docs\n',
  instances: 'instances: { main: { engine: postgres, url: postgres://admin@localhost/postgres } }\n',
  apps: 'apps: { shop: { uses: { main: } }, blog: { uses: { main: } } }\n',
};

function examplesOf(markdown: string): readonly Example[] {
  return [...markdown.matchAll(/^```yaml(?: error=(CT\d{4}))?\n(.*?)^```$/gms)].map((match) => {
    const [, error = null, source = ''] = match;
    const missing = Object.entries(rest).filter(([key]) => !new RegExp(`^${key}:`, 'm').test(source));
    const line = markdown.slice(0, match.index).split('\n').length;
    return { line, error, source: source + missing.map(([, text]) => text).join('') };
  });
}

const examples = examplesOf(page);

async function read(source: string): Promise<ManifestResult> {
  return parseManifest(source, { file: '/project/cotenant.yaml', env: {}, engineIds, loadEngine });
}

describe('docs/manifest.md', () => {
  test('has examples, right and wrong', () => {
    expect(examples.filter((one) => one.error === null).length).toBeGreaterThan(10);
    expect(examples.filter((one) => one.error !== null).length).toBeGreaterThan(3);
  });

  test.for(examples.filter((one) => one.error === null))('the example at line $line is right', async ({ source }) => {
    const { manifest, diagnostics } = await read(source);
    expect(diagnostics).toEqual([]);
    for (const { engine, input } of manifest?.instances ?? []) {
      const found = engine.compile(input).diagnostics;
      expect(hasErrors(found), JSON.stringify(found)).toBe(false);
    }
  });

  test.for(examples.filter((one) => one.error !== null))('the example at line $line gives $error', async ({ source, error }) => {
    const { diagnostics } = await read(source);
    expect(new Set(diagnostics.map((one) => one.code))).toEqual(new Set([error]));
  });

  test('the JSON Schema of the real engines takes what is right', async () => {
    const engines = (await Promise.all(engineIds.map(loadEngine))).filter((engine) => engine !== null);
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(jsonSchema(engines));
    for (const { source, error } of examples) {
      if (error === null) expect(validate(parse(source, { merge: true })) ? [] : validate.errors, source).toEqual([]);
    }
  });

  test('names every key of the format, and every code that it mentions exists', async () => {
    const codes = await diagnosticCodes();
    const { properties } = jsonSchema([]);
    for (const key of Object.keys(properties ?? {})) expect(page).toMatch(new RegExp(`^\\| \`${key}\``, 'm'));
    for (const [code] of page.matchAll(/CT\d{4}/g)) expect(codes).toHaveProperty([code]);
  });
});
