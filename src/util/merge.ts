import { Stream } from './stream.ts';

/** The values of several generators as they come, until all have ended. */
export async function* merge<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const stream = new Stream<T>();
  const pump = async (source: AsyncIterable<T>): Promise<void> => {
    for await (const value of source) stream.push(value);
  };
  void Promise.all(sources.map(pump)).then(
    () => stream.end(),
    (error: unknown) => stream.fail(error),
  );
  yield* stream;
}

/**
 * What each work gives, as they end. A defect in one fails the stream when nothing runs any more, and a consumer that goes away
 * waits for the same: nothing goes on behind a stream that has ended.
 */
export async function* asTheyEnd<T>(works: readonly (() => Promise<T>)[]): AsyncGenerator<T> {
  const stream = new Stream<T>();
  const all = Promise.allSettled(works.map(async (work) => stream.push(await work())));
  void all.then((ended) => {
    const defect = ended.find((one) => one.status === 'rejected');
    if (defect) stream.fail(defect.reason);
    else stream.end();
  });
  try {
    yield* stream;
  } finally {
    await all;
  }
}
