import { ident } from '../quote.ts';
import { laneOf, SHARED } from '../connect/lanes.ts';
import type { Fix } from '../../../model/index.ts';

export function fixShared(...texts: readonly string[]): readonly Fix[] {
  return texts.map((text) => ({ lane: SHARED, statement: { text } }));
}

export function fixInside(database: string, ...texts: readonly string[]): readonly Fix[] {
  return texts.map((text) => ({ lane: laneOf(database), statement: { text } }));
}

/** The same for what drops something of somebody: the name of the database has to be repeated. */
export function dropInside(database: string, ...texts: readonly string[]): readonly Fix[] {
  return fixInside(database, ...texts).map((fix) => ({ ...fix, confirm: database }));
}

/**
 * Gives an object to the role that owns what is in an app's area. Never to the operator: what a tenant made (a function
 * that runs as its owner, the expression of an index, a trigger) would run with the operator's rights.
 */
export function handOver(word: string, name: string, owner: string): string {
  return `ALTER ${word} ${name} OWNER TO ${ident(owner)}`;
}

/** Three names and how many more. */
export function named(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
