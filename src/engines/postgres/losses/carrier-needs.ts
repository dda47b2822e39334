import { doorOf, partOf, placed, spaced } from '../part-name.ts';
import type { Carrier } from '../observe/carriers.ts';
import { plainOf, wordsOf } from '../body-words.ts';
import { ident } from '../quote.ts';
import type { People } from '../effective/people.ts';
import type { Access, AccessMap } from './carriers.ts';

/** Something that a carrier needs, in words, with the rights on it. */
export type Need = readonly [name: string, accesses: readonly Access[]];

/** Relations and functions that it needs: those that the server knows of, or those that its body names. */
export function neededBy({ database, kind, needs, body }: Carrier, byKey: AccessMap): readonly Need[] {
  if (needs !== null) {
    const [, name] = needs;
    // Functions in a view run with the rights of whoever reads it.
    if (isFunction(name) && (kind === 'view' || kind === 'rule')) return [];
    const accesses = byKey.get(placed(database, name));
    return accesses ? [[inWords(name), accesses]] : [];
  }
  const mentions = wordsOf(body ?? '');
  return [...byKey].flatMap(([key, accesses]): readonly Need[] => {
    const [where = '', name = ''] = JSON.parse(key) as readonly string[];
    return where === database && !name.startsWith('SCHEMA ') && name !== 'DATABASE' && mentions(plainOf(name))
      ? [[inWords(name), accesses]]
      : [];
  });
}

/** Schemas that a body looks into, as it names them or something in them: the server asks for the right each time. */
export function spacesOf({ database, kind, needs, body }: Carrier, byKey: AccessMap, people: People): readonly Need[] {
  if (needs !== null && isKey(kind)) {
    const accesses = byKey.get(spaced(database, ident(needs[0])));
    return accesses ? [[`schema ${ident(needs[0])}`, accesses]] : [];
  }
  if (body === null) return [];
  const mentions = wordsOf(body);
  return [...people.spaces].flatMap(([key, { names }]): readonly Need[] => {
    const [where, schema] = partOf(key);
    const accesses = where === database ? byKey.get(spaced(database, ident(schema))) : undefined;
    return accesses && (makesObjects(body) || [schema, ...names].some((name) => mentions(name)))
      ? [[`schema ${ident(schema)}`, accesses]]
      : [];
  });
}

/** A body that makes something, wherever its search path has it lie. Temporary tables lie in no schema of anybody. */
export function makesObjects(body: string | null): boolean {
  return /\bcreate\b(?!\s+(?:(?:local|global)\s+)?temp)/i.test(body ?? '');
}

/** The database, where temporary tables are made: a body says so, and REFRESH … CONCURRENTLY makes one. */
export function doorFor({ database, kind, body }: Carrier, byKey: AccessMap): readonly Need[] {
  const accesses = byKey.get(doorOf(database));
  const makes = kind === 'materialized view' || /\b(?:temp|temporary|pg_temp)\b/i.test(body ?? '');
  return accesses && makes ? [[`database ${ident(database)}`, accesses]] : [];
}

/** Whether it uses what another one is: a view, or a function. A trigger, a rule and a key are used with their table. */
export function usesOther({ database, needs, body }: Carrier, other: Carrier): boolean {
  if (database !== other.database || other.kind === 'trigger' || other.kind === 'rule' || isKey(other.kind)) return false;
  const name = other.kind === 'function' ? other.name : quoted(other.name);
  return needs !== null ? needs[1] === name : wordsOf(body ?? '')(plainOf(name));
}

function isKey(kind: Carrier['kind']): boolean {
  return kind === 'foreign key' || kind === 'referenced table';
}

export function isFunction(name: string): boolean {
  return name.endsWith(')');
}

function inWords(name: string): string {
  return isFunction(name) ? `function ${name}` : name;
}

/** With quotes around every part, as keys have it. */
export function quoted(name: string): string {
  return (name.match(/"(?:[^"]|"")*"|[^".]+/g) ?? []).map((part) => (part.startsWith('"') ? part : `"${part}"`)).join('.');
}
