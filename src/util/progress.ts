/** Told how far work is: how many are done, of how many that are known so far, and what is counted, in the plural, such as `databases`. */
export type Progress = (done: number, all: number, of: string) => void;

/** The same work at several places side by side, told as one: each call gives the part of one place. */
export function together(progress: Progress | undefined): () => Progress {
  const parts = new Map<Progress, readonly [done: number, all: number]>();
  return () => {
    const part: Progress = (done, all, of) => {
      parts.set(part, [done, all]);
      const [sum, total] = [...parts.values()].reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
      progress?.(sum, total, of);
    };
    return part;
  };
}

/** Does the same work for one item after the other, or side by side, told before the first and after each. `weight`: how many one counts for. */
export function counted<T, R>(
  { items, of, progress, weight = () => 1 }: Counting<T>,
  work: (item: T) => Promise<R>,
): (item: T) => Promise<R> {
  const all = items.reduce((sum, item) => sum + weight(item), 0);
  let done = 0;
  progress?.(done, all, of);
  return async (item) => {
    try {
      return await work(item);
    } finally {
      done += weight(item);
      progress?.(done, all, of);
    }
  };
}

interface Counting<T> {
  readonly items: readonly T[];
  readonly of: string;
  readonly progress: Progress | undefined;
  readonly weight?: (item: T) => number;
}
