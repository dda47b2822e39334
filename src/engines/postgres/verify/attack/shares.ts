import { ident, literal, qualified } from '../../quote.ts';
import type { Pair } from '../../shares/shares.ts';
import { attackAcross } from './across.ts';
import type { Attacker } from './attack.ts';
import { type TenantSession, outcomeOf } from '../tenant-session.ts';

/** Other tables and columns of the one who shares that are tried one by one. */
const SAMPLE = 3;

/** What others share with this app in its own database: it works, and nothing beside it does. */
export async function attackShares(attacker: Attacker, session: TenantSession): Promise<void> {
  for (const pair of attacker.me.receives) if (pair.across === null) await inside(attacker, session, pair);
  await attackAcross(attacker, session);
}

async function inside(attacker: Attacker, session: TenantSession, pair: Pair): Promise<void> {
  const { schema } = pair.source;
  const there = await columnsIn(session, schema);
  for (const { table, columns } of pair.tables) {
    const has = there.get(table);
    // What is not there yet is not open yet: the plan says so.
    if (!has) continue;
    const it = qualified(schema, table);
    const mine = columns?.filter((column) => has.includes(column)) ?? null;
    const list = mine === null ? '*' : mine.map(ident).join(', ');
    if (list !== '') await tried(attacker, session, pair, `SELECT ${list} FROM ${it} LIMIT 0`, true);
    const others = mine === null ? [] : has.filter((column) => !mine.includes(column)).slice(0, SAMPLE);
    for (const column of others) await tried(attacker, session, pair, `SELECT ${ident(column)} FROM ${it} LIMIT 0`);
    await tried(attacker, session, pair, `EXPLAIN DELETE FROM ${it} WHERE false`);
    const [first] = mine ?? has;
    if (first === undefined) continue;
    await tried(attacker, session, pair, `EXPLAIN UPDATE ${it} SET ${ident(first)} = ${ident(first)} WHERE false`);
    await tried(attacker, session, pair, `EXPLAIN INSERT INTO ${it} (${ident(first)}) SELECT ${ident(first)} FROM ${it} WHERE false`);
  }
  const shared = new Set(pair.tables.map(({ table }) => table));
  for (const table of [...there.keys()].filter((name) => !shared.has(name)).slice(0, SAMPLE))
    await tried(attacker, session, pair, `SELECT 1 FROM ${qualified(schema, table)} LIMIT 0`);
}

async function tried(attacker: Attacker, session: TenantSession, pair: Pair, statement: string, declared = false): Promise<void> {
  const answer = await session.attempt(statement);
  attacker.report({
    probe: 'PG-S01',
    to: pair.from,
    statement,
    declared,
    outcome: outcomeOf(answer),
    code: answer.code,
    answer: answer.text,
  });
}

/** Tables of a schema with their columns, as the catalogs tell everybody. */
export async function columnsIn(session: TenantSession, schema: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const answer = await session.attempt(
    `SELECT c.relname::pg_catalog.text, pg_catalog.array_agg(a.attname::pg_catalog.text ORDER BY a.attnum) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE n.nspname = ${literal(schema)} AND c.relkind IN ('r', 'p', 'v', 'm', 'f') GROUP BY 1 ORDER BY 1`,
  );
  return new Map(answer.rows.map(([name, columns]) => [String(name), Array.isArray(columns) ? columns.map(String) : []]));
}

/** What is shared with this app in its own database, as conditions that leave it out of a question. */
export function sharedOut(receives: readonly Pair[]): {
  readonly schemas: readonly string[];
  readonly tables: string;
  readonly columns: string;
} {
  const here = receives.filter((pair) => pair.across === null);
  const whole: string[] = [];
  const single: string[] = [];
  for (const { source, tables } of here)
    for (const { table, columns } of tables) {
      const at = `n.nspname = ${literal(source.schema)} AND c.relname = ${literal(table)}`;
      if (columns === null) whole.push(`(${at})`);
      else single.push(`(${at} AND a.attname = ANY (ARRAY[${columns.map(literal).join(', ')}]::pg_catalog.name[]))`);
    }
  return {
    schemas: here.map(({ source }) => source.schema),
    tables: whole.length === 0 ? 'false' : whole.join(' OR '),
    columns: [...whole, ...single].length === 0 ? 'false' : [...whole, ...single].join(' OR '),
  };
}
