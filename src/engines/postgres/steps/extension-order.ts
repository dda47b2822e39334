import { addressOf, type Change } from '../../../engine/index.ts';
import { partName, partOf } from '../part-name.ts';
import { isKind } from '../spec.ts';

/** Extensions after those that they need, whatever the order of the list; all else as it was. */
export function byNeed(changes: readonly Change[]): readonly Change[] {
  const extensions = new Map(
    changes.filter((one) => addressOf(one).kind === 'extension').map((one) => [addressOf(one).name, one] as const),
  );
  if (extensions.size < 2) return changes;
  const done = new Set<Change>();
  const visit = (change: Change): void => {
    if (!extensions.delete(addressOf(change).name)) return;
    const [database] = partOf(addressOf(change).name);
    const { observed } = change;
    for (const other of observed && isKind(observed, 'extension') ? observed.spec.requires : []) {
      const needed = extensions.get(partName(database, other));
      if (needed) visit(needed);
    }
    done.add(change);
  };
  const all = Array.from(extensions.values());
  for (const change of all) visit(change);
  return [...changes.filter((one) => !done.has(one)), ...done];
}
