/** What has to be closed, the last first: an AsyncDisposableStack, which Node 22 has not. */
export class Closers implements AsyncDisposable {
  #open: AsyncDisposable[] = [];

  use<T extends AsyncDisposable>(one: T): T {
    this.#open.push(one);
    return one;
  }

  /** Gives what is open to another one: this one closes nothing any more. */
  move(): Closers {
    const other = new Closers();
    other.#open = this.#open;
    this.#open = [];
    return other;
  }

  /** Closes each, whatever fails; then rejects with the first that did. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    const all = this.#open.reverse();
    this.#open = [];
    for (const one of all) {
      try {
        await one[Symbol.asyncDispose]();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
