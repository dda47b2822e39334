import type { Command, FieldChange, Risk } from '../model/index.ts';
import { lookUp } from '../util/record.ts';

/** The statements of one change, in the two halves in which they are sent: first what makes and grants, at the end what revokes. */
export interface Statements {
  readonly grants: readonly Command[];
  readonly revokes: readonly Command[];
  /** Sent after the first half, one by one: what a single message would put into the server's log. */
  readonly alone?: readonly Command[];
  /** Risk of the first half, where it is not `safe`. */
  readonly risk?: Risk;
}

export function field(name: string, from: FieldChange['from'], to: FieldChange['to']): FieldChange {
  return { field: name, from, to };
}

export function sql(text: string, secrets?: Command['secrets']): Command {
  return secrets ? { text, secrets } : { text };
}

type Texts = Readonly<Record<string, string>>;

/** Fields of two maps that differ, each as one change. `shown`: how a value is written for people. */
export function mapFields(
  label: (key: string) => string,
  desired: Texts,
  observed: Texts,
  shown: (key: string, value: string) => string = (_, value) => value,
): FieldChange[] {
  const side = (values: Texts, key: string): string | null => {
    const value = lookUp(values, key);
    return value === undefined ? null : shown(key, value);
  };
  const keys = [...new Set([...Object.keys(desired), ...Object.keys(observed)])].sort();
  return keys
    .filter((key) => lookUp(desired, key) !== lookUp(observed, key))
    .map((key) => field(label(key), side(observed, key), side(desired, key)));
}
