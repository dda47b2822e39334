import { type Slow, type SlowAsked, stripped, type Tables } from '../../../engine/index.ts';
import type { Input } from '../compile/draft.ts';
import type { Connection } from '../connect/connection.ts';
import type { Whose } from '../doctor/whose.ts';
import { text } from '../observe/read-rows.ts';
import { literal } from '../quote.ts';

const num = (value: unknown): number => Number(value ?? 0);

/** The server counts statements by the database that a session is in, and not by login. */
export async function slow(connection: Connection, input: Input, whose: Whose, { app, most }: SlowAsked): Promise<Slow> {
  const [on] = await connection.rows("SHOW GLOBAL VARIABLES LIKE 'performance_schema'");
  if (on?.['Value'] !== 'ON')
    return { statements: [], untold: ['statements: performance_schema = ON in the configuration, with a restart'] };
  const all = [...whose.databases].filter(([, owner]) => app === null || owner === app);
  const shared = all.filter(([, owner]) => othersEnter(input, owner));
  // Who reads in there is no one else's to see.
  const mine = app === null ? all : all.filter((one) => !shared.includes(one));
  const untold =
    app !== null && shared.length > 0
      ? [`statements of ${app}: others may read in its database, and the server does not tell them apart`]
      : [];
  if (mine.length === 0) return { statements: [], untold };
  const rows = await connection.rows(
    `SELECT SCHEMA_NAME AS db, DIGEST_TEXT AS digest, COUNT_STAR AS calls, SUM_TIMER_WAIT / 1000000000000 AS seconds, MAX_TIMER_WAIT / 1000000000000 AS longest,
       SUM_ROWS_SENT + SUM_ROWS_AFFECTED AS made
     FROM performance_schema.events_statements_summary_by_digest WHERE SCHEMA_NAME IN (${mine.map(([name]) => literal(name)).join(', ')})
     ORDER BY SUM_TIMER_WAIT DESC LIMIT ${most}`,
  );
  const isShared = new Set(shared.map(([name]) => name));
  return {
    statements: rows.map((row) => ({
      app: isShared.has(text(row['db'])) ? null : (whose.databases.get(text(row['db'])) ?? null),
      text: stripped(text(row['digest']), { doubleQuotesText: true }),
      calls: num(row['calls']),
      seconds: num(row['seconds']),
      longest: num(row['longest']),
      rows: num(row['made']),
    })),
    untold,
  };
}

function othersEnter({ shares, readers }: Input, app: string): boolean {
  return shares.some(({ from }) => from === app) || readers.some(({ reads }) => reads.includes(app));
}

/** What the server's statistics say: for minutes after a big change they can be far from it. */
export async function tables(connection: Connection, whose: Whose, app: string | null): Promise<Tables> {
  const mine = [...whose.databases].filter(([, owner]) => app === null || owner === app);
  if (mine.length === 0) return { tables: [], untold: [] };
  const rows = await connection.rows(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, DATA_LENGTH AS bytes, INDEX_LENGTH AS in_indexes, TABLE_ROWS AS made FROM information_schema.TABLES
     WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA IN (${mine.map(([name]) => literal(name)).join(', ')}) ORDER BY DATA_LENGTH + INDEX_LENGTH DESC LIMIT 1000`,
  );
  return {
    tables: rows.map((row) => ({
      app: whose.databases.get(text(row['db'])) ?? null,
      table: text(row['name']),
      bytes: num(row['bytes']) + num(row['in_indexes']),
      indexBytes: num(row['in_indexes']),
      rows: num(row['made']),
    })),
    untold: [],
  };
}
