import { createHash } from 'node:crypto';
import { lookUp } from '../../../util/record.ts';
import type { Connection, Row } from '../connect/connection.ts';
import { ident } from '../quote.ts';
import { DEFINER } from './statements.ts';

/** One thing of the app, as the server would make it again. */
export interface Definition {
  readonly kind: string;
  readonly name: string;
  /** Of its text, without who made it and without the next number. null: this login is not shown it. */
  readonly hash: string | null;
  /** The account it runs as, as the server writes it. */
  readonly definer: string | null;
  /** Of a table. */
  readonly engine: string | null;
  /** The next number of a table or a sequence. */
  readonly next: string | null;
}

/** An event that runs once and is gone then: it comes back only before its time. */
export const ONCE = `event_type = 'ONE TIME' AND on_completion = 'NOT PRESERVE'`;

interface List {
  readonly kind: string;
  /** As SHOW CREATE calls it, and its column with the text. */
  readonly show: string;
  readonly text: string;
  readonly view: 'table' | 'trigger' | 'routine' | 'event';
  readonly where: string;
  /** What is part of it and stands in no text. */
  readonly more?: string;
}

const LISTS: readonly List[] = [
  {
    kind: 'table',
    show: 'TABLE',
    text: 'Create Table',
    view: 'table',
    where: "table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')",
    more: 'engine',
  },
  { kind: 'sequence', show: 'SEQUENCE', text: 'Create Table', view: 'table', where: "table_type = 'SEQUENCE'" },
  { kind: 'view', show: 'VIEW', text: 'Create View', view: 'table', where: "table_type = 'VIEW'" },
  { kind: 'trigger', show: 'TRIGGER', text: 'SQL Original Statement', view: 'trigger', where: 'TRUE', more: 'action_order' },
  { kind: 'function', show: 'FUNCTION', text: 'Create Function', view: 'routine', where: "routine_type = 'FUNCTION'" },
  { kind: 'procedure', show: 'PROCEDURE', text: 'Create Procedure', view: 'routine', where: "routine_type = 'PROCEDURE'" },
  { kind: 'package', show: 'PACKAGE', text: 'Create Package', view: 'routine', where: "routine_type = 'PACKAGE'" },
  { kind: 'package body', show: 'PACKAGE BODY', text: 'Create Package Body', view: 'routine', where: "routine_type = 'PACKAGE BODY'" },
  { kind: 'event', show: 'EVENT', text: 'Create Event', view: 'event', where: `NOT (${ONCE})` },
];

/** All that the app has in the session's database, but for rows. */
export async function definitionsIn(connection: Connection): Promise<readonly Definition[]> {
  const found: Definition[] = [];
  for (const one of LISTS) {
    const { view, where, more = 'NULL' } = one;
    const rows = await connection.rows(
      `SELECT ${view}_name AS name, ${more} AS more FROM information_schema.${view}s WHERE ${view}_schema = DATABASE() AND ${where} ORDER BY ${view}_name`,
    );
    for (const row of rows) found.push(await definitionOf(connection, row, one));
  }
  return found;
}

/** What SHOW CREATE says besides that decides how the text is read. */
const ABOUT = new Set(['sql_mode', 'character_set_client', 'collation_connection', 'Database Collation', 'time_zone']);
const COUNTER = /(\n\) ENGINE=\w+) AUTO_INCREMENT=(\d+)/u;
const MAKER = new RegExp(`^(CREATE (?:OR REPLACE )?(?:ALGORITHM=\\w+ )?)DEFINER=(${DEFINER}) `, 'u');

async function definitionOf(connection: Connection, row: Row, { kind, show, text }: List): Promise<Definition> {
  const name = String(row['name']);
  const [shown = {}] = await connection.rows(`SHOW CREATE ${show} ${ident(name)}`);
  const said = lookUp(shown, text);
  const more = row['more'] === null ? null : `${row['more'] as string | number}`;
  const engine = kind === 'table' ? more : null;
  if (typeof said !== 'string') return { kind, name, engine, hash: null, definer: null, next: null };
  const bare = kind === 'table' ? said.replace(COUNTER, '$1') : said.replace(MAKER, '$1');
  const about = Object.entries(shown).filter(([column]) => ABOUT.has(column));
  return {
    kind,
    name,
    engine,
    hash: digest(JSON.stringify([bare.trimEnd(), more, about])),
    definer: kind === 'table' ? null : (MAKER.exec(said)?.[2] ?? null),
    next: kind === 'sequence' ? await nextOf(connection, name) : (COUNTER.exec(said)?.[2] ?? null),
  };
}

async function nextOf(connection: Connection, name: string): Promise<string> {
  const [row] = await connection.rows(`SELECT next_not_cached_value AS n FROM ${ident(name)}`);
  return String(row?.['n']);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
