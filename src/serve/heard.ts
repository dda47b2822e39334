/** After so many intervals, and at least so many milliseconds, one is late; after ten times that nobody knows whether it is there. */
const LATE = 4;
const LEAST = 30_000;
const LOST = 10;

/** When each server was last heard of. An answer that is old says nothing of now. */
export class Heard {
  readonly #at = new Map<string, number>();
  readonly #late: number;
  readonly #now: () => number;

  /** `interval`: milliseconds between two looks. `now`: a clock that nobody sets. */
  constructor(interval: number, now: () => number = () => performance.now()) {
    this.#late = Math.max(LEAST, interval * LATE);
    this.#now = now;
  }

  note(name: string): void {
    this.#at.set(name, this.#now());
  }

  forget(name: string): void {
    this.#at.delete(name);
  }

  /** Milliseconds for which nothing was heard of it; 0 where that is as it should be. */
  silence(name: string): number {
    const at = this.#at.get(name);
    const silent = at === undefined ? 0 : this.#now() - at;
    return silent > this.#late ? silent : 0;
  }

  /** True where it was heard of so long ago that nobody knows whether it is there. */
  isLost(name: string): boolean {
    return this.silence(name) > this.#late * LOST;
  }
}
