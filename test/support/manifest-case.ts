import { expect } from 'vitest';
import { parseManifest } from '../../src/manifest/parse.ts';
import type { Diagnostic } from '../../src/model/index.ts';
import { schemaEngines } from './schema-engine.ts';

/** A manifest that is wrong in one place: `^` in the source marks where the error must point. */
export type ManifestCase = readonly [
  name: string,
  source: string,
  code: string,
  message: string,
  more?: { readonly expected?: string; readonly hint?: string },
];

const env = { SIZE: '7', WORD: 'many', PASS_URL: 'alpha://u:canary-77@h/d', EMPTY: '' };

export const head = 'cotenant: 1\nproject: p\ninstances: { main: { engine: alpha }, side: { engine: beta, path: x } }\n';

export async function diagnose(source: string): Promise<readonly Diagnostic[]> {
  return (await parseManifest(source, { file: '/p/cotenant.yaml', env, ...schemaEngines })).diagnostics;
}

/** Takes the mark out and says where it stood. */
function marked(source: string): { text: string; line: number; column: number } {
  const before = source.slice(0, source.indexOf('^'));
  const line = before.split('\n').length;
  return { text: before + source.slice(before.length + 1), line, column: before.length - before.lastIndexOf('\n') };
}

// After these, others follow from the same mistake.
const withOthers = ['CT1001', 'CT1009', 'CT1012'];

/** The one diagnostic, at its place, with all its parts and no secret. */
export async function expectCase([, source, code, message, more = {}]: ManifestCase): Promise<void> {
  const { text, line, column } = marked(source);
  const diagnostics = await diagnose(text);
  const found = diagnostics.find((one) => one.code === code && one.message.startsWith(message));
  expect(found ?? diagnostics).toMatchObject({ code, severity: 'error', ...more, location: { file: '/p/cotenant.yaml', line, column } });
  expect(found?.hint).toBeTruthy();
  expect(found?.expected).toBeTruthy();
  expect(JSON.stringify(diagnostics)).not.toMatch(/canary-77|7700077/);
  if (!withOthers.includes(code)) expect(diagnostics.map((one) => one.code)).toEqual([code]);
}
