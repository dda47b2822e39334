import { counted, type Progress } from '../../../util/progress.ts';
import type { LedgerTable, LedgerWish } from '../../../engine/index.ts';
import type { Connection } from '../connect/connection.ts';
import { errorNumber } from '../connect/trouble.ts';
import { lookUp } from '../../../util/record.ts';
import { exactly, ident, literal, qualified } from '../quote.ts';

interface Found {
  readonly database: string;
  readonly table: string;
  readonly columns: ReadonlySet<string>;
  readonly isTable: boolean;
}

/** The ledgers of apps: one statement finds them all, one reads each that is there. */
export async function ledgersIn(
  connection: Connection,
  wishes: readonly LedgerWish[],
  databases: ReadonlyMap<string, string>,
  progress?: Progress,
): Promise<readonly LedgerTable[]> {
  const found = await find(connection, wishes, [...new Set(databases.values())]);
  const tables: LedgerTable[] = [];
  const items = [...Map.groupBy(wishes, ({ app }) => app).values()];
  const readAll = counted({ items, of: 'apps', progress }, async (some) => {
    for (const wish of some) {
      const there = found.get(JSON.stringify([databases.get(wish.app), wish.table]));
      if (there) tables.push(await read(connection, wish, there));
    }
  });
  for (const some of items) await readAll(some);
  return tables;
}

async function find(
  connection: Connection,
  wishes: readonly LedgerWish[],
  databases: readonly string[],
): Promise<ReadonlyMap<string, Found>> {
  if (wishes.length === 0 || databases.length === 0) return new Map();
  const list = (names: readonly string[]): string => [...new Set(names)].map(literal).join(', ');
  const rows = await connection.rows(`SELECT t.table_schema AS d, t.table_name AS t, t.table_type AS k, GROUP_CONCAT(c.column_name) AS c
    FROM information_schema.tables t JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
    WHERE ${exactly('t.table_schema')} IN (${list(databases)}) AND ${exactly('t.table_name')} IN (${list(wishes.map(({ table }) => table))})
    GROUP BY t.table_schema, t.table_name, t.table_type`);
  return new Map(
    rows.map((row) => {
      const [database, table] = [String(row['d']), String(row['t'])];
      // Names of columns are the same in capitals here.
      const columns = new Set(String(row['c']).toLowerCase().split(','));
      return [JSON.stringify([database, table]), { database, table, columns, isTable: row['k'] === 'BASE TABLE' }];
    }),
  );
}

/** A locked name stays what it is: a view, which would run what an app has written with the operator's rights, cannot take its place. */
async function read(connection: Connection, wish: LedgerWish, found: Found): Promise<LedgerTable> {
  const base = { app: wish.app, key: wish.key, name: `${found.database}.${found.table}`, schema: found.database };
  if (!found.isTable) return { ...base, rows: [], trouble: 'it is no table' };
  const name = qualified(found.database, found.table);
  const columns = wish.columns.map((column, at) => `${found.columns.has(column.toLowerCase()) ? `l.${ident(column)}` : 'NULL'} AS c${at}`);
  try {
    await connection.run(`LOCK TABLES ${name} AS l READ`);
    const [kind] = await connection.rows(
      `SELECT table_type AS k FROM information_schema.tables WHERE table_schema = ${literal(found.database)} AND table_name = ${literal(found.table)}`,
    );
    if (kind?.['k'] !== 'BASE TABLE') return { ...base, rows: [], trouble: 'it is no table' };
    const rows = await connection.rows(`SELECT ${columns.join(', ')} FROM ${name} AS l`);
    return { ...base, rows: rows.map((row) => wish.columns.map((_, at) => asText(lookUp(row, `c${at}`)))), trouble: null };
  } catch (error) {
    if (errorNumber(error) === 0 || !(error instanceof Error)) throw error;
    return { ...base, rows: [], trouble: error.message };
  } finally {
    await connection.run('UNLOCK TABLES').catch(() => undefined);
  }
}

function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Buffer) return value.toString('utf8');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
