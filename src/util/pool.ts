/** Runs `work` over all items, at most `width` at a time, results in the order of the items. Rejects with the first error, after the running ones ended. */
export async function mapPool<T extends NonNullable<unknown>, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items.at(index);
      if (item !== undefined) results[index] = await work(item);
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, lane));
  const failed = lanes.find((lane) => lane.status === 'rejected');
  if (failed) throw failed.reason;
  return results;
}
