import { mapPool } from '../util/pool.ts';
import { Stream } from '../util/stream.ts';
import type { AttackPlan, Attempt } from './verify.ts';

/** What one app or reader tries. `first` on one of them only, for what need not be tried by all. */
export type Attacker = (
  attacker: { readonly from: string; readonly to: readonly string[]; readonly first: boolean },
  push: (attempt: Attempt) => void,
) => Promise<void>;

/**
 * The attempts of every attacker of a plan, `width` attackers at a time, as they come. After the plan's signal, or when nobody
 * reads on, no other attacker begins, and the ones at work are waited for.
 */
export async function* attackEach(plan: AttackPlan, width: number, attack: Attacker): AsyncGenerator<Attempt> {
  const stream = new Stream<Attempt>();
  const stop = new AbortController();
  const signal = AbortSignal.any([plan.signal, stop.signal]);
  const [first] = plan.pairs.keys();
  const work = mapPool([...plan.pairs], width, async ([from, to]) => {
    if (!signal.aborted) await attack({ from, to, first: from === first }, (attempt) => stream.push(attempt));
  });
  const ended = work.then(
    () => stream.end(),
    (error: unknown) => stream.fail(error),
  );
  try {
    yield* stream;
  } finally {
    stop.abort();
    await ended;
  }
}
