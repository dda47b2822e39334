import { test } from 'vitest';
import { describeEachPostgres } from '../support/engines.ts';
import { isFull, thorough } from '../support/thorough.ts';
import { Walls } from './postgres/ground.ts';
import { more, mutations } from './postgres/mutations.ts';
import { agree, countOf } from './suite.ts';

describeEachPostgres('verify and a login that tries everything', { versions: 'newest', whole: 'worlds' }, (server, major) => {
  const mine = mutations.filter(({ since = 14 }) => since <= major);
  const count = countOf(isFull(`postgres${major}`, 'worlds') ? 150 : thorough ? 25 : 4);

  test('agree on whatever gives somebody something', { timeout: 60_000 + count * 75_000 }, async () => {
    await using walls = await Walls.build(server());
    await agree(`postgres${major}`, walls, mine, count, MEANT);
    const second = more.filter(({ since = 14 }) => since <= major);
    await agree(`postgres${major}, pairs`, walls, second, Math.ceil(count / 5), MEANT);
  });
});

/** What the manifest gives: a reader reads, and logins act as the groups of their apps. */
const MEANT: readonly string[] = [
  ...['m_a_ro', 'm_s_ro', 'm_shared_tenants'].map((role) => `m_lens_user becomes ${role}`),
  ...['m_a', 'm_s'].map((app) => `m_lens_user reads ${app}`),
  ...['m_a', 'm_b', 'm_s', 'm_t'].map((app) => `${app}_user becomes ${app}_rw`),
  ...['m_s', 'm_t'].map((app) => `${app}_user becomes m_shared_tenants`),
  ...['m_x', 'm_y'].map((app) => `${app}_user becomes m_pool_rw`),
];
