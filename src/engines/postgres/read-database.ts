import type { Connection } from './connection.ts';
import { ALL_FAMILIES, CATALOG, type DatabaseRows, databaseQuery, type DatabaseWish } from './queries/database.ts';
import { qualified } from './quote.ts';

export interface ReadWish extends DatabaseWish {
  readonly superusers: ReadonlySet<string>;
}

type Row = readonly unknown[];

/** A view that runs with the rights of the one who reads it, in every spelling of a boolean. */
const INVOKER = /^security_invoker=(t|tr|tru|true|y|ye|yes|on|1)$/i;
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
    shared = [],
    ...more
  ] = parts;
  const ground = new Ground(spaces, depends);
  const placed = ground.users(CATALOG.pg_class, relations);
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
          ground.isExtensions(CATALOG.pg_namespace, oid),
        ]),
    ),
    relations: relationsIn(ground, placed, connection.version >= 150000),
    functions: alike(
      ground
        .users(CATALOG.pg_proc, functions)
        .map(([, space, kind, security, owner, acl, name]) => ({ same: [ground.name(space), kind, security, owner, acl], name })),
    ),
    types: typesIn(ground, types, placed),
    columns: sorted(
      columns.flatMap(([table, column, acl]) => {
        const row = tables.get(Number(table));
        return row && Array.isArray(acl) && acl.length > 0 ? [[ground.name(row[1]), row[5], column, acl, row[3]]] : [];
      }),
    ),
    defaults: sorted(defaults.map(([creator, space, type, acl]) => [creator, ground.name(space), type, acl])),
    extensions: sorted(extensions.map(([name, space]) => [name, ground.name(space)])),
    builtins: sorted(more.slice(0, ALL_FAMILIES.length).flat()),
    languages: sorted((more.at(-1) ?? []).filter(([name]) => !USUAL_LANGUAGES.has(name))),
    shared: sorted(shared),
    others: sorted(others.map((row) => [...row.slice(0, -1), (row.at(-1) as string[]).sort()])),
  } as unknown as DatabaseRows;
}

/** `invokers`: the server knows views that run with the rights of the one who reads them. */
function relationsIn(ground: Ground, placed: readonly Row[], invokers: boolean): readonly Row[] {
  return alike(
    placed
      .filter(([, , kind]) => kind !== 'c')
      .map(([oid, space, kind, owner, acl, name, options, guarded = false]) => ({
        same: [
          ground.name(space),
          kind,
          owner,
          acl,
          kind === 'S' && ground.linked.has(Number(oid)),
          definer(kind, options, invokers),
          guarded,
        ],
        name,
      })),
  );
}

function typesIn(ground: Ground, types: readonly Row[], placed: readonly Row[]): readonly Row[] {
  return alike([
    ...ground.users(CATALOG.pg_type, types).map(([, space, type, owner, name]) => ({ same: [ground.name(space), type, owner], name })),
    ...placed
      .filter(([, , kind]) => kind === 'c')
      .map(([, space, kind, owner, , name]) => ({
        same: [ground.name(space), kind, owner],
        name: qualified(ground.name(space), String(name)),
      })),
  ]);
}

/** Schemas by their number, and what hangs on something else. */
class Ground {
  readonly #names: ReadonlyMap<number, string>;
  readonly #extensions = new Set<string>();
  /** Sequences that belong to a column. */
  readonly linked = new Set<number>();

  constructor(spaces: readonly Row[], depends: readonly Row[]) {
    this.#names = new Map(spaces.map(([oid, name]) => [Number(oid), String(name)]));
    for (const [catalog, oid, on] of depends) {
      if (on === CATALOG.pg_extension) this.#extensions.add(`${String(catalog)} ${String(oid)}`);
      else if (catalog === CATALOG.pg_class) this.linked.add(Number(oid));
    }
  }

  /** '' where there is none. */
  name(oid: unknown): string {
    return this.#names.get(Number(oid)) ?? '';
  }

  isExtensions(catalog: number, oid: unknown): boolean {
    return this.#extensions.has(`${catalog} ${String(oid)}`);
  }

  /** What lies in a schema of users and belongs to no extension. Rows begin with their own number and that of their schema. */
  users(catalog: number, rows: readonly Row[]): readonly Row[] {
    return rows.filter(([oid, space]) => isUsers(this.name(space)) && !this.isExtensions(catalog, oid));
  }
}

function definer(kind: unknown, options: unknown, invokers: boolean): boolean {
  if (kind === 'm') return true;
  return kind === 'v' && !(invokers && Array.isArray(options) && options.some((option) => INVOKER.test(String(option))));
}

function isUsers(schema: string): boolean {
  return schema !== '' && !schema.startsWith('pg_') && schema !== 'information_schema';
}

/** Objects that differ in nothing but their names as one row, so that a database costs the same with 20 tables as with 2,000. */
function alike(objects: readonly { readonly same: Row; readonly name: unknown }[]): Row[] {
  const groups = new Map<string, { readonly same: Row; readonly names: string[] }>();
  for (const { same, name } of objects) {
    const key = JSON.stringify(same);
    const group = groups.get(key);
    if (group) group.names.push(String(name));
    else groups.set(key, { same, names: [String(name)] });
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { same, names }]) => [...same, names.sort()]);
}

function sorted(rows: readonly Row[]): Row[] {
  if (rows.length < 2) return [...rows];
  return rows
    .map((row) => [JSON.stringify(row), row] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, row]) => row);
}
