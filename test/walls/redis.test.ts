import { test } from 'vitest';
import { describeEachRedis } from '../support/engines-redis.ts';
import { isFull, thorough } from '../support/thorough.ts';
import { RedisWalls } from './redis/ground.ts';
import { mutations } from './redis/mutations.ts';
import { agree, countOf } from './suite.ts';

describeEachRedis('verify and a login that tries everything', { whole: 'worlds' }, (server, version) => {
  const count = countOf(isFull(version, 'worlds') ? 400 : thorough ? 40 : 6);

  test('agree on whatever gives somebody something', { timeout: 60_000 + count * 30_000 }, async () => {
    await using walls = await RedisWalls.build(server());
    await agree(version, walls, mutations, count, MEANT);
  });
});

/** What the manifest gives: a reader reads, and the operator `watch` monitors. */
const MEANT: readonly string[] = [
  'r_lens learns of r_a',
  'r_lens reads r_a',
  ...['CLIENT LIST', 'CONFIG GET', 'SCAN 0', 'SLOWLOG GET'].map((what) => `watch does ${what}`),
  ...['r_a', 'r_b', 'r_c', 'r_gone'].map((app) => `watch learns of ${app}`),
];
