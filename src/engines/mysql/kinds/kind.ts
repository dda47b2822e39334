import type { Statements } from '../../../engine/index.ts';
import type { Command, FieldChange } from '../../../model/index.ts';
import type { Facts } from '../observe/facts.ts';

/** How one kind of resource is compared and changed. Pure. */
export interface Kind<Spec> {
  /** [] means in sync. */
  diff(desired: Spec, observed: Spec, facts: Facts): readonly FieldChange[];
  /** From what is there (null: nothing) to what is wanted. `note` writes it into the ledger. */
  statements(name: string, from: Spec | null, to: Spec, facts: Facts, note: Command | null): Statements;
}
