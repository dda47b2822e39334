import { seed } from '../support/sample.ts';
import { thorough } from '../support/thorough.ts';
import { describe, expect, test } from 'vitest';
import { outsideQuotes } from '../support/quoting.ts';
import { fuzzStatements } from '../support/statement-fuzz.ts';

/** A seed is used up for every 500 texts: no day begins in the middle of the one before. */
const FAR = 100;

describe('outsideQuotes', () => {
  test.each([
    ['SELECT "a""b" FROM \'c\'\'d\'', 'SELECT   FROM  '],
    ["SELECT E'a\\'b', x", 'SELECT  , x'],
    ["SELECT nameE'a\\', x", 'SELECT nameE , x'],
    ['DO $a$ BEGIN x "y" $$ z "w" $$ END $a$', 'DO   BEGIN x     z     END  '],
    ['SELECT $1', 'SELECT $1'],
  ])('%s', (sql, left) => {
    expect(outsideQuotes(sql)).toBe(left);
  });

  test.each(['SELECT "a', "SELECT 'a''", "SELECT E'a\\'"])('finds that %s is not closed', (sql) => {
    expect(() => outsideQuotes(sql)).toThrow('not closed');
  });
});

test('random manifests never crash anything before a server, and no statement has a name outside quotes', async () => {
  const count = thorough ? 3000 : 500;
  const { sound, planned, statements } = await fuzzStatements({ seed: (seed * FAR) % 2 ** 31, count });
  // Guards the generator: most texts are wrong on purpose, but enough must come through.
  expect(sound).toBeGreaterThan(count / 10);
  expect(planned).toBeGreaterThan(count / 16);
  expect(statements).toBeGreaterThan(count * 4);
});
