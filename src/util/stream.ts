/** Values pushed by several producers, read by one consumer in the order in which they came. */
export class Stream<T> implements AsyncIterable<T> {
  readonly #values: T[] = [];
  #wake: (() => void) | null = null;
  #ended = false;
  #error: { readonly value: unknown } | null = null;

  push(value: T): void {
    this.#values.push(value);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  fail(error: unknown): void {
    this.#error = { value: error };
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      // More may come while these are read.
      while (this.#values.length > 0) yield* this.#values.splice(0);
      if (this.#ended) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    if (this.#error) throw this.#error.value;
  }
}
