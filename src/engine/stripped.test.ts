import { expect, it } from 'vitest';
import { stripped } from './stripped.ts';

const names = { doubleQuotesText: false };

it.each([
  ["SELECT * FROM t WHERE a = 'it''s' AND b = 42", 'SELECT * FROM t WHERE a = ? AND b = ?'],
  ["ALTER ROLE shop PASSWORD 'secret'", 'ALTER ROLE shop PASSWORD ?'],
  ['SELECT "a secret?" FROM t2 WHERE x = $1', 'SELECT "a secret?" FROM t2 WHERE x = $1'],
  ['DO $body$ secret $$ secret $body$ ; SELECT 1.5e3', 'DO ? ; SELECT ?'],
  ['SELECT 1 -- secret\n, 2 /* secret /* secret */ secret */ + 0x5ec', 'SELECT ? , ? + ?'],
  ["SELECT E'a\\' secret', 'secret'", 'SELECT E …'],
  ["SELECT 'a\\', 'secret'", 'SELECT …'],
  ["SELECT 'secret", 'SELECT …'],
  ['SELECT $$secret', 'SELECT …'],
  ['SELECT /* secret', 'SELECT …'],
])('%s', (sql, want) => expect(stripped(sql, names)).toBe(want));

it('takes what stands in double quotes for a text where it is one, and shows no more than some lines', () => {
  expect(stripped('SELECT "secret", `name` FROM t # secret', { doubleQuotesText: true })).toBe('SELECT ?, `name` FROM t');
  expect(stripped(`SELECT ${'x, '.repeat(1000)}`, names)).toHaveLength(400);
});
