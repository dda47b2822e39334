import { expect, test } from 'vitest';
import { fc } from '../../support/properties.ts';
import { readMark, writeMark } from '../../../src/engines/neo4j/marks/mark.ts';
import { userTrouble } from '../../../src/engines/neo4j/names.ts';

test('a mark is read back as it was written, in letters that a user’s name can have', () => {
  const text = fc.string({ unit: 'grapheme' }).filter((one) => one.isWellFormed());
  const mark = fc.record({ project: text, app: text, user: text, applied: text, retired: text }, { requiredKeys: ['project', 'app'] });
  fc.assert(
    fc.property(mark, (one) => {
      const name = writeMark(one);
      expect(name).toMatch(/^[\x21-\x7e]+$/);
      expect(name).not.toMatch(/[,:]/);
      expect(readMark(name)).toEqual(one);
    }),
  );
});

test.each(['neo4j', 'cotenant', 'cotenant@x', 'a b', 'a:b', 'a,b', 'ä', '', 'x'.repeat(129)])('no app has the user "%s"', (name) => {
  expect(userTrouble(name)).not.toBeNull();
});

test.each(['shop', 'digi_core', 'a-b', "o'brien", 'back`tick'])('an app may have the user "%s"', (name) => {
  expect(userTrouble(name)).toBeNull();
});

test('what is no mark is none', () => {
  for (const name of ['shop', 'cotenant', 'cotenant@', 'cotenant@app=x']) expect(readMark(name)).toBeNull();
});
