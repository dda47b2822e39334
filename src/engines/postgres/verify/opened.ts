import { splitLetters } from '../acl.ts';
import type { Input } from '../compile/draft.ts';
import { type Pair, pairsOf } from '../shares/shares.ts';
import type { Excess } from './rights.ts';

/** What a share gives: entry to a schema, a table, some columns of a table. */
export type Spot =
  | readonly [schema: string]
  | readonly [schema: string, table: string]
  | readonly [schema: string, table: string, column: string];

/** Shares as the analysis asks for them. */
export class Opened {
  readonly #pairs: ReadonlyMap<string, readonly Pair[]>;

  constructor(input: Input) {
    this.#pairs = Map.groupBy(input.shares.length === 0 ? [] : pairsOf(input), (pair) => pair.from);
  }

  /** Names in a schema that are shared as a whole, so that they are looked at one by one. */
  apart(owner: string | null, schema: string, names: readonly string[]): readonly (readonly string[])[] {
    const pairs = this.#of(owner, schema);
    if (pairs.length === 0) return [names];
    const shared = new Set(pairs.flatMap(({ tables }) => tables.map(({ table }) => table)));
    const rest = names.filter((name) => !shared.has(name));
    return [...(rest.length > 0 ? [rest] : []), ...names.filter((name) => shared.has(name)).map((name) => [name])];
  }

  /** What is left of somebody's rights on a spot of an app without what a share gives; a right that can be passed on is none of that. */
  beyond(owner: string | null, spot: Spot, all: readonly Excess[]): readonly Excess[] {
    const pairs = this.#of(owner, spot[0]);
    if (pairs.length === 0) return all;
    return all.flatMap((one): Excess[] => {
      const given = pairs.some((pair) => who(pair) === one.from && gives(pair, spot)) ? (spot.length === 1 ? 'U' : 'r') : '';
      const letters = splitLetters(one.letters)
        .filter((letter) => letter !== given)
        .join('');
      return letters === '' ? [] : [{ ...one, letters }];
    });
  }

  #of(owner: string | null, schema: string): readonly Pair[] {
    return owner === null ? [] : (this.#pairs.get(owner) ?? []).filter(({ source }) => source.schema === schema);
  }
}

/** Who has the rights, as findings call it: the other app, or the login through which its server reads. */
function who(pair: Pair): string {
  return pair.across?.login ?? pair.to;
}

function gives({ tables }: Pair, [, table, column]: Spot): boolean {
  if (table === undefined) return true;
  const shared = tables.find((one) => one.table === table);
  return shared !== undefined && (shared.columns === null || (column !== undefined && shared.columns.includes(column)));
}
