import { core } from 'zod';
import { lookUp } from '../util/record.ts';

type Schema = core.$ZodType;
type Def = core.$ZodTypes['_zod']['def'];

// zod's own base types say no more than that there is a kind; these are the kinds that it has.
function isKnown(schema: Schema): schema is core.$ZodTypes {
  return typeof schema._zod.def.type === 'string';
}

function isKnownCheck(check: core.$ZodCheck): check is core.$ZodChecks {
  return typeof check._zod.def.check === 'string';
}

function defOf(schema: Schema): Def | { readonly type: 'unknown' } {
  return isKnown(schema) ? schema._zod.def : { type: 'unknown' };
}

/** The schemas behind wrappers; several for a union. */
function alternatives(schema: Schema, depth = 0): readonly Schema[] {
  if (depth > 20) return [];
  const def = defOf(schema);
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return alternatives(def.innerType, depth + 1);
    case 'lazy':
      return alternatives(def.getter(), depth + 1);
    case 'pipe':
      // A preprocess step has a transform in front: what is accepted stands behind it.
      return alternatives(defOf(def.in).type === 'transform' ? def.out : def.in, depth + 1);
    case 'union':
      return def.options.flatMap((option) => alternatives(option, depth + 1));
    case 'intersection':
      return [...alternatives(def.left, depth + 1), ...alternatives(def.right, depth + 1)];
    default:
      return [schema];
  }
}

/** Every schema that may stand at the path. */
export function schemasAt(schema: Schema, path: readonly PropertyKey[]): readonly Schema[] {
  let found = alternatives(schema);
  for (const step of path) found = found.flatMap((one) => childrenOf(one, step));
  return found;
}

function childrenOf(schema: Schema, step: PropertyKey): readonly Schema[] {
  const def = defOf(schema);
  if (def.type === 'object') {
    const child = (typeof step === 'string' ? lookUp(def.shape, step) : undefined) ?? def.catchall;
    return child ? alternatives(child) : [];
  }
  if (def.type === 'record') return alternatives(def.valueType);
  if (def.type === 'array') return alternatives(def.element);
  if (def.type === 'tuple') {
    const child = def.items[Number(step)] ?? def.rest;
    return child ? alternatives(child) : [];
  }
  return [];
}

/** Keys that the schemas know. */
export function knownKeys(schemas: readonly Schema[]): readonly string[] {
  const keys = schemas.flatMap((schema) => {
    const def = defOf(schema);
    return def.type === 'object' ? Object.keys(def.shape) : [];
  });
  return [...new Set(keys)];
}

/** What may stand at the path, in words: `a whole number from 1 to 100`. Undefined where that cannot be said shortly. */
export function expectedAt(schema: Schema, path: readonly PropertyKey[]): string | undefined {
  const words = schemasAt(schema, path).map(wordsFor);
  const known = [...new Set(words.filter((word) => word !== null))];
  return known.length === 0 || known.length > 6 ? undefined : orList(known);
}

function orList(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

function wordsFor(schema: Schema): string | null {
  const def = defOf(schema);
  switch (def.type) {
    case 'string':
      return ownWords(schema) ?? `a text${range(def.checks, ' characters')}`;
    case 'number':
      return `${isWhole(def) ? 'a whole number' : 'a number'}${range(def.checks, '')}`;
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'nothing';
    case 'enum':
      return orList(Object.values(def.entries).map(String));
    case 'literal':
      return orList(def.values.map(String));
    case 'object':
      return objectWords(def.shape);
    case 'record':
      return 'a map';
    case 'array':
    case 'tuple':
      return 'a list';
    default:
      return null;
  }
}

/** How a pattern says what it takes, as `a duration such as 30s`; null: it does not. No pattern takes a NUL byte. */
function ownWords(schema: Schema): string | null {
  const issue = core.safeParse(schema, '\0').error?.issues.find((one) => one.code === 'invalid_format');
  return issue?.message.startsWith('a ') === true ? issue.message : null;
}

function objectWords(shape: Readonly<Record<string, Schema>>): string {
  const keys = Object.keys(shape);
  const needed = Object.entries(shape).filter(([, one]) => one._zod.def.type !== 'optional');
  const [only] = needed.length === 0 ? keys : needed.map(([key]) => key);
  if ((needed.length === 1 || keys.length === 1) && only !== undefined) return `{ ${only}: ... }`;
  return keys.length === 0 || keys.length > 8 ? 'a map' : `a map with the keys ${keys.join(', ')}`;
}

function isWhole(def: core.$ZodNumberDef): boolean {
  return 'format' in def && (def.format === 'safeint' || def.format === 'int32' || def.format === 'uint32');
}

function range(checks: readonly core.$ZodCheck[] | undefined, unit: string): string {
  let low: number | bigint | null = null;
  let high: number | bigint | null = null;
  for (const check of (checks ?? []).filter(isKnownCheck)) {
    const { def } = check._zod;
    if (def.check === 'greater_than' && typeof def.value !== 'object') low = def.value;
    if (def.check === 'less_than' && typeof def.value !== 'object') high = def.value;
    if (def.check === 'min_length') low = def.minimum;
    if (def.check === 'max_length') high = def.maximum;
  }
  if (low !== null && high !== null) return ` from ${low} to ${high}${unit}`;
  if (low !== null) return unit !== '' && low <= 1 ? '' : ` of at least ${low}${unit}`;
  return high === null ? '' : ` of at most ${high}${unit}`;
}
