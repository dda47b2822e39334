import type { PostgresServer } from '../../engines/postgres/runtime.ts';
import type { Document, Variables } from '../frame.ts';
import { homeOf, loginsOf } from './owners.ts';
import { run } from './session.ts';
import type { Line, Table } from './world.ts';

interface Moved {
  readonly tables: readonly Table[];
  readonly lines: readonly Line[];
  /** The database in which it has rows among those of others. */
  readonly rows?: string;
}

/** What every app makes: a table whose column has a type of its own, a view, a function. */
const own = `CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE TABLE items (id int PRIMARY KEY, body text, m mood DEFAULT 'good');
INSERT INTO items VALUES (1, 'one'), (2, 'two'); CREATE VIEW seen AS SELECT id, body FROM items;
CREATE FUNCTION total() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM items'`;

/** A new app makes its tables with its own login; at level rows, where it cannot, the operator does. */
export async function settleApp(server: PostgresServer, app: string, variables: Variables, document: Document): Promise<Moved> {
  const { level, database, schema } = homeOf(document, app);
  const [login] = loginsOf(variables);
  if (!login) return { tables: [], lines: [] };
  if (level !== 'rows') {
    await run(server, login, own);
    const tables = [{ database, schema, name: 'items' }];
    return { tables, lines: [[database, own, login.user]] };
  }
  const docs = `SET ROLE "${database}_owner"; CREATE TABLE IF NOT EXISTS public.docs (workspace text NOT NULL, id int, body text, PRIMARY KEY (workspace, id)); RESET ROLE;
INSERT INTO public.docs VALUES ('${app}', 1, 'of ${app}')`;
  await run(server, { user: 'postgres', password: server.password, database }, docs);
  return { tables: [], lines: [[database, docs]], rows: database };
}

/** What the app does with them. */
export function actsOfApp(level: string, app: string): readonly (readonly [does: string, sql: string, forbidden?: true])[] {
  if (level === 'rows') {
    const touched = `UPDATE docs SET body = 'x'; DELETE FROM docs; INSERT INTO docs VALUES ('${app}', 77, 'new'); SELECT 1 AS done`;
    return [
      ['sees its rows and no others', `SELECT count(*)::int AS n, md5(string_agg(d::text, '|' ORDER BY d::text)) AS rows FROM docs d`],
      ['writes its rows', touched],
      ['writes a row of others', `INSERT INTO docs VALUES ('of somebody else', 78, 'planted')`, true],
      [
        'takes its row to others',
        `UPDATE docs SET workspace = 'of somebody else'; SELECT 1/count(*) FROM docs WHERE workspace <> '${app}'`,
        true,
      ],
    ];
  }
  return [
    ['reads "items"', `SELECT md5(string_agg(i::text, '|' ORDER BY id)) AS rows FROM items i`],
    ['reads "seen"', 'SELECT count(*)::int AS n FROM seen'],
    ['calls "total"', 'SELECT total()::int AS n'],
    ['writes "items"', "INSERT INTO items VALUES (77, 'new'); UPDATE items SET body = 'x'; DELETE FROM items; SELECT 1 AS done"],
    ['makes a table', 'CREATE TABLE made_new (id int); ALTER TABLE items ADD COLUMN more int; SELECT 1 AS done'],
  ];
}
