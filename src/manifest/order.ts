/** One way round: `[a, b, a]`. */
export type Cycle = readonly string[];

/**
 * Names so that each comes after what it needs, otherwise in the given order. An edge that closes a cycle is reported and left out.
 * @param needs names that are not in `names` are left out
 */
export function sortByNeeds(
  names: readonly string[],
  needs: ReadonlyMap<string, readonly string[]>,
): { readonly sorted: readonly string[]; readonly cycles: readonly Cycle[] } {
  const state = new Map<string, 'open' | 'done'>();
  const sorted: string[] = [];
  const cycles: Cycle[] = [];
  const known = new Set(names);
  for (const root of names) {
    if (state.has(root)) continue;
    // A stack of our own: a chain may be as long as there are apps.
    const stack: { readonly name: string; next: number }[] = [{ name: root, next: 0 }];
    state.set(root, 'open');
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const need = (needs.get(top.name) ?? [])[top.next++];
      if (need === undefined) {
        state.set(top.name, 'done');
        sorted.push(top.name);
        stack.pop();
      } else if (known.has(need) && !state.has(need)) {
        state.set(need, 'open');
        stack.push({ name: need, next: 0 });
      } else if (state.get(need) === 'open') {
        const way = stack.map((item) => item.name);
        cycles.push([...way.slice(way.indexOf(need)), need]);
      }
    }
  }
  return { sorted, cycles };
}
