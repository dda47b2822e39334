import { z } from 'zod';
import { byKey } from '../../util/text-order.ts';

/** The schema of each key: all of them, also those that may be absent, and no other. */
export type Fields<T> = { readonly [K in keyof T]-?: z.ZodType };

export function list<T extends z.ZodType>(item: T): z.ZodReadonly<z.ZodArray<T>> {
  return z.array(item).readonly();
}

type Shaping = (value: unknown) => unknown;

/**
 * Makes the writer of a document: the keys of its schema, in that order, those of records sorted, and nothing else. Same value,
 * same bytes. The schema says what is written and reads it back.
 */
export function writer<T extends z.ZodType>(schema: T): (value: z.input<T>) => object {
  const shape = shaping(schema);
  return (value) => {
    const shaped = shape(value);
    if (!isObject(shaped)) throw new Error('a document is an object');
    return shaped;
  };
}

/** As people and programs read it. Ends with a line end. */
export function document(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** What stands around another schema and changes nothing of its keys. */
const wrappers = [z.ZodReadonly, z.ZodNullable, z.ZodOptional, z.ZodExactOptional] as const;

function shaping(schema: z.core.$ZodType): Shaping {
  for (const wrapper of wrappers) if (schema instanceof wrapper) return shaping(schema.def.innerType);
  if (schema instanceof z.ZodArray) return listShaping(shaping(schema.def.element));
  if (schema instanceof z.ZodRecord) return recordShaping(shaping(schema.def.valueType));
  return schema instanceof z.ZodObject ? objectShaping(schema.def.shape) : (value) => value;
}

function listShaping(item: Shaping): Shaping {
  return (value) => (Array.isArray(value) ? value.map(item) : value);
}

function recordShaping(member: Shaping): Shaping {
  return (value) =>
    isObject(value)
      ? Object.fromEntries(
          Object.entries(value)
            .sort(byKey)
            .map(([key, one]) => [key, member(one)]),
        )
      : value;
}

function objectShaping(shape: Readonly<Record<string, z.core.$ZodType>>): Shaping {
  const members = Object.entries(shape).map(([key, schema]) => [key, shaping(schema)] as const);
  return (value) => {
    if (!isObject(value)) return value;
    const all = new Map(Object.entries(value));
    return Object.fromEntries(members.flatMap(([key, member]) => (all.get(key) === undefined ? [] : [[key, member(all.get(key))]])));
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
