import { addressKey, type Observed, type Resource } from '../../../model/index.ts';
import { blockerOf } from '../connect/blockers.ts';
import type { Connection } from '../connect/connection.ts';
import { handedRelations } from '../kinds/objects.ts';
import { unguardedTables } from '../kinds/row-guard.ts';
import { type BlockerRow, lockersQuery } from '../queries/blockers.ts';
import { isKind } from '../spec.ts';
import type { Blocked } from './basis.ts';

/** Who holds tables that would be changed, and does not let them go. Nothing is asked where there is nothing to change. */
export async function observeBlocked(
  connection: Connection,
  here: readonly Resource[],
  found: readonly Observed[],
): Promise<readonly Blocked[]> {
  const byKey = new Map(found.map((one) => [addressKey(one.address), one]));
  const out: Blocked[] = [];
  for (const one of here) {
    const what = addressKey(one.address);
    const names = touched(one, byKey.get(what));
    if (names.length === 0) continue;
    const [rows = []] = await connection.rows(lockersQuery(names));
    // The shape stands beside the statement.
    const blockers = (rows as unknown as readonly BlockerRow[]).map(blockerOf);
    if (blockers.length > 0) out.push({ what, blockers });
  }
  return out;
}

function touched(desired: Resource, found: Observed | undefined): readonly string[] {
  if (!found) return [];
  if (isKind(desired, 'objects') && isKind(found, 'objects')) return handedRelations(desired.spec, found.spec);
  if (isKind(desired, 'row-guard') && isKind(found, 'row-guard')) return unguardedTables(desired.address.name, desired.spec, found.spec);
  return [];
}
