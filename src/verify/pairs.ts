/** A small seeded generator (mulberry32): the same seed, the same choice. */
function random(seed: number): () => number {
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
 * `only`: the attacks by and on those apps alone.
 */
export function coveringPairs(
  apps: readonly string[],
  seed: number,
  exhaustive: boolean,
  only?: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const order = shuffled(apps, random(seed));
  const reach = Math.max(0, exhaustive ? order.length - 1 : Math.min(COVER, order.length - 1));
  const circle = [...order, ...order];
  const all = order.map((from, index): readonly [string, readonly string[]] => [from, circle.slice(index + 1, index + 1 + reach)]);
  if (only === undefined) return new Map(all);
  const concerned = all.map(
    ([from, victims]) => [from, only.includes(from) ? victims : victims.filter((to) => only.includes(to))] as const,
  );
  return new Map(concerned.filter(([from, victims]) => only.includes(from) || victims.length > 0));
}

function shuffled(items: readonly string[], next: () => number): readonly string[] {
  return items
    .map((item) => ({ item, at: next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
