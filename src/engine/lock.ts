import { hostname, userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LockOutcome } from './session.ts';
import { Closers } from '../util/closers.ts';

/** Milliseconds between two looks. */
const POLL = 50;

/** How a run calls itself, where a server shows who holds a lock. */
export function runName(verb: string): string {
  return `cotenant ${verb} ${userInfo().username}@${hostname()} pid ${process.pid}`;
}

/** How long is waited: until `end`, in milliseconds of `performance.now()`. */
export interface Wait {
  readonly end: number;
  readonly signal: AbortSignal;
  /** Milliseconds between two looks; longer than usual where a look is dear. */
  readonly pause?: number;
}

/** What is in the way when the time is up; null: nothing is any more. Looks once in any case. */
export async function waitUntilFree<T>({ end, signal, pause = POLL }: Wait, look: () => Promise<T | null>): Promise<T | null> {
  for (;;) {
    const held = await look();
    const left = end - performance.now();
    if (held === null || left <= 0 || signal.aborted) return held;
    await sleep(Math.min(pause, Math.max(1, left)));
  }
}

/** A lock that a connection of its own keeps until it closes. It closes at once where there is none, or taking it fails. */
export async function lockedOn<C extends AsyncDisposable, O extends LockOutcome>(connection: C, take: (on: C) => Promise<O>): Promise<O> {
  await using stack = new Closers();
  stack.use(connection);
  const outcome = await take(connection);
  if (outcome.ok) stack.move();
  return outcome;
}
