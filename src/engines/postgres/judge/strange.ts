import type { Connection } from '../connect/connection.ts';
import { qualified } from '../quote.ts';
import {
  type OwnerRow,
  type RestingRow,
  type StrangeFunctionRow,
  strangeQuery,
  type StrangeRelationRow,
  type StrangeTypeRow,
} from '../queries/strange.ts';

/** Objects of somebody else in an app's area, and what depends on them. */
export interface Strange {
  readonly owners: ReadonlyMap<number, string>;
  readonly relations: readonly StrangeRelationRow[];
  readonly functions: readonly StrangeFunctionRow[];
  readonly types: readonly StrangeTypeRow[];
  readonly resting: readonly RestingRow[];
}

/** Whose area it is. */
export interface Area {
  /** Roles of the app. */
  readonly own: ReadonlySet<string>;
  /** Roles of other apps. */
  readonly tenants: ReadonlySet<string>;
  /** The manifest says that what is here is the app's. */
  readonly adopt: boolean;
  /** Relations and functions whose access list is the one that an app's have: they were the app's before somebody took them. */
  readonly marked: ReadonlySet<string>;
  /** What lies here can be of nobody but the apps that share it, and goes to an owner that is none of them. */
  readonly common: boolean;
}

/** Why an object stays with its owner, by its name as a statement has it; what is not in it is handed over. */
export interface Staying {
  readonly relations: ReadonlyMap<string, string>;
  readonly functions: ReadonlyMap<string, string>;
  readonly types: ReadonlyMap<string, string>;
}

/** Why something of another app stays with it. */
export const OF_ANOTHER = 'its owner is a role of another app, and nothing says that it is this one’s';

export const NOTHING_STAYS: Staying = { relations: new Map(), functions: new Map(), types: new Map() };

export async function readStrange(connection: Connection, strangers: readonly string[], logins: readonly string[]): Promise<Strange> {
  const [owners = [], relations = [], functions = [], types = [], resting = []] = await connection.rows(strangeQuery(strangers, logins));
  // The shapes stand beside the statements in queries/strange.ts.
  return {
    owners: new Map(owners as unknown as readonly OwnerRow[]),
    relations: relations as unknown as readonly StrangeRelationRow[],
    functions: functions as unknown as readonly StrangeFunctionRow[],
    types: types as unknown as readonly StrangeTypeRow[],
    resting: resting as unknown as readonly RestingRow[],
  };
}

type Key = `${RestingRow[0]} ${number}`;

/**
 * What stays with its owner, and why. Handed over is only what is plainly data and what the app could do with it already:
 * code of somebody else runs with their rights, or in their sessions, and so does what their code rests on.
 */
export function stayingOf(strange: Strange, area: Area): Staying {
  const reasons = new Map<Key, string>();
  const put = (key: Key, why: string | null): void => {
    if (why !== null) reasons.set(key, why);
  };
  for (const row of strange.relations) put(`relation ${row[0]}`, relationAlone(row, area));
  for (const row of strange.functions) put(`function ${row[0]}`, functionAlone(row, area));
  for (const [oid, , owner] of strange.types) put(`type ${oid}`, area.tenants.has(owner) ? null : choice(owner, area));
  spread(strange, area, reasons);
  return {
    relations: named(strange.relations, 'relation', reasons, (row) => qualified(row[1], row[2])),
    functions: named(strange.functions, 'function', reasons, (row) => row[1]),
    types: named(strange.types, 'type', reasons, (row) => row[1]),
  };
}

function named<R extends readonly [number, ...unknown[]]>(
  rows: readonly R[],
  kind: RestingRow[0],
  reasons: ReadonlyMap<Key, string>,
  nameOf: (row: R) => string,
): ReadonlyMap<string, string> {
  return new Map(
    rows.flatMap((row) => {
      const why = reasons.get(`${kind} ${row[0]}`);
      return why === undefined ? [] : [[nameOf(row), why] as const];
    }),
  );
}

/** Nobody gave it to the app. Of another app it may be a table that somebody has moved here: it would be read by whoever gets it. */
function choice(owner: string, { own, tenants, adopt, common }: Area): string | null {
  if (tenants.has(owner)) return common ? null : OF_ANOTHER;
  return own.has(owner) || adopt ? null : 'nothing says that it is the app’s';
}

function relationAlone(row: StrangeRelationRow, area: Area): string | null {
  const [, schema, name, kind, owner, linked, security, triggers, rules, , , used, otherRows] = row;
  if (area.own.has(owner)) return null;
  const marked = area.marked.has(qualified(schema, name));
  const other = choice(owner, area);
  if (other !== null && !marked) return other;
  if (linked > 0) return null;
  const theirs = triggers.find((one) => !area.own.has(one));
  // What another app took from here has the guard of these rows, not somebody's own.
  if (security && !area.tenants.has(owner)) return 'row level security does not hold for an owner';
  if (theirs !== undefined) return `a function of "${theirs}" runs as its trigger`;
  if (rules) return 'its rules run with the rights of its owner';
  if (area.tenants.has(owner)) return null;
  if (otherRows) return `it reads with the rights of "${owner}", which are not the app’s`;
  if (kind === 'f') return 'it rests on a foreign server';
  return used || marked ? null : 'no login of the app can do all that its owner can with the rows';
}

function functionAlone([, signature, owner, definer, trusted]: StrangeFunctionRow, area: Area): string | null {
  const { own, tenants } = area;
  if (own.has(owner)) return null;
  if (definer) return `it runs with the rights of "${owner}"`;
  if (!trusted) return 'its language knows no bounds';
  if (!tenants.has(owner)) return 'it is code of somebody else, who may call it';
  return area.marked.has(signature) ? null : choice(owner, area);
}

/** What stays pulls along what hangs together with it, until nothing changes any more. */
function spread(strange: Strange, area: Area, reasons: Map<Key, string>): void {
  const goes = new Set(
    [
      ...strange.relations.map((row): Key => `relation ${row[0]}`),
      ...strange.functions.map((row): Key => `function ${row[0]}`),
      ...strange.types.map((row): Key => `type ${row[0]}`),
    ].filter((key) => !reasons.has(key)),
  );
  const isOurs = (relation: number): boolean => goes.has(`relation ${relation}`) || area.own.has(strange.owners.get(relation) ?? '');
  const nameOf = new Map(strange.relations.map((row) => [row[0], `${row[1]}.${row[2]}`]));
  const pull = (key: Key, why: string): boolean => {
    if (!goes.delete(key)) return false;
    reasons.set(key, why);
    return true;
  };
  const shown = (relation: number): string => nameOf.get(relation) ?? `a relation of "${strange.owners.get(relation) ?? 'the server'}"`;
  const rests = (sort: RestingRow[2], number: number, owner: string): boolean =>
    sort === 'relation' ? isOurs(number) : area.own.has(owner) || (sort !== '' && goes.has(`${sort} ${number}`));
  for (let again = true; again; ) {
    again = false;
    for (const [oid, , , , owner, linked, , , , kin, reads] of strange.relations) {
      if (area.own.has(owner)) continue;
      const odd = [...kin, ...reads].find((one) => !isOurs(one));
      if (linked > 0 && !isOurs(linked)) again = pull(`relation ${oid}`, `it is a part of ${shown(linked)}, which stays`) || again;
      else if (odd !== undefined) again = pull(`relation ${oid}`, `it hangs together with ${shown(odd)}`) || again;
    }
    for (const [kind, oid, sort, number, owner, words] of strange.resting) {
      if (rests(sort, number, owner)) continue;
      again = pull(`${kind} ${oid}`, `${words} of "${owner === '' ? 'the server' : owner}" rests on it`) || again;
    }
  }
}
