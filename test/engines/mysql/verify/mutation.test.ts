import { untold } from '../../../support/healed.ts';
import { sampled } from '../../../support/sample.ts';
import { isFull } from '../../../support/thorough.ts';
import { afterAll, describe, expect, it } from 'vitest';
import { describeEachMysql } from '../../../support/engines-mysql.ts';
import type { MysqlServer } from '../runtime.ts';
import { ask } from '../../../../src/engines/mysql/local/client.ts';
import { accountMutations } from './mutations/accounts.ts';
import { grantMutations } from './mutations/grants.ts';
import type { Mutation } from './mutations/mutation.ts';
import { seedTables, type Ground, ground, shortly } from './harness.ts';

const all: readonly Mutation[] = [...grantMutations, ...accountMutations];
/** Each server one part; with FULL all of it. */
const PARTS = 5;
/** Mutations after which everything must be green again. */
const GROUP = 6;
const scores: string[] = [];

describeEachMysql('verify notices', { versions: 'kinds', whole: 'mutations' }, (server, version) => {
  it('every way in which a wall is broken here, and nothing once it stands again', { timeout: 1_800_000 }, async () => {
    const number = await numberOf(server());
    const here = all.filter((one) => (one.flavor ?? server().flavor) === server().flavor && (one.since ?? 0) <= number);
    const mine = sampled(here, { oneOf: isFull(version, 'mutations') ? 1 : PARTS, name: version });
    await using made = await ground(server());
    await seedTables(made);
    expect(shortly((await made.verify()).findings)).toEqual([]);
    const missed: string[] = [];
    const open: string[] = [];
    for (let at = 0; at < mine.length; at += GROUP) {
      const group = mine.slice(at, at + GROUP);
      for (const mutation of group) missed.push(...(await tryOne(made, mutation)));
      const left = shortly((await made.verify()).findings);
      if (left.length > 0) open.push(`after ${group.map((one) => one.id).join(', ')}: ${left.join('; ')}`);
    }
    scores.push(`${version}: ${mine.length - missed.length} of ${mine.length}`);
    expect({ missed, open }).toEqual({ missed: [], open: [] });
  });
});

describe('the list of mutations', () => {
  it('holds at least 40 for each kind of server, each with its own name', () => {
    for (const flavor of ['mysql', 'mariadb'])
      expect(all.filter((one) => (one.flavor ?? flavor) === flavor).length).toBeGreaterThanOrEqual(40);
    expect(new Set(all.map((one) => one.id)).size).toBe(all.length);
  });
});

afterAll(() => {
  if (scores.length > 0) process.stdout.write(`\nmutation score of verify: ${scores.join(', ')}\n`);
});

async function numberOf(server: MysqlServer): Promise<number> {
  const [row] = await ask(server, 'SELECT VERSION() AS v');
  const [major = 0, minor = 0, patch = 0] = String(row?.['v']).split(/[.-]/, 3).map(Number);
  return major * 10_000 + minor * 100 + patch;
}

/** [] where it was seen by the right probe and the next apply, with what it cannot correct taken back by hand, has closed it. */
async function tryOne(made: Ground, mutation: Mutation): Promise<readonly string[]> {
  try {
    for (const sql of mutation.sql) await made.place.root(sql);
  } catch (error) {
    return [`${mutation.id}: could not be made: ${String(error)}`];
  }
  const seen = (await made.verify()).findings;
  const left = mutation.undo === undefined ? [] : await leftBy(made);
  for (const sql of mutation.undo ?? []) await made.place.root(sql);
  const { ending, diagnostics } = await made.place.apply();
  const told = left.map((one) => `${mutation.id}: an apply leaves it, and nothing says what closes it: ${one}`);
  const trouble =
    ending === 'done' || ending === 'nothing-to-do'
      ? told
      : [...told, `${mutation.id}: apply ended ${String(ending)}: ${JSON.stringify(diagnostics)}`];
  if (seen.some((finding) => mutation.seenBy.includes(finding.probe) && finding.half !== 'disagreement')) return trouble;
  const instead = [...new Set(seen.map((finding) => finding.probe))].join(' ') || 'nothing';
  return [...trouble, `${mutation.id}: seen as ${instead} instead of ${mutation.seenBy.join(' ')}`];
}

/** What an apply does not manage says itself how it ends. */
async function leftBy(made: Ground): Promise<readonly string[]> {
  await made.place.apply();
  return untold((await made.verify()).findings);
}
