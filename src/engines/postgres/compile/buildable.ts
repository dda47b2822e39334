import type { Observed, Resource } from '../../../model/index.ts';
import { partOf } from '../part-name.ts';
import type { Facts } from '../kinds/kind.ts';
import { isKind } from '../spec.ts';

/** What this admin cannot build, as a phrase for `unbuilt`; null: it can. Perimeters and roles lose single parts instead, in their kinds. */
export function buildable(desired: Resource, observed: Observed | null, facts: Facts): 'builtin' | 'public' | 'extension' | 'share' | null {
  if (isKind(desired, 'share')) return observed && isKind(observed, 'share') && observed.spec.found?.available === false ? 'share' : null;
  if (facts.superuser) return null;
  if (isKind(desired, 'builtin')) return 'builtin';
  if (isKind(desired, 'extension')) {
    return observed && isKind(observed, 'extension') && !observed.spec.installed && !observed.spec.installable ? 'extension' : null;
  }
  // Before 15 the schema belongs to the superuser, and not to the owner of the database.
  if (isKind(desired, 'schema') && facts.version < 150000 && partOf(desired.address.name)[1] === 'public') return 'public';
  return null;
}
