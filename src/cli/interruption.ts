/** Ctrl-C: the first one asks the work to stop and says what is half done, the second one ends the process. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #say: (text: string) => void;
  #underWay: () => readonly string[] = () => [];

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Names what would be half done if the process stopped now. */
  watch(underWay: () => readonly string[]): void {
    this.#underWay = underWay;
  }

  interrupt(): 'first' | 'again' {
    if (this.signal.aborted) return 'again';
    const half = this.#underWay();
    const state = half.length === 0 ? 'Nothing is half done.' : `Under way, and finished or rolled back first: ${half.join('; ')}.`;
    this.#say(`\nInterrupted. ${state} Press Ctrl-C again to stop at once.`);
    this.#controller.abort(new Error('interrupted'));
    return 'first';
  }
}
