import { field, movedField } from '../../../engine/index.ts';
import type { FieldChange } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import { type Target, listOf, targetOf } from '../grants.ts';
import type { Facts } from '../observe/facts.ts';
import { allOnDatabase } from '../privileges.ts';
import type { Grants } from '../spec.ts';

/** A field for each target on which privileges differ. */
export function grantFields(label: (target: string) => string, desired: Grants, observed: Grants, facts: Facts): FieldChange[] {
  const keys = [...new Set([...Object.keys(desired), ...Object.keys(observed)])].sort();
  return keys
    .filter((key) => lookUp(desired, key) !== lookUp(observed, key))
    .map((key) => grantField(label(key), key, lookUp(observed, key), lookUp(desired, key), facts));
}

/** What comes to one target and what goes from it. */
export function grantField(name: string, key: string, from: string | undefined, to: string | undefined, facts: Facts): FieldChange {
  const [have, want] = [listOf(from), listOf(to)];
  const words = (list: readonly string[]): readonly string[] => inShort(targetOf(key), list, facts);
  return movedField(
    field(name, words(have).join(', ') || null, words(want).join(', ') || null),
    words(want.filter((one) => !have.includes(one))),
    words(have.filter((one) => !want.includes(one))),
  );
}

/** A complete set, which the server writes as ALL, is one word. */
export function inShort([kind]: Target, list: readonly string[], facts: Facts): readonly string[] {
  if (kind !== 'database' && kind !== 'pattern') return list;
  const all = allOnDatabase(facts);
  return all.every((one) => list.includes(one)) ? ['ALL', ...list.filter((one) => !all.includes(one))] : list;
}
