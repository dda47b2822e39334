import type { Observation } from '../../../engine/index.ts';
import { addressKey, type Resource } from '../../../model/index.ts';
import type { KeptLimits } from '../compile/budget.ts';
import type { Draft } from '../compile/draft.ts';
import { peopleOf } from '../effective/people.ts';
import { keepingLimits } from '../kinds/limits.ts';
import { isKind } from '../spec.ts';

/** A login without a limit that has more sessions open than an entry that gives none would leave it. */
export function judgeLimits(draft: Draft, resources: readonly Resource[], observation: Observation): void {
  const people = peopleOf(observation);
  if (people === null) return;
  const found = new Map(observation.resources.flatMap((one) => (isKind(one, 'role') ? [[one.address.name, one.spec] as const] : [])));
  for (const one of resources) {
    if (!isKind(one, 'role') || one.spec.usual?.includes('connectionLimit') !== true) continue;
    const { name } = one.address;
    const [open, limit] = [people.sessions(name), one.spec.connectionLimit];
    if (found.get(name)?.connectionLimit !== -1 || open <= limit) continue;
    draft.error(
      'CT2070',
      `login "${name}" has ${open} sessions open and no limit, and would get ${limit}`,
      [...(one.path ?? draft.input.path), 'connections'],
      `set connections to what it needs, at least ${open}`,
    );
  }
}

/** Limits that adopted logins and databases have, and that nothing in the manifest changes. */
export function keptLimits(resources: readonly Resource[], observation: Observation): KeptLimits {
  const desired = new Map(resources.map((one) => [addressKey(one.address), one]));
  const [logins, databases] = [new Map<string, number>(), new Map<string, number>()];
  for (const has of observation.resources) {
    const want = desired.get(addressKey(has.address));
    if (!want) continue;
    const { name } = has.address;
    if (isKind(has, 'role') && isKind(want, 'role') && want.spec.usual?.includes('connectionLimit') === true)
      logins.set(name, keepingLimits(want.spec, has.spec).connectionLimit);
    if (isKind(has, 'database') && isKind(want, 'database') && want.spec.usual === true && has.spec.connectionLimit >= 0)
      databases.set(name, has.spec.connectionLimit);
  }
  return { logins, databases };
}
