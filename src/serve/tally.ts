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
    return (wentWell) => {
      this.note({ ...question, seconds: (performance.now() - began) / 1000, failed: !wentWell });
      return wentWell;
    };
  }

  /** One that is over. */
  note({ engine, instance, query, seconds, failed }: Question & { readonly seconds: number; readonly failed: boolean }): void {
    const key = JSON.stringify([engine, instance, query]);
    const { errors = 0, lastSuccess = null } = this.#counted.get(key) ?? {};
    const question = { engine, instance, query };
    this.#counted.set(key, { ...question, seconds, errors: failed ? errors + 1 : errors, lastSuccess: failed ? lastSuccess : Date.now() });
  }

  /** What was asked of instances that are gone is nobody's any more. */
  keep(instances: ReadonlySet<string>): void {
    for (const [key, { instance }] of this.#counted) if (instance !== '' && !instances.has(instance)) this.#counted.delete(key);
  }

  all(): readonly Counted[] {
    return [...this.#counted.values()];
  }
}
