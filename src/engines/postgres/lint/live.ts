import type { Connection } from '../connect/connection.ts';
import { nameArray } from '../quote.ts';
import type { Holder, Live, LiveColumn, LiveTable, Place } from './state.ts';

/** Seconds after which a transaction counts as old. */
const OLD = 5;

/** What the server tells of where the scripts will run: four statements of catalogs, none of which waits for a lock. `functions`: names in defaults. */
export async function readLive(connection: Connection, place: Place, functions: readonly string[]): Promise<Live> {
  const roles = nameArray([...place.roles]);
  const mine = `(n.nspname = ANY (${nameArray(place.schemas)}) OR n.nspowner IN (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ANY (${roles})))`;
  const [tables = [], indexes = [], extensions = [], volatile = [], holders = [], schemas = []] = await connection.rows(
    [TABLES(mine), INDEXES(mine), EXTENSIONS, FUNCTIONS(functions), HOLDERS(roles), SCHEMAS(mine)].join(';\n'),
  );
  return {
    tables: new Map((tables as unknown as readonly TableRow[]).map(([key, rows, bytes, columns]) => [key, tableOf(rows, bytes, columns)])),
    indexes: new Map(indexes as unknown as readonly (readonly [string, string])[]),
    extensions: new Set(extensions.map(([name]) => String(name))),
    volatile: new Map(volatile as unknown as readonly (readonly [string, boolean])[]),
    holders: (holders as unknown as readonly (readonly [string, string])[]).map(([who, since]): Holder => ({ who, since })),
    schemas: schemas.map(([name]) => String(name)),
  };
}

type TableRow = readonly [string, number, number, readonly (readonly [string, string, number, boolean])[] | null];

function tableOf(rows: number, bytes: number, columns: TableRow[3]): LiveTable {
  const known = (columns ?? []).map(([name, type, modifier, checkedNotNull]): readonly [string, LiveColumn] => [
    name,
    { type, modifier, checkedNotNull },
  ]);
  return { rows, bytes, columns: new Map(known) };
}

/** Sizes as the last VACUUM and the counters have them: a size on disk would wait for whoever holds the table. */
const TABLES = (mine: string): string => `SELECT n.nspname || '.' || c.relname,
  GREATEST(c.reltuples, pg_catalog.pg_stat_get_live_tuples(c.oid), 0)::float8, GREATEST(c.relpages, 0)::float8 * pg_catalog.current_setting('block_size')::int4,
  (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(a.attname, t.typname, a.atttypmod, a.attnotnull OR EXISTS (SELECT FROM pg_catalog.pg_constraint k
      WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.convalidated AND k.conkey = ARRAY[a.attnum] AND pg_catalog.pg_get_constraintdef(k.oid) LIKE '%IS NOT NULL))')))
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm') AND ${mine}`;

const INDEXES = (mine: string): string => `SELECT n.nspname || '.' || i.relname, n.nspname || '.' || c.relname
  FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid JOIN pg_catalog.pg_class c ON c.oid = x.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE ${mine}`;

const EXTENSIONS = 'SELECT extname FROM pg_catalog.pg_extension';

const FUNCTIONS = (names: readonly string[]): string =>
  `SELECT proname, pg_catalog.bool_or(provolatile = 'v') FROM pg_catalog.pg_proc WHERE proname = ANY (${nameArray(names)}) GROUP BY proname`;

/** The app's own are left out: its tool waits for them in any case, and they end with it. */
const HOLDERS = (roles: string): string => `SELECT * FROM (
  SELECT CASE WHEN usename IS NULL THEN backend_type ELSE 'a session of "' || usename || '"' END || COALESCE(' (' || NULLIF(application_name, '') || ')', ''), pg_catalog.to_char(xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  FROM pg_catalog.pg_stat_activity WHERE datname = pg_catalog.current_database() AND xact_start < pg_catalog.clock_timestamp() - interval '${OLD} s' AND pid <> pg_catalog.pg_backend_pid() AND NOT COALESCE(usename = ANY (${roles}), false)
  UNION ALL SELECT 'prepared transaction ' || pg_catalog.quote_literal(gid) || ' of "' || owner || '"', pg_catalog.to_char(prepared AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  FROM pg_catalog.pg_prepared_xacts WHERE database = pg_catalog.current_database()) AS held (who, since) ORDER BY since`;

const SCHEMAS = (mine: string): string => `SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE ${mine}`;
