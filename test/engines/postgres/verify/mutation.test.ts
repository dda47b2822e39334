import { afterAll, describe, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { sampled } from '../../../support/sample.ts';
import { isFull, thorough } from '../../../support/thorough.ts';
import type { PostgresServer } from '../runtime.ts';
import { databaseMutations } from './mutations/databases.ts';
import type { Mutation } from './mutations/mutation.ts';
import { leftOpen, tryOne } from './mutations/try.harness.ts';
import { roleMutations } from './mutations/roles.ts';
import { sharedMutations } from './mutations/shared.ts';
import { type Ground, seedTables, ground } from './harness.ts';

const all: readonly Mutation[] = [...roleMutations, ...databaseMutations, ...sharedMutations];
/** Each day one part on the newest major, in CI a larger one on two; with FULL all on all. */
const partsOn = (version: string): number => (isFull(version, 'mutations') ? 1 : thorough ? 8 : 20);
/** Mutations after which everything must be green again. */
const GROUP = 4;
const scores: string[] = [];

describeEachPostgres('verify notices', { versions: 'newest', whole: 'mutations' }, (server, major) => {
  it('every way in which a wall is broken here, and nothing once it stands again', { timeout: 1_800_000 }, async () => {
    const mine = sampled(
      all.filter((one) => (one.since ?? 14) <= major),
      { oneOf: partsOn(`postgres${major}`), name: `postgres${major}` },
    );
    await using made = await prepared(server());
    const missed: string[] = [];
    const open: string[] = [];
    for (let at = 0; at < mine.length; at += GROUP) {
      const group = mine.slice(at, at + GROUP);
      for (const mutation of group) {
        const trouble = await tryOne(made, mutation);
        if (trouble !== null) missed.push(trouble);
      }
      open.push(...(await leftOpen(made, group)));
    }
    scores.push(`PostgreSQL ${major}: ${mine.length - missed.length} of ${mine.length}`);
    expect({ missed, open }).toEqual({ missed: [], open: [] });
  });
});

describe('the list of mutations', () => {
  it('holds at least 120, each with its own name', () => {
    expect(all.length).toBeGreaterThanOrEqual(120);
    expect(new Set(all.map((one) => one.id)).size).toBe(all.length);
  });
});

afterAll(() => {
  if (scores.length > 0) process.stdout.write(`\nmutation score of verify: ${scores.join(', ')}\n`);
});

async function prepared(server: PostgresServer): Promise<Ground> {
  await using stack = new AsyncDisposableStack();
  const made = stack.use(await ground(server));
  await made.sql('postgres', "CREATE ROLE stranger LOGIN PASSWORD 'unknown'");
  await seedTables(made);
  expect((await made.verify()).findings).toEqual([]);
  stack.move();
  return made;
}
