import { expect, test } from 'vitest';
import { inheritedNames } from '../../test/support/hostile-names.ts';
import { lookUp, putIn } from './record.ts';

test.each(inheritedNames)('%s is there once it was put in, and not before', (name) => {
  const record: Record<string, string> = {};
  expect(lookUp(record, name)).toBeUndefined();
  putIn(record, name, 'first');
  putIn(record, name, 'second');
  expect(lookUp(record, name)).toBe('second');
  expect(Object.entries(record)).toEqual([[name, 'second']]);
  expect(JSON.stringify({ ...record })).toBe(`{"${name}":"second"}`);
  expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
});
