/** What was asked, and of whom; '' where it is nobody's in particular. */
export interface Question {
  readonly engine: string;
  readonly instance: string;
  readonly query: string;
}

export interface Counted extends Question {
  /** Seconds that the last one took. */
  readonly seconds: number;
  readonly errors: number;
  /** Milliseconds since 1970 at which one went well; null: none did. */
  readonly lastSuccess: number | null;
}

/** How long questions took, and how many failed. */
export class Tally {
  readonly #counted = new Map<string, Counted>();

  /** Call what it gives when the answer is there; it gives back whether all went well. */
  begin(question: Question): (wentWell: boolean) => boolean {
    const began = performance.now();
    const key = JSON.stringify(question);
    return (wentWell) => {
      const { errors = 0, lastSuccess = null } = this.#counted.get(key) ?? {};
      this.#counted.set(key, {
        ...question,
        seconds: (performance.now() - began) / 1000,
        errors: wentWell ? errors : errors + 1,
        lastSuccess: wentWell ? Date.now() : lastSuccess,
      });
      return wentWell;
    };
  }

  all(): readonly Counted[] {
    return [...this.#counted.values()];
  }
}
