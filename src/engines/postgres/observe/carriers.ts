import { mapPool } from '../../../util/pool.ts';
import { parseAcl } from '../acl.ts';
import type { Guarded } from '../effective/letters.ts';
import { inside } from '../inside.ts';
import { type CarrierRow, CARRIERS, SPACES } from '../queries/carriers.ts';
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

export interface Carried {
  readonly carriers: readonly Carrier[];
  /** By `database/schema`. */
  readonly spaces: ReadonlyMap<string, Space>;
}

/** What runs with somebody's rights in these databases. */
export async function carriedIn(context: ObserveContext, databases: readonly string[]): Promise<Carried> {
  const all = await mapPool(databases, LANES, async (database) => {
    await using connection = await context.open(database);
    const [carriers = [], spaces = []] = await connection.rows(`${CARRIERS};\n${SPACES}`);
    // The shapes stand beside the statements.
    return { database, carriers: carriers as unknown as readonly CarrierRow[], spaces: spaces as unknown as readonly SpaceRow[] };
  });
  return {
    carriers: all.flatMap(({ database, carriers }) => carriers.map((row) => carrierOf(database, row))),
    spaces: new Map(
      all.flatMap(({ database, spaces }) =>
        spaces.map(([name, owner, acl, names]) => [inside(database, name), { ...guarded(owner, acl), names }] as const),
      ),
    ),
  };
}

type SpaceRow = readonly [name: string, owner: string, acl: readonly string[] | null, names: readonly string[]];

function carrierOf(database: string, row: CarrierRow): Carrier {
  const [kind, name, owner, user, acl, spaceOwner, space, schema, relation, body, policies, runs] = row;
  const door = kind === 'function' && acl === null ? { owner: user, acl: { '': 'X' } } : guarded(user, acl);
  const needs = schema === null || relation === null ? null : ([schema, relation] as const);
  return { database, kind, name, owner, door, space: guarded(spaceOwner, space), needs, body, policies, runs };
}

function guarded(owner: string, acl: readonly string[] | null): Guarded {
  return { owner, acl: parseAcl(acl ?? []) };
}
