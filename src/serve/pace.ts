import { setTimeout as sleep } from 'node:timers/promises';

export interface PaceOptions {
  /** Milliseconds from the end of a round to the next one. */
  readonly every: number;
  /** So many times as long as a round took, at least, is nothing done: whoever is slow is asked less often. */
  readonly rest: number;
  /** Milliseconds of rest that are never exceeded, so that what came back is seen. Default: five minutes. */
  readonly longest?: number;
  /** Ends it; a round that has begun is waited for. */
  readonly signal: AbortSignal;
  /** One round. True: it went well. Must not throw. */
  round(): Promise<boolean>;
}

const LONGEST = 300_000;

/** Milliseconds to rest after a round. Where it failed, the next one tells whether all is well again: that comes soon. */
export function restAfter(
  took: number,
  { every, rest, longest = LONGEST }: Pick<PaceOptions, 'every' | 'rest' | 'longest'>,
  wentWell: boolean,
): number {
  return Math.max(every, Math.min(took * (wentWell ? rest : Math.min(rest, 2)), longest));
}

/** Does something again and again, one round after the other. */
export class Pace {
  readonly #options: PaceOptions;
  readonly #own = new AbortController();
  readonly #signal: AbortSignal;
  readonly #done: Promise<void>;
  #nap: AbortController | null = null;
  #asked = false;

  /** Begins at once. */
  constructor(options: PaceOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#own.signal]);
    this.#done = this.#run();
  }

  /** The next round comes now, or right after the one that is under way. */
  again(): void {
    this.#asked = true;
    this.#nap?.abort();
  }

  /** No round begins any more; resolves when there is none. */
  async end(): Promise<void> {
    this.#own.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#signal.aborted) {
      this.#asked = false;
      const began = performance.now();
      const wentWell = await this.#options.round();
      await this.#rest(restAfter(performance.now() - began, this.#options, wentWell));
    }
  }

  async #rest(milliseconds: number): Promise<void> {
    if (this.#asked) return;
    this.#nap = new AbortController();
    const signal = AbortSignal.any([this.#signal, this.#nap.signal]);
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
    this.#nap = null;
  }
}
