import { type Slow, type SlowAsked, stripped } from '../../../engine/index.ts';
import type { Connection } from '../connect/connection.ts';
import { number, text } from '../doctor/rows.ts';
import type { Whose } from '../doctor/whose.ts';
import { ident, nameArray } from '../quote.ts';

/** The schema of the counters of statements (null: not in this database), and whether the server has loaded them */
const WHERE = `SELECT (SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'),
  EXISTS (SELECT 1 FROM pg_settings WHERE name = 'pg_stat_statements.max')`;

/** login, text, calls, seconds, the longest, rows: those that took most. */
function statements(schema: string, logins: readonly string[], most: number): string {
  return `SELECT r.rolname::text, s.query, s.calls::float8, s.total_exec_time / 1000, s.max_exec_time / 1000, s.rows::float8
    FROM ${ident(schema)}.pg_stat_statements(true) s JOIN pg_roles r ON r.oid = s.userid
    WHERE s.toplevel AND r.rolname = ANY (${nameArray(logins)}) ORDER BY s.total_exec_time DESC LIMIT ${most}`;
}

/** Those of logins of apps, by who sent them. The server writes `$1` for most of what people wrote; the rest is taken out here. */
export async function slow(connection: Connection, whose: Whose, { app, most }: SlowAsked): Promise<Slow> {
  const [[where] = []] = await connection.rows(WHERE);
  const [schema, loaded] = where ?? [];
  if (typeof schema !== 'string' || loaded !== true) {
    const how =
      loaded === true
        ? 'CREATE EXTENSION pg_stat_statements in the database of the admin URL'
        : 'shared_preload_libraries needs pg_stat_statements, with a restart, and then CREATE EXTENSION in the database of the admin URL';
    return { statements: [], untold: [`statements: ${how}`] };
  }
  const logins = whose.loginsOf(app);
  const [rows] = await connection.rows(statements(schema, logins, most));
  return {
    statements: (rows ?? []).map(([login, query, calls, seconds, longest, made]) => ({
      app: whose.login(text(login)).app,
      text: query === null ? '(the server may not show it to this operator)' : stripped(text(query), { doubleQuotesText: false }),
      calls: number(calls),
      seconds: number(seconds),
      longest: number(longest),
      rows: number(made),
    })),
    untold: [],
  };
}
