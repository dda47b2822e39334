import { mapPool } from '../../../util/pool.ts';
import { parseAcl } from '../acl.ts';
import { ownerLetters } from '../compile/policy.ts';
import { type Guarded, joined, SERVER_SCHEMA, SERVER_TABLE } from '../effective/letters.ts';
import { inside, placed, spaced } from '../inside.ts';
import { type CarrierRow, CARRIERS, GUARDED, type GuardedRow, SPACES } from '../queries/carriers.ts';
import { ident, qualified } from '../quote.ts';
import type { ObserveContext } from './observe.ts';

/** Databases that are looked into at the same time. */
const LANES = 4;

/** Something that runs with its owner's rights, and who may use it. */
export interface Carrier {
  readonly database: string;
  readonly kind: CarrierRow[0];
  /** Ready for a statement. */
  readonly name: string;
  readonly owner: string;
  /** What is used for it. */
  readonly door: Guarded;
  /** The schema that it lies in. */
  readonly space: Guarded;
  /** The relation that it needs; null: what its body says has to tell. */
  readonly needs: readonly [schema: string, name: string] | null;
  readonly body: string | null;
  readonly policies: CarrierRow[10];
  /** The view or function that has the owner: a view can lie under it, a function behind it. */
  readonly runs: string;
}

/** A schema, with the names of what lies in it. */
export interface Space extends Guarded {
  readonly names: readonly string[];
}

/** Relations, definer functions and schemas as they are: who owns them, who has rights on them, and what an owner has; by their place. */
export type Whole = ReadonlyMap<string, Standing>;

interface Standing {
  readonly guarded: Guarded;
  readonly all: string;
  /** Who has a user mapping for it; '' is everybody. */
  readonly mapped?: readonly string[];
}

interface Carried {
  readonly carriers: readonly Carrier[];
  /** By `database/schema`. */
  readonly spaces: ReadonlyMap<string, Space>;
  /** Of the databases in which something runs with somebody's rights. */
  readonly whole: Whole;
}

/** What runs with somebody's rights in these databases. */
export async function carriedIn(context: ObserveContext, databases: readonly string[]): Promise<Carried> {
  const all = await mapPool(databases, LANES, async (database) => await carriedHere(context, database));
  return {
    carriers: all.flatMap(({ carriers }) => carriers),
    spaces: new Map(all.flatMap(({ spaces }) => [...spaces])),
    whole: new Map(all.flatMap(({ whole }) => [...whole])),
  };
}

async function carriedHere(context: ObserveContext, database: string): Promise<Carried> {
  await using connection = await context.open(database);
  const [rows = [], schemas = []] = await connection.rows(`${CARRIERS};\n${SPACES}`);
  if (rows.length === 0) return { carriers: [], spaces: new Map(), whole: new Map() };
  const [guarded = []] = await connection.rows(GUARDED);
  // The shapes stand beside the statements.
  const carriers = (rows as unknown as readonly CarrierRow[]).map((row) => carrierOf(database, row));
  const spaces = (schemas as unknown as readonly SpaceRow[]).map(
    ([name, owner, acl, names]) => [name, { ...guardedBy(owner, acl), names }] as const,
  );
  const things = (guarded as unknown as readonly GuardedRow[]).map((row) => thingOf(database, row, connection.version));
  return {
    carriers,
    spaces: new Map(spaces.map(([name, space]) => [inside(database, name), space])),
    whole: new Map<string, Standing>([
      ...spaces.map(([name, { owner, acl }]) => {
        const guard = { owner, acl: joined(acl, SERVER_SCHEMA) };
        return [spaced(database, ident(name)), { guarded: guard, all: 'CU' }] as const;
      }),
      ...things,
    ]),
  };
}

function thingOf(database: string, [kind, schema, name, owner, items, mapped]: GuardedRow, version: number) {
  const acl = joined(parseAcl(items ?? []), kind === 'table' ? SERVER_TABLE : items === null ? { '': 'X' } : {});
  const key = placed(database, kind === 'table' ? qualified(schema, name) : name);
  return [key, { guarded: { owner, acl }, all: ownerLetters(kind, version), mapped }] as const;
}

type SpaceRow = readonly [name: string, owner: string, acl: readonly string[] | null, names: readonly string[]];

function carrierOf(database: string, row: CarrierRow): Carrier {
  const [kind, name, owner, user, acl, spaceOwner, space, schema, relation, body, policies, runs] = row;
  const door = kind === 'function' && acl === null ? { owner: user, acl: { '': 'X' } } : guardedBy(user, acl);
  const needs = schema === null || relation === null ? null : ([schema, relation] as const);
  return { database, kind, name, owner, door, space: guardedBy(spaceOwner, space), needs, body, policies, runs };
}

function guardedBy(owner: string, acl: readonly string[] | null): Guarded {
  return { owner, acl: parseAcl(acl ?? []) };
}
