import { randomFor } from '../support/sample.ts';
import { isFull } from '../support/thorough.ts';
import { rows, up } from './ways.ts';

type Place = Parameters<typeof up>[0];

export const REVISIONS = ['1_a', '2_b', '3_c'] as const;
const VICTIMS = ['cotenant', 'tool', 'server'] as const;
export type Victim = (typeof VICTIMS)[number];

/** Kills each of them at drawn moments out of so many, and gives what was wrong afterwards. */
export async function killedAtMoments(
  version: string,
  total: number,
  tried: (victim: Victim, moment: number, isLost: boolean) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const random = randomFor(`migrate up is killed on ${version}`);
  const wrong: string[] = [];
  for (let round = isFull(version, 'moments') ? 6 : 1; round > 0; round -= 1)
    for (const victim of VICTIMS) wrong.push(...(await tried(victim, 1 + random.below(total), random.chance(0.5))));
  return wrong;
}

/** What a run that nobody disturbs does not bring to its end. */
export async function leftUndone(place: Place, apps: readonly string[]): Promise<readonly string[]> {
  const came = await up(place, {}, { lockTimeout: 60_000 });
  const wrong = came.ending === 'done' || came.ending === 'nothing-to-do' ? [] : [`${came.ending}: ${came.diagnostics.join()}`];
  const after = await rows(place);
  const last = REVISIONS.at(-1);
  for (const app of apps) if (after[app]?.state !== 'current' || after[app].current.join() !== last) wrong.push(JSON.stringify(after[app]));
  return wrong;
}
