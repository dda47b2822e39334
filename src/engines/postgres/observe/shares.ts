import { type Acl, parseAcl } from '../acl.ts';
import { chained } from '../effective/grants.ts';
import { ident, qualified } from '../quote.ts';
import type { DatabaseRows } from '../queries/database.ts';
import type { ObjectClass, ObjectsSpec, TableShare } from '../spec.ts';

/** Shared tables and columns that are not there yet. */
export function absentOf(rows: DatabaseRows, { shares = [] }: ObjectsSpec): { readonly absent?: readonly string[] } {
  if (shares.length === 0) return {};
  const there = columnsOf(rows);
  const absent = shares.flatMap(({ schema, table, columns }) => {
    const has = there.get(qualified(schema, table));
    if (!has) return [table];
    return (columns ?? []).filter((column) => !has.includes(column)).map((column) => `${table}.${column}`);
  });
  return absent.length === 0 ? {} : { absent: [...new Set(absent)].sort() };
}

/** Columns of each shared table that is there. */
function columnsOf(rows: DatabaseRows): ReadonlyMap<string, readonly string[]> {
  return new Map(rows.shared.map(([schema, table, columns]) => [qualified(schema, table), columns.map(([name]) => name)]));
}

interface Part {
  readonly names: readonly string[];
  readonly shared?: Acl;
}

/** Relations of one schema in parts that are shared alike; of most schemas there is one part, and nobody else's. */
export function partsByShare(schema: string, names: readonly string[], shares: readonly TableShare[] | undefined): readonly Part[] {
  const here = shares?.filter((one) => one.schema === schema && one.columns === null) ?? [];
  if (here.length === 0) return [{ names }];
  const grantees = Map.groupBy(here, ({ table }) => table);
  const plain = names.filter((name) => !grantees.has(name));
  const parts = names.flatMap((name): Part[] => {
    const found = grantees.get(name);
    return found ? [{ names: [name], shared: Object.fromEntries(found.map(({ grantee }) => [grantee, 'r'])) }] : [];
  });
  return plain.length === 0 ? parts : [{ names: plain }, ...parts];
}

/** Columns that have rights of their own, or should have. */
export function columnClasses(
  rows: DatabaseRows,
  shares: readonly TableShare[] | undefined,
  inside: (schema: string) => boolean,
): readonly ObjectClass[] {
  const wanted = new Map<string, Record<string, string>>();
  const key = (schema: string, table: string, column: string): string => JSON.stringify([schema, table, column]);
  for (const { schema, table, columns, grantee } of shares ?? [])
    for (const column of columns ?? []) {
      const at = key(schema, table, column);
      wanted.set(at, { ...wanted.get(at), [grantee]: 'r' });
    }
  const classes: ObjectClass[] = [];
  const put = (schema: string, table: string, column: string, owner: string, items: readonly string[]): void => {
    const shared = wanted.get(key(schema, table, column));
    classes.push({
      schema,
      type: 'column',
      word: ident(column),
      owner,
      acl: parseAcl(items),
      ...chained(items, owner),
      linked: false,
      definer: false,
      guarded: false,
      ...(shared ? { shared } : {}),
      names: [qualified(schema, table)],
    });
  };
  const seen = new Set<string>();
  for (const [schema, table, column, items, owner] of rows.columns) {
    if (!inside(schema)) continue;
    seen.add(key(schema, table, column));
    put(schema, table, column, owner, items);
  }
  for (const [schema, table, columns] of rows.shared) {
    for (const [column] of columns)
      if (wanted.has(key(schema, table, column)) && !seen.has(key(schema, table, column))) put(schema, table, column, '', []);
  }
  return classes;
}
