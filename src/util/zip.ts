/** Pairs of what stands at the same place in two lists of one length. */
export function zip<A, B>(first: readonly A[], second: readonly B[]): readonly (readonly [A, B])[] {
  if (first.length !== second.length) throw new Error(`${first.length} and ${second.length} do not pair`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the lists have one length
  return first.map((one, index) => [one, second[index] as B]);
}
