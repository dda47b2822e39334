// Rows of catalogs as they are, put together here: on a new connection the server would take longer for it.
import { CATALOG } from '../queries/database.ts';
import { byKey } from '../../../util/text-order.ts';

export type Row = readonly unknown[];

/** A view that runs with the rights of the one who reads it, in every spelling of a boolean. */
const INVOKER = /^security_invoker=(t|tr|tru|true|y|ye|yes|on|1)$/i;

/** Schemas by their number, and what depends on something else. */
export class Whereabouts {
  readonly #names: ReadonlyMap<number, string>;
  readonly #extensions = new Set<string>();
  /** Sequences that belong to a column. */
  readonly linked = new Set<number>();

  constructor(spaces: readonly Row[], depends: readonly Row[]) {
    this.#names = new Map(spaces.map(([oid, name]) => [Number(oid), String(name)]));
    const ofTypes: Row[] = [];
    for (const row of depends) {
      const [catalog, oid, on] = row;
      if (on === CATALOG.pg_extension) this.#extensions.add(key(catalog, oid));
      else if (on === CATALOG.pg_type) ofTypes.push(row);
      else if (catalog === CATALOG.pg_class) this.linked.add(Number(oid));
    }
    // A composite type is a member by its type, and its row in pg_class depends on that. Constructors of ranges are the server's.
    for (const [catalog, oid, , type] of ofTypes)
      if (catalog === CATALOG.pg_proc || this.#extensions.has(key(CATALOG.pg_type, type))) this.#extensions.add(key(catalog, oid));
  }

  /** '' where there is none. */
  name(oid: unknown): string {
    return this.#names.get(Number(oid)) ?? '';
  }

  isExtensions(catalog: number, oid: unknown): boolean {
    return this.#extensions.has(key(catalog, oid));
  }

  /** What lies in a schema of users and belongs to no extension. Rows begin with their own number and that of their schema. */
  users(catalog: number, rows: readonly Row[]): readonly Row[] {
    return rows.filter(([oid, space]) => isUsers(this.name(space)) && !this.isExtensions(catalog, oid));
  }
}

function key(catalog: unknown, oid: unknown): string {
  return `${String(catalog)} ${String(oid)}`;
}

export function definer(kind: unknown, options: unknown, invokers: boolean): boolean {
  if (kind === 'm') return true;
  return kind === 'v' && !(invokers && Array.isArray(options) && options.some((option) => INVOKER.test(String(option))));
}

export function isUsers(schema: string): boolean {
  return schema !== '' && !schema.startsWith('pg_') && schema !== 'information_schema';
}

/** Objects that differ in nothing but their names as one row, so that a database costs the same with 20 tables as with 2,000. */
export function alike(objects: readonly { readonly same: Row; readonly name: unknown }[]): Row[] {
  const groups = new Map<string, { readonly same: Row; readonly names: string[] }>();
  for (const { same, name } of objects) {
    const key = JSON.stringify(same);
    const group = groups.get(key);
    if (group) group.names.push(String(name));
    else groups.set(key, { same, names: [String(name)] });
  }
  return [...groups].sort(byKey).map(([, { same, names }]) => [...same, names.sort()]);
}

export function sorted(rows: readonly Row[]): Row[] {
  if (rows.length < 2) return [...rows];
  return rows
    .map((row) => [JSON.stringify(row), row] as const)
    .sort(byKey)
    .map(([, row]) => row);
}
