import { lookUp } from '../../../util/record.ts';
import type { Connection } from '../connect/connection.ts';
import { ident } from '../quote.ts';

/** Rows of one table: how many, and two sums over all of them, which no order changes. */
export interface Rows {
  readonly count: number;
  readonly hash: string;
}

/** How a value becomes bytes, which are the same on the server and in a dump. */
export type Form = 'number' | 'real' | 'text' | 'json' | 'bytes';

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly form: Form;
  /** Its values are taken as hashes of their own, so that a row always fits into a packet. */
  readonly long: boolean;
}

const SHORT = 1024;

const FORMS: Readonly<Record<string, Form>> = {
  ...Object.fromEntries(['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'year'].map((type) => [type, 'number'])),
  ...Object.fromEntries(['date', 'time', 'datetime', 'timestamp', 'inet4', 'inet6', 'uuid'].map((type) => [type, 'number'])),
  ...Object.fromEntries(
    ['char', 'varchar', 'enum', 'set', 'tinytext', 'text', 'mediumtext', 'longtext', 'json'].map((type) => [type, 'text']),
  ),
  float: 'real',
  double: 'real',
};

/** Columns of every table of the session's database, but for those that the server itself computes. */
export async function columnsIn(connection: Connection): Promise<ReadonlyMap<string, readonly Column[]>> {
  const rows = await connection.rows(
    `SELECT table_name AS t, column_name AS c, data_type AS d, character_octet_length AS b FROM information_schema.columns
     WHERE table_schema = DATABASE() AND COALESCE(generation_expression, '') = '' ORDER BY table_name, ordinal_position`,
  );
  const byTable = Map.groupBy(rows, (row) => String(row['t']));
  return new Map(
    [...byTable].map(([table, columns]) => [
      table,
      columns.map((row) => columnOf(String(row['c']), String(row['d']), Number(row['b'] ?? 0))),
    ]),
  );
}

function columnOf(name: string, type: string, bytes: number): Column {
  const form = lookUp(FORMS, type) ?? 'bytes';
  const long = (form === 'text' || form === 'bytes') && type !== 'bit' && (bytes === 0 || bytes > SHORT);
  return { name, type, form, long };
}

/** The text of a JSON value as it is once a dump has brought it back: a DECIMAL inside of one is a DOUBLE from then on. */
function againAsJson(column: string): string {
  return `CONVERT(CAST(CONVERT(${column} USING utf8mb4) AS JSON) USING utf8mb4)`;
}

/** Columns with their JSON values as a dump brings them back. On MariaDB, JSON is text. */
export const broughtBack = (columns: readonly Column[]): readonly Column[] =>
  columns.map((column) => (column.type === 'json' ? { ...column, form: 'json' } : column));

/** A zero has a sign that a dump does not keep. */
const TEXTS: Readonly<Record<Form, (column: string) => string>> = {
  number: (column) => `CAST(${column} AS CHAR)`,
  real: (column) => `IF(${column} = 0, '0', CAST(${column} AS CHAR))`,
  text: (column) => `CONVERT(${column} USING utf8mb4)`,
  json: againAsJson,
  bytes: (column) => `CAST(${column} AS BINARY)`,
};

function valueOf({ name, form, long }: Column): string {
  const column = `r.${ident(name)}`;
  const text = TEXTS[form](column);
  return `IF(${column} IS NULL, '~', ${long ? `SHA2(${text}, 256)` : `HEX(${text})`})`;
}

/** As the session sees them. `rowsInDump` gives the same of a dump. */
export async function rowsOf(connection: Connection, table: string, columns: readonly Column[]): Promise<Rows> {
  // A table may have nothing but what the server computes.
  const values = columns.length === 0 ? "''" : columns.map(valueOf).join(', ');
  const half = (at: number): string => `CAST(COALESCE(SUM(CAST(CONV(SUBSTR(h, ${at}, 16), 16, 10) AS UNSIGNED)), 0) AS CHAR)`;
  const [row] = await connection.rows(
    `SELECT COUNT(*) AS n, ${half(1)} AS a, ${half(17)} AS b FROM (SELECT SHA2(CONCAT_WS(',', ${values}), 256) AS h FROM ${ident(table)} AS r) AS hashes`,
  );
  return { count: Number(row?.['n']), hash: `${String(row?.['a'])}/${String(row?.['b'])}` };
}

/** What text of a value does not keep, and so no dump has. */
export interface Loss {
  readonly inJson: boolean;
  readonly words: string;
}

/** Digits of a FLOAT after the sixth, signs of zeros, and digits of a DECIMAL inside of a JSON value. */
export async function digitsLost(connection: Connection, table: string, columns: readonly Column[]): Promise<readonly Loss[]> {
  const asked = columns.flatMap((column) => lossesOf(column, table));
  if (asked.length === 0) return [];
  const sums = asked.map(({ sum }, at) => `COALESCE(SUM(${sum}), 0) AS c${at}`);
  const [row = {}] = await connection.rows(`SELECT ${sums.join(', ')} FROM ${ident(table)}`);
  return asked.flatMap(({ what, of, inJson }, at) => {
    const count = Number(lookUp(row, `c${at}`));
    return count === 0 ? [] : [{ inJson, words: `${what} ${count} values of ${of}` }];
  });
}

interface Asked {
  readonly sum: string;
  readonly what: string;
  readonly of: string;
  readonly inJson: boolean;
}

function lossesOf({ name, type }: Column, table: string): readonly Asked[] {
  const column = ident(name);
  const of = `${table}.${name}`;
  const digits = { sum: `CAST(CAST(${column} AS CHAR) AS FLOAT) <> ${column}`, what: 'digits after the sixth of', of, inJson: false };
  const signs = { sum: `CAST(${column} AS CHAR) = '-0'`, what: 'the sign of', of: `${of} that are zero`, inJson: false };
  const decimals = {
    sum: `CAST(CONVERT(${column} USING utf8mb4) AS BINARY) <> CAST(${againAsJson(column)} AS BINARY)`,
    what: 'decimal digits inside',
    of,
    inJson: true,
  };
  if (type === 'float') return [digits, signs];
  if (type === 'double') return [signs];
  return type === 'json' ? [decimals] : [];
}
