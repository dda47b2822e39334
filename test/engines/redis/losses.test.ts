import { describe, expect, it } from 'vitest';
import { lossesBetween } from '../../../src/engines/redis/losses.ts';
import type { Grant } from '../../../src/engines/redis/rights.ts';

const grant = (keys: string, commands: string, more: Partial<Grant> = {}): Grant => ({
  keys: keys.split(' ').filter((one) => one !== ''),
  commands,
  channels: [],
  databases: 'all',
  writes: true,
  keyed: true,
  ...more,
});

describe('what somebody can do less', () => {
  const cases: readonly (readonly [string, readonly Grant[], readonly Grant[], readonly string[]])[] = [
    ['nothing', [grant('a:*', 'get set')], [grant('a:*', 'get set')], []],
    ['nothing, with more than before', [grant('a:*', 'get')], [grant('* b', 'get set')], []],
    ['nothing, with a wider prefix', [grant('a:b:*', 'get')], [grant('a:*', 'get')], []],
    ['nothing, by a selector', [grant('a:*', 'get')], [grant('', ''), grant('a:*', 'get')], []],
    ['a command', [grant('a:*', 'get keys client|list')], [grant('a:*', 'get')], ['run CLIENT LIST, KEYS']],
    ['keys', [grant('a:* b:*', 'get')], [grant('a:*', 'get')], ['keys b:*']],
    ['writing', [grant('a:*', 'get')], [grant('%R~a:*', 'get')], ['keys a:*']],
    ['keys to read', [grant('%R~a:*', 'get')], [grant('%W~a:*', 'get')], ['keys a:* (to read)']],
    ['a pattern that is no prefix', [grant('a[bc]:*', 'get')], [grant('ab:*', 'get')], ['keys a[bc]:*']],
    ['channels', [grant('', 'publish', { channels: ['*'] })], [grant('', 'publish', { channels: ['a:*'] })], ['channels *']],
    ['databases', [grant('*', 'get')], [grant('*', 'get', { databases: '1' })], ['databases other than those it is held in']],
    ['one database', [grant('*', 'get', { databases: '1,2' })], [grant('*', 'get', { databases: '1' })], ['database 2']],
    [
      'a command where it was',
      [grant('a', 'get'), grant('b', 'set')],
      [grant('a', 'set'), grant('b', 'get')],
      ['what its rules allow together on a', 'what its rules allow together on b'],
    ],
  ];
  it.each(cases)('%s', (_, before, after, lost) => {
    expect(lossesBetween(before, after)).toEqual(lost);
  });
});
