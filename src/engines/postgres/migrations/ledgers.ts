import type { LedgerTable, LedgerWish } from '../../../engine/index.ts';
import type { Connection } from '../connect/connection.ts';
import { ident, literal, qualified } from '../quote.ts';
import { errorCode } from '../../../util/system.ts';
import type { Spot } from './spots.ts';

/** Milliseconds that a ledger may be locked by its tool. Longer than that it is not told. */
const BUSY = 2000;

interface Found {
  readonly schema: string;
  readonly table: string;
  readonly schemaOwner: string;
  readonly kind: string;
  readonly columns: ReadonlyMap<string, boolean>;
}

interface Reading {
  readonly wish: LedgerWish;
  readonly found: Found;
}

/** The ledgers of apps in one database: one statement that finds them, one message that reads them. */
export async function ledgersIn(
  connection: Connection,
  wishes: readonly LedgerWish[],
  spots: ReadonlyMap<string, Spot>,
): Promise<readonly LedgerTable[]> {
  if (wishes.length === 0) return [];
  const all = await find(connection, wishes);
  const bySchema = Map.groupBy(all, ({ table, schema }) => JSON.stringify([table, schema]));
  const byOwner = Map.groupBy(all, ({ table, schemaOwner }) => JSON.stringify([table, schemaOwner]));
  const readings = wishes.flatMap((wish): readonly Reading[] => {
    const spot = spots.get(wish.app);
    const inSchema = (schema: string): readonly Found[] => bySchema.get(JSON.stringify([wish.table, schema])) ?? [];
    const here = (): readonly Found[] => {
      if (wish.schema !== null) return inSchema(wish.schema);
      if (!spot) return [];
      if (spot.whole) return all.filter(({ table }) => table === wish.table);
      return [...new Set([...inSchema(spot.schema), ...(byOwner.get(JSON.stringify([wish.table, spot.owner])) ?? [])])];
    };
    return here().map((found) => ({ wish, found }));
  });
  return await read(connection, readings);
}

async function find(connection: Connection, wishes: readonly LedgerWish[]): Promise<readonly Found[]> {
  const names = [...new Set(wishes.map(({ table }) => table))].map((name) => literal(name)).join(', ');
  const columns = [...new Set(wishes.flatMap((wish) => wish.columns))].map((name) => literal(name)).join(', ');
  const [rows = []] = await connection.rows(`SELECT n.nspname::text, c.relname::text, o.rolname::text, c.relkind::text,
      (SELECT array_agg(a.attname::text || CASE WHEN t.typtype = 'b' AND t.typnamespace = 'pg_catalog'::regnamespace THEN '' ELSE '!' END)
       FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname IN (${columns}))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = n.nspowner
    WHERE c.relname IN (${names}) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_'`);
  return rows.map(([schema, table, schemaOwner, kind, attributes]) => ({
    schema: String(schema),
    table: String(table),
    schemaOwner: String(schemaOwner),
    kind: String(kind),
    columns: new Map(
      (Array.isArray(attributes) ? attributes : []).map((name) => {
        const text = String(name);
        return text.endsWith('!') ? [text.slice(0, -1), false] : [text, true];
      }),
    ),
  }));
}

/**
 * Nothing of an app runs with the operator's rights: TABLESAMPLE takes a table and never a view, whatever lies under the name by
 * then, ONLY leaves out what others have hung under it, and columns come as they are, without a cast. Where one fails, each is read alone.
 */
async function read(connection: Connection, readings: readonly Reading[]): Promise<readonly LedgerTable[]> {
  const tables = readings.filter(({ found }) => found.kind === 'r');
  const rest = readings.filter(({ found }) => found.kind !== 'r').map((one) => named(one, [], 'it is no table'));
  if (tables.length === 0) return rest;
  try {
    return [...(await together(connection, tables)), ...rest];
  } catch (error) {
    if (errorCode(error) === '') throw error;
  }
  const alone: LedgerTable[] = [];
  for (const one of tables) {
    try {
      alone.push(...(await together(connection, [one])));
    } catch (error) {
      if (errorCode(error) === '' || !(error instanceof Error)) throw error;
      alone.push(named(one, [], errorCode(error) === '55P03' ? 'it is locked' : error.message));
    }
  }
  return [...alone, ...rest];
}

async function together(connection: Connection, readings: readonly Reading[]): Promise<readonly LedgerTable[]> {
  const texts = readings.map(({ wish, found }) => {
    const columns = wish.columns.map((name) => (found.columns.get(name) === true ? ident(name) : 'NULL'));
    return `SELECT ${columns.join(', ')} FROM ONLY ${qualified(found.schema, found.table)} TABLESAMPLE pg_catalog.system(100)`;
  });
  try {
    const results = await connection.rows(
      `BEGIN READ ONLY; SET LOCAL lock_timeout = ${BUSY}; SET LOCAL row_security = off;\n${texts.join(';\n')};\nCOMMIT`,
    );
    return readings.map((one, at) =>
      named(
        one,
        (results[at + 3] ?? []).map((row) => row.map(asText)),
        null,
      ),
    );
  } catch (error) {
    await connection.rows('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function named({ wish, found }: Reading, rows: LedgerTable['rows'], trouble: string | null): LedgerTable {
  const { schema, table } = found;
  return { app: wish.app, key: wish.key, name: `${schema}.${table}`, schema, rows, trouble };
}

function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' ? value : JSON.stringify(value);
}
