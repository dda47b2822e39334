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
