import { expect } from 'vitest';
import type { VerifyReport } from '../../src/model/index.ts';
import { sampled, seed } from '../support/sample.ts';

/** `WALLS=500 SEED=7` asks for more, `WALLS_ONLY=view` for some of a name. */
const { WALLS, WALLS_ONLY, SEED = '' } = process.env;
/** The same ones each day until all of them have run. */
const FIRST = SEED === '' ? 1 : seed;
/** They say that something is worth a look, or that a right is not asked for, and stop nobody. */
const ADVICE = /^PG-(S33|E1b|E2b?|E3)$/;

/** What somebody got to do to somebody else, with what did it. */
export type Effects = ReadonlyMap<string, string>;
type Proof = Pick<VerifyReport, 'findings' | 'residual'>;

/** A server with apps on it that can be broken and put back. */
export interface Broken<M> {
  change(mutation: M): Promise<void>;
  /** What everybody gets to do to others, where the mutation can have changed it. */
  effects(mutation?: M): Promise<Effects>;
  analyse(): Promise<Proof>;
  verify(): Promise<Proof>;
  reset(): Promise<void>;
}

type Verdict = 'seen' | 'latent' | 'missed' | 'red' | 'quiet' | 'impossible';

/** One way to break a wall. `latent`: nobody gets anything by it yet, and somebody does after one more act. */
export interface Breaking {
  readonly id: string;
  readonly latent?: boolean;
}

interface Tried {
  readonly verdict: Verdict;
  readonly words: string;
}

/** How many of a list to try; `usual` unless the run asks for another number. */
export const countOf = (usual: number): number => (WALLS === undefined || WALLS === '' ? usual : Number(WALLS));

/** Breaks the walls one way after the other: whatever gives somebody something has to be red. `meant`: what they may do at the start. */
export async function agree<M extends Breaking>(
  name: string,
  walls: Broken<M>,
  list: readonly M[],
  count: number,
  meant: readonly string[],
): Promise<void> {
  const before = await walls.effects();
  expect([...before.keys()].sort()).toEqual([...meant].sort());
  const mine = list.filter(({ id }) => WALLS_ONLY === undefined || id.includes(WALLS_ONLY));
  const score: Record<Verdict, string[]> = { seen: [], latent: [], missed: [], red: [], quiet: [], impossible: [] };
  for (const mutation of sampled(mine, { oneOf: Math.max(1, Math.ceil(mine.length / count)), name }, FIRST)) {
    const { verdict, words } = await tried(walls, mutation, before);
    score[verdict].push(`${mutation.id}: ${words}`);
    if (verdict === 'missed') process.stdout.write(`${name} missed ${mutation.id}: ${words}\n`);
    await walls.reset();
  }
  const said = Object.entries(score).map(([verdict, lines]) => `${lines.length} ${verdict}`);
  const alarms = [
    ...score.red.map((line) => `red, and nobody got anything: ${line}`),
    ...score.impossible.map((line) => `impossible: ${line}`),
  ];
  console.info([`${name}: ${said.join(', ')}`, ...alarms].join('\n'));
  expect(score.missed).toEqual([]);
}

async function tried<M extends Breaking>(walls: Broken<M>, mutation: M, before: Effects): Promise<Tried> {
  try {
    await walls.change(mutation);
  } catch (error) {
    return { verdict: 'impossible', words: String(error) };
  }
  const now = await walls.effects(mutation);
  const opened = [...now].filter(([effect]) => !before.has(effect)).map(([effect, by]) => `${effect} by ${by}`);
  // The operator's half alone, where that suffices.
  const found = redIn(await walls.analyse());
  const all = opened.length > 0 && found.length === 0 ? redIn(await walls.verify()) : found;
  const words = [opened.slice(0, 3).join(' | '), [...new Set(all)].join(' ')].join(' -- ');
  if (opened.length > 0) return { verdict: all.length > 0 ? 'seen' : 'missed', words };
  if (all.some((one) => one.startsWith('BREACH'))) return { verdict: 'red', words };
  if (all.some((one) => one.startsWith('LATENT'))) return { verdict: 'latent', words };
  return { verdict: mutation.latent === true ? 'missed' : 'quiet', words };
}

const redIn = ({ findings, residual }: Proof): readonly string[] => [
  ...findings.map(({ verdict, probe }) => `${verdict} ${probe}`),
  ...residual.flatMap(({ probe }) => (ADVICE.test(probe) ? [probe] : [])),
];
