/** A small seeded generator (mulberry32): the same seed, the same choice. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Attacks that every app makes and suffers at least, where there are that many others. */
export const COVER = 3;

/**
 * Who attacks whom with connections of their own. The apps stand in a circle in an order that the seed shuffles; each
 * attacks the next three, so each is attacked by three, and the cost grows with the number of apps and not of pairs.
 */
export function coveringPairs(apps: readonly string[], seed: number, exhaustive: boolean, only?: string): ReadonlyMap<string, readonly string[]> {
  const order = shuffled(apps, random(seed));
  const reach = exhaustive ? order.length - 1 : Math.min(COVER, order.length - 1);
  const pairs = new Map<string, readonly string[]>();
  order.forEach((from, index) => {
    const victims = Array.from({ length: Math.max(0, reach) }, (_, step) => order[(index + step + 1) % order.length] as string);
    pairs.set(from, only === undefined || from === only ? victims : victims.filter((to) => to === only));
  });
  if (only !== undefined) pairs.set(only, order.filter((to) => to !== only).slice(0, exhaustive ? undefined : Math.max(COVER, reach)));
  return pairs;
}

function shuffled<T>(items: readonly T[], next: () => number): T[] {
  const order = [...items];
  for (let index = order.length - 1; index > 0; index--) {
    const other = Math.floor(next() * (index + 1));
    [order[index], order[other]] = [order[other] as T, order[index] as T];
  }
  return order;
}
