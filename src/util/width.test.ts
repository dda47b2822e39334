import { expect, it } from 'vitest';
import { padded, widthOf } from './width.ts';

it.each([
  ['shop', 4],
  ['店', 2],
  ['👩‍👩‍👧', 2],
  ['e\u0301te\u0301', 3],
  ['', 0],
])('%j takes %i cells', (text, width) => {
  expect(widthOf(text)).toBe(width);
  expect(padded(text, 6)).toBe(text + ' '.repeat(6 - width));
  expect(padded(text, 6, 'right')).toBe(' '.repeat(6 - width) + text);
});
