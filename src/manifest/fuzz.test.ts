import { thorough } from '../../test/support/thorough.ts';
import { fc } from '../../test/support/properties.ts';
import { expect, test } from 'vitest';
import {
  canary,
  type EnginePart,
  hostileText,
  manifestSource,
  manifestSources,
  rearranged,
  validManifest,
  writtenAs,
} from '../../test/support/manifest-arbitrary.ts';
import { schemaEngines } from '../../test/support/schema-engine.ts';
import { coreCodes } from '../model/catalogue.ts';
import { parseManifest } from './parse.ts';
import type { ManifestResult } from './types.ts';

const part: EnginePart = {
  id: 'alpha',
  instance: fc.record(
    { url: fc.constant('alpha://u@h/d'), mode: fc.constantFrom('fast', 'safe'), password: fc.constantFrom({ env: 'A' }, { file: 'f' }) },
    { requiredKeys: [] },
  ),
  placement: fc.record(
    {
      database: hostileText.filter((text) => text !== '' && !/[${}]/.test(text) && !text.includes(canary)),
      connections: fc.integer({ min: 1, max: 1000 }),
      tags: fc.array(fc.constantFrom('x', '{v}')),
    },
    { requiredKeys: [] },
  ),
  defaults: fc.record({ connections: fc.integer({ min: 1, max: 9 }) }, { requiredKeys: [] }),
};

const parse = async (source: string): Promise<ManifestResult> =>
  parseManifest(source, { file: '/p/c.yaml', env: { X: `x://u:${canary}@h`, A: canary }, ...schemaEngines });

/** The text without passwords at places where one can be told; an edit may have left one where nothing tells it. */
function hidden(source: string): string {
  return source.replaceAll(`://u:${canary}@`, '').replaceAll(`?password=${canary}`, '');
}

/** What does not hold for this text; all of it must, for every text there is. */
function wrongWith(source: string, { manifest, diagnostics, locate }: ManifestResult): readonly string[] {
  const wrong: string[] = [];
  const check = (holds: boolean | undefined, what: string): void => {
    if (!holds) wrong.push(what);
  };
  check((manifest === null) === diagnostics.some((one) => one.severity === 'error'), 'no manifest means an error');
  for (const { code, message, hint = '', expected = '', location } of diagnostics) {
    check(Object.hasOwn(coreCodes, code), `${code} is in the catalogue`);
    check(/^\S.*\.$/s.test(message), `sentence: ${message}`);
    check(hint !== '' && expected !== '', `hint and expectation: ${message}`);
    check(location && location.line > 0 && location.column > 0 && /^> *\d+ \|.*\n.*\^/m.test(location.frame), `place: ${message}`);
    check(
      !/[\u0000-\u0009\u000b-\u001f\u007f\u202e\u200b\u2800]/.test(message + hint + expected + location?.frame),
      `steers a terminal: ${message}`,
    );
  }
  check(hidden(source).includes(canary) || !JSON.stringify(diagnostics).includes(canary), 'no secret is shown');
  for (const { input } of manifest?.instances ?? []) {
    for (const { path } of [input, ...input.placements, ...input.readers, ...input.shares]) {
      check(locate({ code: 'CT2001', severity: 'error', message: '.', path }).location?.frame.includes('^'), `locate ${path.join('.')}`);
    }
  }
  const before = new Set<string>();
  for (const { name, after } of manifest?.apps ?? []) {
    check(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/.test(name), `name ${name}`);
    check(
      after.every((one) => before.has(one)),
      `${name} comes after ${after.join(', ')}`,
    );
    before.add(name);
  }
  return wrong;
}

test('any text gives a manifest or located errors, and no secret', async () => {
  let sound = 0;
  await fc.assert(
    fc.asyncProperty(manifestSource(part), async (source) => {
      const result = await parse(source);
      expect(wrongWith(source, result)).toEqual([]);
      if (result.manifest) sound += 1;
    }),
    { numRuns: thorough ? 2000 : 350, endOnFailure: true },
  );
  // Guards the generator: noise alone would prove little.
  expect(sound).toBeGreaterThan(thorough ? 150 : 25);
});

test('what is right is taken, and its meaning does not depend on order, comments or style', async () => {
  await fc.assert(
    fc.asyncProperty(
      validManifest(part).filter((document) => !JSON.stringify(document).includes('\\u0000')),
      async (document) => {
        const [block, ...others] = [
          writtenAs(document, 'block'),
          writtenAs(document, 'flow'),
          writtenAs(document, 'json'),
          rearranged(writtenAs(document, 'block')),
        ];
        const { manifest, diagnostics } = await parse(block);
        expect(diagnostics).toEqual([]);
        for (const other of others) expect((await parse(other)).manifest?.hash).toBe(manifest?.hash);
      },
    ),
    { numRuns: 100 },
  );
});

test('the generator gives the same sequence for the same seed', () => {
  const first = [...manifestSources(part, { seed: 7, count: 150 })];
  expect(first).toHaveLength(150);
  expect([...manifestSources(part, { seed: 7, count: 150 })]).toEqual(first);
  expect([...manifestSources(part, { seed: 8, count: 150 })]).not.toEqual(first);
});
