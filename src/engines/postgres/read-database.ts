import type { Connection } from './connection.ts';
import { ALL_FAMILIES, type DatabaseRows, databaseQuery, type DatabaseWish } from './queries/database.ts';

export interface ReadWish extends Omit<DatabaseWish, 'version'> {
  readonly superusers: ReadonlySet<string>;
}

type Row = readonly unknown[];

/** Reads what one database holds, in one message. Rows come in an order of their own, so that equal databases give equal rows. */
export async function readDatabase(connection: Connection, wish: ReadWish): Promise<DatabaseRows> {
  const parts = await connection.rows(databaseQuery({ ...wish, version: connection.version }));
  const [
    spaces = [],
    relations = [],
    functions = [],
    types = [],
    columns = [],
    defaults = [],
    extensions = [],
    others = [],
    shared = [],
    ...more
  ] = parts;
  const names = new Map(spaces.map(([oid, name]) => [Number(oid), String(name)]));
  const placed = (rows: readonly Row[], put: (row: Row, schema: string) => Row): Row[] =>
    sorted(
      rows.flatMap((row) => {
        const schema = names.get(Number(row[0])) ?? '';
        return isUsers(schema) ? [put(row, schema)] : [];
      }),
    );
  const listed = (row: Row, schema: string): Row => [schema, ...row.slice(1, -1), (row.at(-1) as string[]).sort()];
  // The shapes stand beside the statements in queries/database.ts.
  return {
    schemas: placed(spaces, ([, , owner, acl, comment, extension], name) => [
      name,
      owner,
      wish.superusers.has(String(owner)),
      acl,
      comment,
      extension,
    ]),
    relations: placed(relations, listed),
    functions: placed(functions, listed),
    types: placed(types, listed),
    columns: placed(columns.flatMap(tableFirst), ([, table, owner, column, acl], schema) => [schema, table, column, acl, owner]),
    defaults: sorted(defaults.map(([creator, space, type, acl]) => [creator, names.get(Number(space)) ?? '', type, acl])),
    extensions: sorted(extensions.map(([name, space]) => [name, names.get(Number(space)) ?? ''])),
    builtins: sorted(more.slice(0, ALL_FAMILIES.length).flat()),
    languages: sorted(more.at(-1) ?? []),
    shared: sorted(shared),
    others: sorted(others.map((row) => listed(row, String(row[0])))),
  } as unknown as DatabaseRows;
}

/** A column's table comes as [schema's oid, name, owner]; null where it belongs to an extension. */
function tableFirst([table, column, acl]: Row): Row[] {
  return Array.isArray(table) ? [[...(table as Row), column, acl]] : [];
}

function isUsers(schema: string): boolean {
  return schema !== '' && !schema.startsWith('pg_') && schema !== 'information_schema';
}

function sorted(rows: readonly Row[]): Row[] {
  if (rows.length < 2) return [...rows];
  return rows
    .map((row) => [JSON.stringify(row), row] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, row]) => row);
}
