import { compile } from '../compile/compile.ts';
import type { Connection } from '../connect/connection.ts';
import type { Input } from '../compile/draft.ts';
import { keyOf, type Target, targetOf } from '../grants.ts';
import { literal } from '../quote.ts';
import { isKind } from '../spec.ts';

/** Tables and columns that are to be shared and are not there yet, as targets: a grant on them would be refused. */
export async function readMissing(connection: Connection, input: Input): Promise<readonly string[]> {
  const wanted = new Set<string>();
  for (const one of compile(input).resources) {
    if (!isKind(one, 'account')) continue;
    for (const key of Object.keys(one.spec.grants)) if (['table', 'column'].includes(targetOf(key)[0])) wanted.add(key);
  }
  if (wanted.size === 0) return [];
  const pairs = [...new Set([...wanted].map((key) => pairOf(targetOf(key))))];
  const tables = await connection.rows(
    `SELECT TABLE_SCHEMA AS d, TABLE_NAME AS t FROM information_schema.TABLES WHERE (TABLE_SCHEMA, TABLE_NAME) IN (${pairs.join(', ')}) AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')`,
  );
  const there = new Set(tables.map((row) => keyOf(['table', String(row['d']), String(row['t'])])));
  // Of tables only: the server would open a view to tell its columns.
  const plain = tables.map((row) => pairOf(['table', String(row['d']), String(row['t'])]));
  const columns =
    plain.length === 0
      ? []
      : await connection.rows(
          `SELECT TABLE_SCHEMA AS d, TABLE_NAME AS t, COLUMN_NAME AS c FROM information_schema.COLUMNS WHERE (TABLE_SCHEMA, TABLE_NAME) IN (${plain.join(', ')})`,
        );
  for (const row of columns) there.add(keyOf(['column', String(row['d']), String(row['t']), String(row['c'])]));
  return [...wanted].filter((key) => !there.has(key));
}

function pairOf(target: Target): string {
  return `(${literal(target[1] ?? '')}, ${literal(target[2] ?? '')})`;
}
