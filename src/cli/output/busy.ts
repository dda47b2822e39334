import type { HumanSide } from './base.ts';

/** Where nobody looks at a terminal, a line says that it works after this long, and again each time. Milliseconds. */
const FIRST = 2000;
const AGAIN = 10_000;
/** How often a line at the foot of the screen is written anew, so that its seconds go on. Milliseconds. */
const TICK = 1000;

/** Says that a command works, and how far it is: at a terminal in a line at the foot of the screen; elsewhere in lines, as long as it takes. */
export class BusyLine implements Disposable {
  readonly #human: HumanSide;
  readonly #text: string;
  readonly #since = performance.now();
  #far = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(human: HumanSide, text: string) {
    this.#human = human;
    this.#text = text;
    if (human.quiet) return;
    if (human.hasFoot) {
      human.foot(this.#line());
      this.#timer = setInterval(() => human.foot(this.#line()), TICK).unref();
    } else this.#again(FIRST);
  }

  /** `all`: how many are known so far. */
  far(done: number, all: number, of: string): void {
    this.#far = all === 0 ? '' : `${done} of ${all} ${of}`;
    this.#human.foot(this.#line());
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#human.foot('');
  }

  #again(after: number): void {
    this.#timer = setTimeout(() => {
      this.#human.say(this.#line());
      this.#again(AGAIN);
    }, after).unref();
  }

  /** `Reading the servers… 2 of 3 servers, 5 s`. */
  #line(): string {
    const seconds = Math.floor((performance.now() - this.#since) / 1000);
    const far = [this.#far, seconds * 1000 < FIRST ? '' : `${seconds} s`].filter((one) => one !== '').join(', ');
    return `${this.#text}…${far === '' ? '' : ` ${far}`}`;
  }
}
