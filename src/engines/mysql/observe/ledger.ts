import type { Diagnostic } from '../../../model/index.ts';
import type { LedgerRow } from './catalog.ts';
import type { Input } from '../compile/draft.ts';
import type { Connection } from '../connect/connection.ts';
import { COLLATION, COLUMNS, TABLE } from '../kinds/ledger.ts';
import { LEDGER } from '../names.ts';
import { text } from './read-rows.ts';

/** `none`: it is not there, or a run was cut before its table was made. Else what shows that it is somebody else's. */
export type LedgerForm = 'none' | 'ours' | { readonly strange: string };

/** Whose the database is that is called as the one of the ledger. Asked before anything there is read or written: anybody may call one so. */
export async function ledgerForm(connection: Connection): Promise<LedgerForm> {
  const [database] = await connection.rows(
    `SELECT DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '${LEDGER}'`,
  );
  if (!database) return 'none';
  const columns = await connection.rows(
    `SELECT t.TABLE_TYPE AS kind, c.COLUMN_NAME AS name, c.COLUMN_TYPE AS type, c.IS_NULLABLE AS empty_, c.COLUMN_KEY AS key_, c.GENERATION_EXPRESSION AS made FROM information_schema.TABLES t JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME WHERE t.TABLE_SCHEMA = '${LEDGER}' AND t.TABLE_NAME = 'ledger'`,
  );
  if (columns.length === 0) return await emptyForm(connection, text(database['collation']));
  if (text(columns[0]?.['kind']) !== 'BASE TABLE') return { strange: '"ledger" is no table there' };
  const there = new Map(columns.map((row) => [text(row['name']), row]));
  for (const [name, type, isKey, isNeeded] of COLUMNS) {
    const row = there.get(name);
    if (!row) return { strange: `its table "ledger" has no column "${name}"` };
    if (text(row['type']) !== type) return { strange: `in its table "ledger" column "${name}" is ${text(row['type'])}, not ${type}` };
    if ((text(row['empty_']) === 'NO') !== isNeeded || text(row['made']) !== '')
      return { strange: `in its table "ledger" column "${name}" is another one` };
    if ((text(row['key_']) === 'PRI') !== isKey) return { strange: 'its table "ledger" has another key' };
    there.delete(name);
  }
  const [more] = there.keys();
  if (more === undefined) return 'ours';
  // Somebody may have written remarks beside the rows: one row there is that nobody else makes.
  const [mark] = await connection.rows(
    `SELECT 1 FROM ${TABLE} WHERE kind = 'secret' AND project = '' AND name REGEXP '^[0-9A-F]{32}$' LIMIT 1`,
  );
  return mark ? 'ours' : { strange: `its table "ledger" has a column "${more}" too, and nothing in it is of cotenant` };
}

/** Without the table: what a run has left that was cut is empty, as it was made, and nobody else's. */
async function emptyForm(connection: Connection, collation: string): Promise<LedgerForm> {
  const strange = (why: string): LedgerForm => ({ strange: `it has no table "ledger", and ${why}` });
  if (collation !== COLLATION) return strange(`its collation is ${collation}`);
  for (const [list, schema, name] of CONTENTS) {
    const [row] = await connection.rows(
      `SELECT ${name} AS name FROM information_schema.${list} WHERE ${schema} = '${LEDGER}' ORDER BY 1 LIMIT 1`,
    );
    if (row) return strange(`there is "${text(row['name'])}" in it`);
  }
  const [holder] = await connection.rows(`SELECT User AS user_, Host AS host_ FROM mysql.db WHERE Db = '${LEDGER}' ORDER BY 1, 2 LIMIT 1`);
  return holder ? strange(`${text(holder['user_'])}@${text(holder['host_'])} has rights there`) : 'none';
}

const CONTENTS = [
  ['TABLES', 'TABLE_SCHEMA', 'TABLE_NAME'],
  ['ROUTINES', 'ROUTINE_SCHEMA', 'ROUTINE_NAME'],
  ['EVENTS', 'EVENT_SCHEMA', 'EVENT_NAME'],
] as const;

/** null: there is none. */
export async function ledgerRows(connection: Connection, form: LedgerForm): Promise<readonly LedgerRow[] | null> {
  if (form !== 'ours') return null;
  const rows = await connection.rows(`SELECT kind, name, project, app, applied, retired FROM ${TABLE}`);
  return rows.map((row) => ({
    kind: text(row['kind']),
    name: text(row['name']),
    project: text(row['project']),
    app: optional(row['app']),
    applied: optional(row['applied']),
    retired: optional(row['retired']),
  }));
}

function optional(value: unknown): string | null {
  return value === null || value === undefined ? null : text(value);
}

/** Nothing is done on such a server: whatever cotenant wrote down would be written there. */
export function strangeLedger(form: LedgerForm, { name: instance, path }: Pick<Input, 'name' | 'path'>): readonly Diagnostic[] {
  if (typeof form === 'string') return [];
  return [
    {
      code: 'CT2005',
      severity: 'error',
      message: `database "${LEDGER}" exists on "${instance}" and is not cotenant's: ${form.strange}`,
      hint: `cotenant keeps its ledger in a database of this name: give that one another name (make one and RENAME TABLE into it), or the apps a server of their own`,
      instance,
      path,
    },
  ];
}
