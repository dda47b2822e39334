import type { SavedObject } from '../../../model/index.ts';
import type { Connection } from '../connect/connection.ts';
import { nameArray, qualified } from '../quote.ts';
import { definitions } from './definitions.ts';

/** So that a value has one text everywhere. */
const FORM = `SET quote_all_identifiers = off; SET extra_float_digits = 1; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET timezone = 'UTC'; SET bytea_output = 'hex'; SET xmloption = 'content'; SET lc_monetary = 'C'; SET row_security = off; SET jit = off`;

/** What the app has in these schemas: definitions, rows and sequences, with the rights of the session. Reads inside the transaction that is open. */
export async function objectsIn(
  connection: Connection,
  schemas: readonly string[],
  large: readonly string[],
): Promise<readonly SavedObject[]> {
  await connection.rows(FORM);
  const answers = await connection.rows(definitions(schemas));
  const defined = answers.flat() as unknown as readonly (readonly [string, string, string, string | null, string | null])[];
  const objects: SavedObject[] = [];
  for (const [kind, name, hash, schema, relation] of defined) {
    const rows = schema !== null && relation !== null ? await rowsOf(connection, schema, relation, kind) : null;
    objects.push({ kind, name, rows: rows?.count ?? null, hash: rows === null ? hash : `${hash}:${rows.hash}` });
  }
  const blobs = large.length === 0 ? [] : await connection.rows(large.map(largeObject).join(';'));
  for (const [at, oid] of large.entries()) {
    const digest = blobs[at]?.[0]?.[0];
    objects.push({ kind: 'large object', name: oid, rows: null, hash: typeof digest === 'string' ? digest : '' });
  }
  return objects;
}

/** Two sums over all rows, which no order changes, and what a sequence has given. */
async function rowsOf(
  connection: Connection,
  schema: string,
  relation: string,
  kind: string,
): Promise<{ readonly count: number | null; readonly hash: string }> {
  const name = qualified(schema, relation);
  if (kind === 'sequence') {
    const [[row = []] = []] = await connection.rows(`SELECT last_value::text || is_called::text FROM ${name}`);
    return { count: null, hash: String(row[0]) };
  }
  // Not ::text, since the owner of a table may define that cast.
  const text = 'record_out(cotenant_row.*)::text';
  const sums = `count(*), coalesce(sum(hashtextextended(${text}, 0)::numeric), 0)::text || '/' || coalesce(sum(hashtextextended(${text}, 1)::numeric), 0)::text`;
  const [[row = []] = []] = await connection.rows(`SELECT ${sums} FROM ONLY ${name} AS cotenant_row`);
  return { count: Number(row[0]), hash: String(row[1]) };
}

/** In pieces: the server gives no value of more than 1 GiB at once. */
function largeObject(oid: string): string {
  const piece = 16 * 1024 * 1024;
  return `SELECT md5(string_agg(md5(lo_get(${oid}, o, ${piece})), '' ORDER BY o)) FROM generate_series(0::int8, lo_lseek64(lo_open(${oid}, 262144), 0, 2), ${piece}) AS o`;
}

/** Large objects of these roles, by their number. */
export async function largeObjects(connection: Connection, roles: readonly string[]): Promise<readonly string[]> {
  const [rows = []] = await connection.rows(
    `SELECT m.oid::text FROM pg_catalog.pg_largeobject_metadata m JOIN pg_catalog.pg_roles r ON r.oid = m.lomowner WHERE r.rolname = ANY (${nameArray(roles)}) ORDER BY m.oid`,
  );
  return rows.map(([oid]) => String(oid));
}
