import type { Tables } from '../../../engine/index.ts';
import type { TableSize } from '../../../model/index.ts';
import { mapPool } from '../../../util/pool.ts';
import type { Connection } from '../connect/connection.ts';
import { isTrouble } from '../connect/trouble.ts';
import { number, text } from '../doctor/rows.ts';
import type { Whose } from '../doctor/whose.ts';

const LANES = 2;
const MOST = 1000;

/** schema, table, bytes with indexes and long values, bytes of indexes, rows (-1: never counted) */
const TABLES = `SET statement_timeout = '5s'; SET lock_timeout = '1s'; SET default_transaction_read_only = on;
  SELECT n.nspname::text, c.relname::text, pg_total_relation_size(c.oid)::float8, pg_indexes_size(c.oid)::float8, c.reltuples::float8
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  ORDER BY 3 DESC LIMIT ${MOST}`;

/** One statement in each database of these apps; the biggest tables of each. */
export async function tables(whose: Whose, app: string | null, open: (database: string) => Promise<Connection>): Promise<Tables> {
  const untold: string[] = [];
  const wanted = [...whose.places].filter(([, live]) => app === null || live.includes(app));
  const found = await mapPool(wanted, LANES, async ([database, live]): Promise<readonly TableSize[]> => {
    try {
      await using connection = await open(database);
      const [, , , rows] = await connection.rows(TABLES);
      return (rows ?? []).flatMap(([schema, name, bytes, indexBytes, count]) => {
        const owner = whose.schema(database, text(schema)) ?? null;
        if (owner === null && live.length === 1) return [];
        const known = number(count);
        const table = `${text(schema)}.${text(name)}`;
        return [{ app: owner, table, bytes: number(bytes), indexBytes: number(indexBytes), rows: known < 0 ? null : known }];
      });
    } catch (error) {
      if (!isTrouble(error)) throw error;
      untold.push(`tables of database "${database}": ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
  return { tables: found.flat(), untold };
}
