import type { Act, Bystander, Line, Table } from './world.ts';

/** What apps that were set up by hand have and do. */

export const TABLE = 'CREATE TABLE notes (id int PRIMARY KEY, tenant int DEFAULT 1, body text)';
export const ROWS = "INSERT INTO notes VALUES (1, 1, 'one'), (2, 1, 'two'), (3, 2, 'three')";

export const reads = (login: string, database: string, table = 'notes'): Act => ({
  login,
  database,
  does: `reads "${table}"`,
  sql: `SELECT md5(string_agg(n::text, '|' ORDER BY n::text)) AS rows, count(*)::int AS n FROM ${table} n`,
  said: [[`"${table}"`]],
});
export const writes = (login: string, database: string, table = 'notes'): Act => ({
  login,
  database,
  does: `writes "${table}"`,
  sql: `INSERT INTO ${table} (id, body) VALUES (77, 'new'); UPDATE ${table} SET body = 'x' WHERE id = 77; DELETE FROM ${table} WHERE id = 77; SELECT 1 AS done`,
  said: [[`"${table}"`]],
});
export const creates = (login: string, database: string): Act => ({
  login,
  database,
  does: 'makes a table',
  sql: 'CREATE TABLE made_new (id int); SELECT 1 AS done',
});
export const mayNot = (login: string, database: string, does: string, sql: string): Act => ({
  login,
  database,
  does,
  sql,
  forbidden: true,
});

export type Shape = (database: string, login: string) => Bystander;

export const table = (database: string, login: string, name = 'notes', schema = 'public'): Table & { readonly login: string } => ({
  database,
  schema,
  name,
  login,
});

export function simple(
  database: string,
  login: string,
  script: readonly Line[],
  acts: readonly Act[],
  more: Partial<Bystander> = {},
): Bystander {
  return { script, acts, things: [], tables: [table(database, login)], sessions: [[login, database]], ...more };
}
