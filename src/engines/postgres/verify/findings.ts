import type { Fix } from '../../../model/index.ts';

export const SHARED_LANE = 'shared';

export function fixShared(...texts: readonly string[]): readonly Fix[] {
  return texts.map((text) => ({ lane: SHARED_LANE, statement: { text } }));
}

/** What drops something of somebody needs the name of the database repeated; a policy is made again at once. */
export function fixInside(database: string, ...texts: readonly string[]): readonly Fix[] {
  const ends = /^DROP (?!POLICY )/;
  return texts.map((text) => ({ lane: `db:${database}`, statement: { text }, ...(ends.test(text) ? { confirm: database } : {}) }));
}

/**
 * Gives an object to the role that owns what is on an app's ground. Never to the operator: what a tenant made (a function
 * that runs as its owner, the expression of an index, a trigger) would run with the operator's rights. Where there is no such role, it goes.
 */
export function handOver(word: string, name: string, owner: string | null): string {
  return owner === null ? `DROP ${word} ${name}` : `ALTER ${word} ${name} OWNER TO ${owner}`;
}

/** Three names and how many more. */
export function named(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
