/** In the order of code units: the same on every machine, whatever language it speaks. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Entries in the order of their keys. */
export function byKey([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]): number {
  return byText(a, b);
}
