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

/** A list of words, by what comes into it and what goes. Null stands for an empty one. */
export function listField(name: string, from: readonly string[], to: readonly string[]): FieldChange {
  const text = (list: readonly string[]): string | null => (list.length === 0 ? null : list.join(', '));
  return movedField(
    field(name, text(from), text(to)),
    to.filter((one) => !from.includes(one)),
    from.filter((one) => !to.includes(one)),
  );
}

export function movedField(change: FieldChange, added: readonly string[], removed: readonly string[]): FieldChange {
  return { ...change, ...(added.length === 0 ? {} : { added }), ...(removed.length === 0 ? {} : { removed }) };
}

export interface Halves {
  readonly given: readonly FieldChange[];
  readonly taken: readonly FieldChange[];
}

/** What a change gives and what it takes, each for the step that does it. A list that does both has a part in each. */
export function halves(fields: readonly FieldChange[], isTaken: (change: FieldChange) => boolean): Halves {
  const given: FieldChange[] = [];
  const taken: FieldChange[] = [];
  for (const one of fields) {
    const { added, removed, ...plain } = one;
    if (added && removed) {
      const between = [one.from, ...added].filter((part) => part !== null).join(', ');
      given.push({ ...plain, to: between, added });
      taken.push({ ...plain, from: between, removed });
    } else (isTaken(one) ? taken : given).push(one);
  }
  return { given, taken };
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
