import { setTimeout as sleep } from 'node:timers/promises';
import { atMost, type Bench, figure, type Row } from './part.ts';
import type { Timed } from './process.ts';
import { spentByServer } from './processor.ts';
import { ratio, ratios, spread } from './stats.ts';

/** Milliseconds in which a server's own processes end after their client. */
const GOODBYE = 300;

/** Of each run, in milliseconds: the time that passed, and the processor time of the process with its children and of the server. */
export interface Measured {
  readonly wall: readonly number[];
  readonly cpu: readonly number[];
  readonly server: readonly number[];
}

type Once = () => Promise<Timed>;

/** Two in turn, after a first time that does not count, and each first every other time: what the one leaves warm, the other finds. */
export async function inTurn(
  bench: Bench,
  { runs, server }: { readonly runs: number; readonly server: number },
  [one, other]: readonly [Once, Once],
  before: () => Promise<void> = async () => await Promise.resolve(),
): Promise<readonly [Measured, Measured]> {
  const kept = [one, other].map((once) => ({ once, wall: [] as number[], cpu: [] as number[], server: [] as number[] }));
  for (let run = 0; run <= runs; run++) {
    bench.say(run === 0 ? 'warming up' : `run ${run} of ${runs}`);
    await before();
    for (const mine of run % 2 === 0 ? kept : kept.toReversed()) {
      const spent = await spentByServer(server);
      const { wall, cpu } = await mine.once();
      await sleep(GOODBYE);
      const served = (await spentByServer(server)) - spent;
      if (run === 0) continue;
      mine.wall.push(wall);
      mine.cpu.push(cpu);
      mine.server.push(served);
    }
  }
  const [first, second] = kept;
  if (!first || !second) throw new Error('two are compared');
  return [first, second];
}

/** Both, and what the first comes to beside the second. */
export function rowsOf(
  [ours, floor]: readonly [Measured, Measured],
  [what, beside]: readonly [string, string],
  target: number,
): readonly Row[] {
  const all = ({ cpu, server }: Measured): readonly number[] => cpu.map((value, at) => value + (server[at] ?? Number.NaN));
  const rows = [
    figure(what, spread(ours.wall)),
    figure(beside, spread(floor.wall)),
    atMost(`${what} / ${beside}`, ratio(ours.wall, floor.wall), target, 'x'),
  ];
  if (all(ours).some(Number.isNaN)) return rows;
  return [
    ...rows,
    figure(`${what}, processor time`, `${spread(ours.cpu)}, the server ${spread(ours.server)}`),
    figure(`${beside}, processor time`, `${spread(floor.cpu)}, the server ${spread(floor.server)}`),
    figure('processor time without the server, one / other', ratios(ours.cpu, floor.cpu)),
    atMost('processor time with the server, one / other', ratio(all(ours), all(floor)), target, 'x'),
  ];
}
