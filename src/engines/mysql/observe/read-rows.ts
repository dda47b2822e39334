import type { Connection, Row } from '../connect/connection.ts';

/** Rows on databases in the order in which the server goes through them: of two that rank alike the first one counts. */
export async function rowsInOrder(connection: Connection): Promise<readonly Row[]> {
  const listed = await connection.rows('SELECT GRANTEE AS who, TABLE_SCHEMA AS d FROM information_schema.SCHEMA_PRIVILEGES');
  const places = new Map<string, number>();
  for (const [at, row] of listed.entries()) {
    const key = JSON.stringify([text(row['who']), text(row['d'])]);
    if (!places.has(key)) places.set(key, at);
  }
  const placeOf = (row: Row): number =>
    places.get(JSON.stringify([`'${text(row['User'])}'@'${text(row['Host'])}'`, text(row['Db'])])) ?? Number.POSITIVE_INFINITY;
  const rows = (await connection.rows('SELECT * FROM mysql.db')).map((row) => ({ row, place: placeOf(row) }));
  return rows.sort((one, other) => (one.place === other.place ? 0 : one.place - other.place)).map(({ row }) => row);
}

export function text(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  return Buffer.isBuffer(value) ? value.toString('utf8') : JSON.stringify(value);
}
