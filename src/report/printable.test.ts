import { expect, it } from 'vitest';
import { printable, printableLines } from './printable.ts';
import { plain } from './style.ts';
import { table } from './table.ts';

it('shows what nobody would see', () => {
  expect(printable('a\u200bb\ufeffc\u{e0041}d\u00ade\u202ef\ud800')).toBe('a\\u200bb\\ufeffc\\ue0041d\\u00ade\\u202ef\\ud800');
  expect(printable('Zoë Жук 東京')).toBe('Zoë Жук 東京');
  expect(printableLines('a\n\tb\u001bc')).toBe('a\n\tb\\u001bc');
});

it('a table has any number of rows', () => {
  const rows = Array.from({ length: 200_000 }, () => [{ text: 'x' }]);
  expect(table([{ title: 'NAME' }], rows, plain).length).toBe(200_000 * 2 + 4);
});
