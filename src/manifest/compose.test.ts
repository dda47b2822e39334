import { fc } from '../../test/support/properties.ts';
import { describe, expect, test } from 'vitest';
import { type EnginePart, manifestSource } from '../../test/support/manifest-arbitrary.ts';
import { composeInPieces } from './compose.ts';
import { Findings } from './findings.ts';
import { createLocator } from './frame.ts';

const part: EnginePart = {
  id: 'alpha',
  instance: fc.record({ url: fc.constant('x') }, { requiredKeys: [] }),
  placement: fc.record({ database: fc.constantFrom('a', 'b\nc', '') }, { requiredKeys: [] }),
  defaults: fc.constant({}),
};

/** All that comes of a text; places included. */
function readIn(piece: number, source: string): unknown {
  const findings = new Findings();
  const { document, builder, errors } = composeInPieces(source, findings, piece);
  const syntax = errors.map((error) => [error.code, ...error.pos].join(' ')).sort();
  if (!document || errors.length > 0) return { syntax, failed: findings.failed };
  const built = document.contents ? builder.build(document.contents, 0) : null;
  return { built, found: builder.findings.located(createLocator('x', () => source)) };
}

const apps = (count: number): string => Array.from({ length: count }, (_, i) => `  app_${i}:\n    uses: { main: {} } # ${i}\n`).join('');

describe('a file that is read in pieces', () => {
  test.each([
    ['comments between entries', `a: 1\napps:\n  # one\n  b: 1\n\n  # two\n  c: 2\n  d: 3\n# three\ne: 4\n`],
    ['comments with less indentation', `apps:\n  b: 1\n # odd\n  c: 2\n  d: 3\n`],
    ['anchors across pieces', `x: &x { p: 1 }\napps:\n  b: &b { <<: *x }\n  c: *b\n  d: *x\n  e: *c\ny: *b\n`],
    ['merges into the section', `x: &x { p: 1 }\napps:\n  <<: *x\n  b: 1\n  c: 2\n  p: 3\n  d: 4\n`],
    ['an anchor of the section', `apps: &all\n  b: 1\n  c: 2\n  d: *all\n  e: 3\nother: *all\n`],
    ['duplicates', `apps:\n  b: 1\n  c: 2\n  d: 3\n  b: 4\n  e: 5\napps:\n  f: 1\n`],
    ['explicit keys', `apps:\n  ? b\n  : 1\n  ? c\n  : 2\n  ? [d]\n  : 3\n  e: 4\n`],
    ['a section under an explicit key', `? apps\n: b: 1\n  c: 2\n  d: 3\n`],
    ['a section under a quoted key', `"apps":\n  b: 1\n  c: 2\n  d: 3\n`],
    ['block texts', `apps:\n  b: |\n    x\n\n  c: >-\n    y\n    z\n\n  d: 1\n`],
    ['values on later lines', `apps:\n  b:\n\n    - 1\n  c:\n    d: 2\n\n\n  e: 3\n  f:\n`],
    ['an error in an early piece', `apps:\n  b: [\n  c: 1\n  d: 2\n  e: 3\n`],
    ['an error after pieces', `apps:\n  b: 1\n  c: 1\n  d: 2\n    e: 3\n`],
    ['two documents', `apps:\n  b: 1\n  c: 1\n  d: 2\n---\napps:\n  b: 1\n  c: 1\n  d: 2\n`],
    ['a directive', `%YAML 1.1\n---\napps:\n  b: yes\n  c: 1\n  d: 2\n`],
    ['windows line ends', `a: 1\r\napps:\r\n  b: 1\r\n  c: 2\r\n  d: 3\r\n`],
    ['several sections', `instances:\n${apps(5)}apps:\n${apps(7)}teams:\n${apps(4)}`],
  ])('%s', (_name, source) => {
    const whole = readIn(1e9, source);
    for (const piece of [1, 2, 3]) expect(readIn(piece, source)).toEqual(whole);
  });

  test('any text', () => {
    fc.assert(
      fc.property(manifestSource(part), (source) => {
        expect(readIn(1, source)).toEqual(readIn(1e9, source));
      }),
      { numRuns: 400, endOnFailure: true },
    );
  });
});
