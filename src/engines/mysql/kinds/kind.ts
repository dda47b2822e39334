import type { FieldChange, Risk, Command } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import type { Facts } from '../observe/facts.ts';

/** The statements of one change, in the two halves in which they are sent: first what gives, at the end what takes. */
export interface Moves {
  readonly give: readonly Command[];
  readonly take: readonly Command[];
  /** Risk of the giving half, where it is not `safe`. */
  readonly risk?: Risk;
}

/** How one kind of resource is compared and changed. Pure. */
export interface Kind<Spec> {
  /** [] means in sync. */
  diff(desired: Spec, observed: Spec, facts: Facts): readonly FieldChange[];
  /** From what is there (null: nothing) to what is wanted. `note` writes it into cotenant's book. */
  moves(name: string, from: Spec | null, to: Spec, facts: Facts, note: Command | null): Moves;
}

export function field(name: string, from: FieldChange['from'], to: FieldChange['to']): FieldChange {
  return { field: name, from, to };
}

export function sql(text: string, params?: Command['secrets']): Command {
  return params ? { text, secrets: params } : { text };
}

/** Fields of two maps that differ, each as one change. */
export function mapFields(
  label: (key: string) => string,
  desired: Readonly<Record<string, string>>,
  observed: Readonly<Record<string, string>>,
): FieldChange[] {
  const keys = [...new Set([...Object.keys(desired), ...Object.keys(observed)])].sort();
  return keys
    .filter((key) => lookUp(desired, key) !== lookUp(observed, key))
    .map((key) => field(label(key), lookUp(observed, key) ?? null, lookUp(desired, key) ?? null));
}
