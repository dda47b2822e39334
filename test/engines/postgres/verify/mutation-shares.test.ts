import { sampled } from '../../../support/sample.ts';
import { isFull, thorough } from '../../../support/thorough.ts';
import { afterAll, expect, it } from 'vitest';
import { describeEachPostgres } from '../../../support/engines.ts';
import { manifestOf } from '../lifecycle/harness.ts';
import type { PostgresServer } from '../runtime.ts';
import { type Ground, ground } from './harness.ts';
import { shareGround, shareMutations } from './mutations/shares.ts';
import { leftOpen, tryOne } from './mutations/try.harness.ts';

/** Each major one part, in CI a larger one; with FULL all of it. */
const PARTS = thorough ? 6 : 12;
/** Mutations after which everything must be green again. */
const GROUP = 8;
const scores: string[] = [];

describeEachPostgres('verify notices', { versions: 'newest', whole: 'mutations' }, (server, major) => {
  it('every way in which a share opens more than it says, or less', { timeout: 900_000 }, async () => {
    const mine = sampled(
      shareMutations.filter((one) => (one.since ?? 14) <= major),
      { oneOf: isFull(`postgres${major}`, 'mutations') ? 1 : PARTS, name: `postgres${major}` },
    );
    await using made = await prepared(server());
    const missed: string[] = [];
    const open: string[] = [];
    for (let at = 0; at < mine.length; at += GROUP) {
      const group = mine.slice(at, at + GROUP);
      for (const mutation of group) missed.push(...[await tryOne(made, mutation)].filter((trouble) => trouble !== null));
      open.push(...(await leftOpen(made, group)));
    }
    scores.push(`PostgreSQL ${major}: ${mine.length - missed.length} of ${mine.length}`);
    expect({ missed, open }).toEqual({ missed: [], open: [] });
  });
});

afterAll(() => {
  if (scores.length > 0) process.stdout.write(`\nmutation score of verify, shares: ${scores.join(', ')}\n`);
});

async function prepared(server: PostgresServer): Promise<Ground> {
  await using stack = new AsyncDisposableStack();
  const made = stack.use(await ground(server, manifestOf(shareGround)));
  await made.sql(
    'h_shared',
    `SET ROLE h_a_owner; CREATE TABLE h_a.orders (id int PRIMARY KEY, note text); INSERT INTO h_a.orders VALUES (1, 'one');
     CREATE TABLE h_a.people (id int PRIMARY KEY, name text, phone text); CREATE TABLE h_a.drafts (id int);
     CREATE SEQUENCE h_a.counter; CREATE FUNCTION h_a.f() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
  );
  await made.sql(
    'h_e',
    "SET ROLE h_e_owner; CREATE TYPE mood AS ENUM ('glad'); CREATE TABLE public.people (id int PRIMARY KEY, name mood, phone text); CREATE TABLE public.drafts (id int)",
  );
  await made.place.apply();
  const { findings, cells } = await made.verify();
  expect(findings).toEqual([]);
  expect(cells.filter(({ declared }) => declared).map(({ from, to }) => `${from} ${to}`)).toContain('h_b h_a');
  stack.move();
  return made;
}
