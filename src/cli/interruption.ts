import { unlessAborted } from '../util/abort.ts';

/** Signals that ask a command to end, with the exit code that a shell gives a process which one of them ended. */
const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export type StopSignal = keyof typeof codes;

/** Ctrl-C, or a request to end: the first one asks the work to stop and says what is half done, the second one ends the process. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #say: (text: string) => void;
  #underWay: () => readonly string[] = () => [];
  #readOnly = false;
  #takenBy: ((signal: StopSignal) => void) | null = null;
  #code: (typeof codes)[StopSignal] = codes.SIGINT;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code of what was interrupted. */
  get code(): (typeof codes)[StopSignal] {
    return this.#code;
  }

  /** Names what would be half done if the process stopped now. */
  watch(underWay: () => readonly string[]): void {
    this.#underWay = underWay;
  }

  /** Rejects when it is interrupted: for a command that changes nothing, and so can end at once. */
  endsAtOnce(): Promise<never> {
    this.#readOnly = true;
    return unlessAborted(new Promise<never>(() => undefined), this.signal);
  }

  /** Until the function is called that it gives: nothing is under way, so that one Ctrl-C is enough. */
  standsStill(): () => void {
    const before = this.#readOnly;
    this.#readOnly = true;
    return () => {
      this.#readOnly = before;
    };
  }

  /** From now on signals are another process's to answer, or nobody's again. */
  handTo(taker: ((signal: StopSignal) => void) | null): void {
    this.#takenBy = taker;
  }

  interrupt(by: StopSignal = 'SIGINT'): 'first' | 'again' {
    if (this.#takenBy) {
      this.#takenBy(by);
      return 'first';
    }
    if (this.signal.aborted) return 'again';
    this.#code = codes[by];
    if (this.#readOnly) this.#say('\nInterrupted.');
    else {
      const half = this.#underWay();
      const state =
        half.length === 0 ? 'Nothing is left half done.' : `In progress, will be finished or rolled back first: ${half.join('; ')}.`;
      this.#say(`\nInterrupted. ${state} Press Ctrl-C again to stop at once.`);
    }
    this.#controller.abort(new Error('interrupted'));
    return 'first';
  }
}
