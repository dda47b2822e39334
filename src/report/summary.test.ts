import { expect, it } from 'vitest';
import { missingText } from './summary.ts';

it.each([
  ['CT5001', 'Not asked, because of errors: main.'],
  ['CT3012', 'Not asked, because of errors: main.'],
  ['CT3001', 'Not reached: main.'],
  ['CT3002', 'Not reached: main.'],
  ['CT3003', 'Not reached: main.'],
])('an instance that is missing because of %s', (code, text) => {
  expect(missingText(['main'], [{ code, severity: 'error', message: '', instance: 'main' }])).toBe(text);
});
