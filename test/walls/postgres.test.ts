import { expect, test } from 'vitest';
import type { VerifyReport } from '../../src/model/index.ts';
import { describeEachPostgres } from '../support/engines.ts';
import { sampled, seed } from '../support/sample.ts';
import { isFull, thorough } from '../support/thorough.ts';
import { DATABASES, Walls } from './postgres/ground.ts';
import { type Mutation, mutations } from './postgres/mutations.ts';

/** How many of some thousands: each takes about two seconds. `WALLS=500 SEED=7` asks for more, `WALLS_ONLY=view` for some of a name. */
const { WALLS, WALLS_ONLY, SEED = '' } = process.env;
/** The same ones each day until all of them have run. */
const FIRST = SEED === '' ? 1 : seed;
/** They say that something is worth a look, or that a right is not asked for, and stop nobody. */
const ADVICE = /-(S33|E1b|E2b?|E3)$/;

type Verdict = 'seen' | 'missed' | 'red' | 'quiet' | 'impossible';

describeEachPostgres('verify and a login that tries everything', { versions: 'newest' }, (server, major) => {
  const count = WALLS === undefined || WALLS === '' ? (isFull(`postgres${major}`) ? mutations.length : thorough ? 40 : 5) : Number(WALLS);
  const mine = mutations.filter(({ id, since = 14 }) => since <= major && (WALLS_ONLY === undefined || id.includes(WALLS_ONLY)));

  test('agree on whatever gives somebody something', { timeout: 60_000 + count * 60_000 }, async () => {
    await using walls = await Walls.build(server());
    const before = await walls.effects();
    expect([...before.keys()].sort()).toEqual(MEANT);
    const score: Record<Verdict, string[]> = { seen: [], missed: [], red: [], quiet: [], impossible: [] };
    for (const mutation of sampled(mine, { oneOf: Math.max(1, Math.ceil(mine.length / count)), name: `walls${major}` }, FIRST)) {
      const { verdict, words } = await tried(walls, mutation, new Set(before.keys()));
      score[verdict].push(`${mutation.id}: ${words}`);
      await walls.reset();
    }
    const said = Object.entries(score).map(([verdict, list]) => `${list.length} ${verdict}`);
    console.info(
      [`PostgreSQL ${major}: ${said.join(', ')}`, ...score.red.map((line) => `red, and nobody got anything: ${line}`)].join('\n'),
    );
    expect(score.missed).toEqual([]);
  });
});

/** What the manifest gives: a reader reads, and logins act as the groups of their apps. */
const MEANT = [
  ...['m_a_ro', 'm_s_ro', 'm_shared_tenants'].map((role) => `m_lens_user becomes ${role}`),
  ...['m_a', 'm_s'].map((app) => `m_lens_user reads ${app}`),
  ...['m_a', 'm_b', 'm_s', 'm_t'].map((app) => `${app}_user becomes ${app}_rw`),
  ...['m_s', 'm_t'].map((app) => `${app}_user becomes m_shared_tenants`),
  ...['m_x', 'm_y'].map((app) => `${app}_user becomes m_pool_rw`),
].sort();

async function tried(
  walls: Walls,
  mutation: Mutation,
  before: ReadonlySet<string>,
): Promise<{ readonly verdict: Verdict; readonly words: string }> {
  try {
    await walls.ground.sql(mutation.in, mutation.sql);
  } catch (error) {
    return { verdict: 'impossible', words: String(error) };
  }
  const now = await walls.effects(mutation.everywhere ? DATABASES : [mutation.in]);
  const opened = [...now].filter(([effect]) => !before.has(effect)).map(([effect, by]) => `${effect} by ${by}`);
  // The operator's half alone, where that suffices.
  const found = redIn(await walls.ground.analyse());
  const all = opened.length > 0 && found.length === 0 ? redIn(await walls.ground.verify()) : found;
  const words = [opened.slice(0, 3).join(' | '), [...new Set(all)].join(' ')].join(' -- ');
  if (opened.length > 0) return { verdict: all.length > 0 ? 'seen' : 'missed', words };
  return { verdict: all.some((one) => one.startsWith('BREACH')) ? 'red' : 'quiet', words };
}

const redIn = ({ findings, residual }: Pick<VerifyReport, 'findings' | 'residual'>): readonly string[] => [
  ...findings.map(({ verdict, probe }) => `${verdict} ${probe}`),
  ...residual.flatMap(({ probe }) => (ADVICE.test(probe) ? [probe] : [])),
];
