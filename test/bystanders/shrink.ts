import type { Case, Harm, Subject } from './frame.ts';
import { play } from './play.ts';

/** The same kind of harm to the same thing. */
const alike = (one: Harm, other: Harm): boolean => one.kind === other.kind && one.what === other.what && one.verb === other.verb;

/** Leaves out whatever can go while the same harm is done. Runs the case again for each try, `tries` at most. */
export async function shrink<Piece>(subject: Subject<Piece>, found: Case<Piece>, harm: Harm, tries = 40): Promise<Case<Piece>> {
  const shrinker = new Shrinker(subject, { ...found, story: found.story.slice(0, harm.move + 1) }, harm, tries);
  await shrinker.pieces();
  await shrinker.story();
  return shrinker.best;
}

class Shrinker<Piece> {
  readonly #subject: Subject<Piece>;
  readonly #harm: Harm;
  #left: number;
  best: Case<Piece>;

  constructor(subject: Subject<Piece>, found: Case<Piece>, harm: Harm, tries: number) {
    [this.#subject, this.best, this.#harm, this.#left] = [subject, found, harm, tries];
  }

  /** Halves first, then one at a time. */
  async pieces(): Promise<void> {
    for (let size = Math.ceil(this.best.pieces.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let at = 0; at < this.best.pieces.length; ) {
        const smaller = await this.#try({ ...this.best, pieces: this.best.pieces.toSpliced(at, size) });
        if (!smaller) at += size;
      }
    }
  }

  async story(): Promise<void> {
    for (let at = this.best.story.length - 2; at >= 0; at--) await this.#try({ ...this.best, story: this.best.story.toSpliced(at, 1) });
  }

  async #try(smaller: Case<Piece>): Promise<boolean> {
    if (this.#left === 0) return false;
    this.#left -= 1;
    const played = await play(this.#subject, smaller).catch(() => null);
    const same = played?.harms.some((other) => alike(this.#harm, other)) ?? false;
    if (same) this.best = smaller;
    return same;
  }
}
