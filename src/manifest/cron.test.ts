import { expect, it } from 'vitest';
import { isCron } from './cron.ts';

it.each(['0 3 * * *', '*/15 0-6 1,15 jan-mar mon-fri', '59 23 31 12 7', '0  3 * * SUN', '5 4-20/4 * * 0'])('%s is a time', (text) => {
  expect(isCron(text)).toBe(true);
});

it.each([
  '',
  '@daily',
  'nightly',
  '0 3 * *',
  '0 3 * * * *',
  '60 3 * * *',
  '0 24 * * *',
  '0 3 0 * *',
  '0 3 * 13 *',
  '0 3 * * 8',
  '5-1 3 * * *',
  '*/0 3 * * *',
  '1/5 3 * * *',
  '*-5 3 * * *',
  '0 3 * * monday',
  '0,, 3 * * *',
  '0 3 * constructor *',
])('%s is none', (text) => {
  expect(isCron(text)).toBe(false);
});
