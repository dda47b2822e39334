import type { Connection } from '../connect/connection.ts';
import { ALL_FAMILIES, CATALOG, type DatabaseRows, databaseQuery, type DatabaseWish } from '../queries/database.ts';
import { qualified } from '../quote.ts';
import { alike, definer, Whereabouts, isUsers, type Row, sorted } from './raw-rows.ts';

export interface ReadWish extends DatabaseWish {
  readonly superusers: ReadonlySet<string>;
}

/** Languages that a new database has. */
const USUAL_LANGUAGES: ReadonlySet<unknown> = new Set(['plpgsql', 'sql']);

/** Reads what one database holds, in one message. Rows come in an order of their own, so that equal databases give equal rows. */
export async function readDatabase(connection: Connection, wish: ReadWish): Promise<DatabaseRows> {
  const parts = await connection.rows(databaseQuery(wish));
  const [
    spaces = [],
    relations = [],
    functions = [],
    types = [],
    columns = [],
    depends = [],
    defaults = [],
    extensions = [],
    others = [],
    largeObjects = [],
    eventTriggers = [],
    shared = [],
    ...more
  ] = parts;
  const whereabouts = new Whereabouts(spaces, depends);
  const placed = whereabouts.users(CATALOG.pg_class, relations);
  const tables = new Map(placed.map((row) => [Number(row[0]), row]));
  // The shapes stand beside the statements in queries/database.ts.
  return {
    schemas: sorted(
      spaces
        .filter(([, name]) => isUsers(String(name)))
        .map(([oid, name, owner, acl, comment]) => [
          name,
          owner,
          wish.superusers.has(String(owner)),
          acl,
          comment,
          whereabouts.isExtensions(CATALOG.pg_namespace, oid),
        ]),
    ),
    relations: relationsIn(whereabouts, placed, connection.version >= 150000),
    functions: alike(
      whereabouts
        .users(CATALOG.pg_proc, functions)
        .map(([, space, kind, security, owner, acl, name]) => ({ same: [whereabouts.name(space), kind, security, owner, acl], name })),
    ),
    types: typesIn(whereabouts, types, placed),
    columns: sorted(
      columns.flatMap(([table, column, acl]) => {
        const row = tables.get(Number(table));
        return row && Array.isArray(acl) && acl.length > 0 ? [[whereabouts.name(row[1]), row[5], column, acl, row[3]]] : [];
      }),
    ),
    defaults: sorted(defaults.map(([creator, space, type, acl]) => [creator, whereabouts.name(space), type, acl])),
    extensions: sorted(extensions.map(([name, space]) => [name, whereabouts.name(space)])),
    builtins: sorted(more.slice(0, ALL_FAMILIES.length).flat()),
    languages: sorted((more.at(-1) ?? []).filter(([name]) => !USUAL_LANGUAGES.has(name))),
    shared: sorted(shared),
    eventTriggers: sorted(eventTriggers),
    largeObjects: sorted(largeObjects),
    others: sorted(others.map((row) => [...row.slice(0, -1), (row.at(-1) as string[]).sort()])),
  } as unknown as DatabaseRows;
}

/** `invokers`: the server knows views that run with the rights of the one who reads them. */
function relationsIn(whereabouts: Whereabouts, placed: readonly Row[], invokers: boolean): readonly Row[] {
  return alike(
    placed
      .filter(([, , kind]) => kind !== 'c')
      .map(([oid, space, kind, owner, acl, name, options, guarded = false]) => ({
        same: [
          whereabouts.name(space),
          kind,
          owner,
          acl,
          kind === 'S' && whereabouts.linked.has(Number(oid)),
          definer(kind, options, invokers),
          guarded,
        ],
        name,
      })),
  );
}

function typesIn(whereabouts: Whereabouts, types: readonly Row[], placed: readonly Row[]): readonly Row[] {
  return alike([
    ...whereabouts
      .users(CATALOG.pg_type, types)
      .map(([, space, type, owner, name]) => ({ same: [whereabouts.name(space), type, owner], name })),
    ...placed
      .filter(([, , kind]) => kind === 'c')
      .map(([, space, kind, owner, , name]) => ({
        same: [whereabouts.name(space), kind, owner],
        name: qualified(whereabouts.name(space), String(name)),
      })),
  ]);
}
