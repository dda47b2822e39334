import process from 'node:process';

/** What is done to a child whose run is told to end, and to one whose run is gone. */
export interface Ends {
  readonly stop: () => void;
  readonly kill: () => void;
}

/** Beside a child as long as it runs: it is stopped when the signal is given, and goes when this process ends. Takes its timers along. */
export class Attended implements Disposable {
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #signal: AbortSignal;
  readonly #ends: Ends;

  constructor(signal: AbortSignal, ends: Ends) {
    this.#signal = signal;
    this.#ends = ends;
    signal.addEventListener('abort', ends.stop, { once: true });
    process.once('exit', ends.kill);
  }

  after(milliseconds: number, what: () => void): NodeJS.Timeout {
    const timer = setTimeout(what, milliseconds);
    this.#timers.add(timer);
    return timer;
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#signal.removeEventListener('abort', this.#ends.stop);
    process.removeListener('exit', this.#ends.kill);
  }
}
