import { untold } from '../../../support/healed.ts';
import { isFull, thorough } from '../../../support/thorough.ts';
import { sampled } from '../../../support/sample.ts';
import { afterAll, describe, expect, it } from 'vitest';
import { describeEachRedis } from '../../../support/engines-redis.ts';
import { manifestOf, type Workplace, workplace } from '../lifecycle/harness.ts';
import type { Version } from '../../../../src/engines/redis/local/find.ts';
import { mutations } from './mutations/all.ts';
import type { Mutation } from './mutations/mutation.ts';

const manifest = manifestOf(`apps:
  m_a: { uses: { main: {} } }
  m_a2: { uses: { main: {} } }
  m_b: { uses: { main: {} } }
  m_s: { uses: { main: { relax: { scripting: true, sort: true } } } }
readers:
  m_lens: { reads: [m_a, m_s] }
`);

/** Each version one part, in CI all of it on the newest; with FULL all on all. */
const PARTS = 4;
/** Mutations after which everything must be green again. */
const GROUP = 6;
const scores: string[] = [];

describeEachRedis('verify notices', { whole: 'mutations' }, (server, version) => {
  it('every way in which a wall is broken here, and nothing once it stands again', { timeout: 1_800_000 }, async () => {
    const all = isFull(version, 'mutations') || (thorough && version === 'valkey91');
    const mine = sampled(
      mutations.filter((one) => isFor(one, version)),
      { oneOf: all ? 1 : PARTS, name: version },
    );
    await using place = await workplace(server(), manifest);
    expect((await place.apply()).ending).toBe('done');
    expect((await place.verify()).findings).toEqual([]);
    const missed: string[] = [];
    const open: string[] = [];
    for (let at = 0; at < mine.length; at += GROUP) {
      const group = mine.slice(at, at + GROUP);
      for (const one of group) missed.push(...(await tryOne(place, one)));
      const left = (await place.verify()).findings.map(({ probe, from, to }) => `${probe} ${from} -> ${to}`);
      if (left.length > 0) open.push(`after ${group.map(({ id }) => id).join(', ')}: ${left.join('; ')}`);
    }
    scores.push(`${version}: ${mine.length - missed.length} of ${mine.length}`);
    expect({ missed, open }).toEqual({ missed: [], open: [] });
  });
});

describe('the list of mutations', () => {
  it('holds at least 40, each with its own name', () => {
    expect(mutations.length).toBeGreaterThanOrEqual(90);
    expect(new Set(mutations.map(({ id }) => id)).size).toBe(mutations.length);
  });
});

afterAll(() => {
  if (scores.length > 0) process.stdout.write(`\nmutation score of verify: ${scores.join(', ')}\n`);
});

function isFor(one: Mutation, version: Version): boolean {
  return one.versions === undefined || one.versions.includes(version);
}

/** [] where it was seen by the right probe. */
async function tryOne(place: Workplace, { id, commands, seenBy, undo }: Mutation): Promise<readonly string[]> {
  for (const command of commands) await send(place, command);
  const { findings } = await place.verify();
  const left = undo.length === 0 ? [] : await leftBy(place);
  for (const command of undo) await send(place, command);
  await place.apply();
  if (left.length > 0) return left.map((one) => `${id}: an apply leaves it, and nothing says what closes it: ${one}`);
  if (findings.some(({ probe }) => seenBy.includes(probe) || seenBy.includes(`RD-${probe}`))) return [];
  const instead = [...new Set(findings.map(({ probe }) => probe))].join(' ') || 'nothing';
  return [`${id}: seen as ${instead} instead of ${seenBy.join(' ')}`];
}

/** What an apply does not manage says itself how it ends. */
async function leftBy(place: Workplace): Promise<readonly string[]> {
  await place.apply();
  return untold((await place.verify()).findings);
}

async function send(place: Workplace, command: string): Promise<void> {
  const name = /<hash of (\w+)>/.exec(command)?.[1];
  const line =
    name === undefined
      ? ''
      : String(await place.admin('ACL', 'LIST'))
          .split(',')
          .find((one) => one.startsWith(`user ${name} `));
  const hash = /#([0-9a-f]{64})/.exec(line ?? '')?.[1] ?? '';
  const words = command.replace(/<hash of \w+>/, hash).match(/\([^)]*\)|\S+/g) ?? [];
  await place.admin(...words);
}
