import { expect, test } from 'vitest';
import { sharedPart } from '../support/sample.ts';
import type { Edits } from './frame.ts';
import { kindOf, withEachKind } from './kinds.ts';
import { mysqlEdits } from './mysql.ts';
import { postgresEdits } from './postgres.ts';
import { redisEdits } from './redis.ts';

test.each<readonly [string, Edits, number]>([
  ['PostgreSQL', postgresEdits, 19],
  ['MySQL', mysqlEdits, 10],
  ['Redis', redisEdits(true), 10],
])('every part of the edits on %s has one of each kind, and together they are all of them', (_, { stories, document }, atLeast) => {
  const kinds = new Set(stories.map((one) => kindOf(one, document)));
  expect(kinds.size).toBeGreaterThanOrEqual(atLeast);
  for (const day of [20_420, 20_421, 20_425, 20_444]) {
    const parts = [0, 1, 2, 3, 4].map((at) => withEachKind(sharedPart(stories, { at, of: 5 }, day), stories, document));
    for (const part of parts) expect(new Set(part.map((one) => kindOf(one, document)))).toEqual(kinds);
    expect(new Set(parts.flat()).size).toBe(stories.length);
  }
});
