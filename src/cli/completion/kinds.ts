/** What only `cotenant __complete` knows when somebody completes a word. `names`: of instances, apps and readers. */
export const dynamicKinds = ['apps', 'codes', 'instances', 'names'] as const;
export type DynamicKind = (typeof dynamicKinds)[number];

export function isDynamic(kind: string): kind is DynamicKind {
  return dynamicKinds.some((one) => one === kind);
}
