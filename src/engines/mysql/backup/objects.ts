import type { SavedObject } from '../../../model/index.ts';
import type { Connection } from '../connect/connection.ts';
import { type Definition, definitionsIn } from './definitions.ts';
import { columnsIn, type Rows, rowsOf } from './rows.ts';

/** What is compared. `nexts`: the next numbers of tables and sequences, where they are not those of the definitions. */
export function objectsOf(
  definitions: readonly Definition[],
  rows: ReadonlyMap<string, Rows>,
  nexts: ReadonlyMap<string, string | null> = new Map(),
): readonly SavedObject[] {
  return definitions.map(({ kind, name, hash, next }) => {
    const of = kind === 'table' ? rows.get(name) : undefined;
    const number = nexts.has(name) && (kind === 'table' || kind === 'sequence') ? nexts.get(name) : next;
    return {
      kind,
      name,
      rows: of?.count ?? null,
      hash: [hash ?? '', ...(of ? [of.hash] : []), ...(typeof number === 'string' ? [number] : [])].join(':'),
    };
  });
}

export const tablesIn = (definitions: readonly Definition[]): readonly Definition[] => definitions.filter(({ kind }) => kind === 'table');

/** What is there now, in the session's database. */
export async function objectsIn(connection: Connection): Promise<readonly SavedObject[]> {
  const definitions = await definitionsIn(connection);
  const columns = await columnsIn(connection);
  const rows = new Map<string, Rows>();
  for (const { name } of tablesIn(definitions)) rows.set(name, await rowsOf(connection, name, columns.get(name) ?? []));
  return objectsOf(definitions, rows);
}
