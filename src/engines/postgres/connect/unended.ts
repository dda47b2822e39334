import { z } from 'zod';
import { type Command, DiagnosticError, fail, type Json } from '../../../model/index.ts';
import { lookUp } from '../../../util/record.ts';
import type { Connection } from './connection.ts';
import { type Mark, marked, readMark, textOf, writeMark } from '../marks/mark.ts';
import { ident, literal } from '../quote.ts';

/** Commands that end sessions: whoever sends one looks whether they are gone. */
export const END = 'sessions/end';
/** Commands that write down whose sessions are to end, before anything is taken: a run that is cut short is finished by the next one. */
export const NOTE = 'sessions/note';
/** Commands that forget it again. */
export const ENDED = 'sessions/ended';

const anchor = z.object({ kind: z.enum(['role', 'database']), name: z.string(), ledger: z.string().optional() });
const note = anchor.extend({ who: z.array(z.string()) });

/** Where it is written down whose sessions are to end: in the mark of a role or a database, of a database without one in the ledger's. */
export type Anchor = z.infer<typeof anchor>;
export type Note = z.infer<typeof note>;

export const asNote = (args: Json | undefined): Note | null => note.safeParse(args).data ?? null;
export const asAnchor = (args: Json | undefined): Anchor | null => anchor.safeParse(args).data ?? null;

/** No name stands in its text, as in that of `ended`: a comment has no quotes for one. */
export function noting({ who, ...at }: Note): Command {
  return {
    op: NOTE,
    args: { ...placeOf(at), who: [...who] },
    text: '-- noted in a mark until they have ended: whose sessions hold what is taken',
  };
}

export function ended(at: Anchor): Command {
  return { op: ENDED, args: placeOf(at), text: '-- taken out of the mark again: whose sessions were to end' };
}

function placeOf({ kind, name, ledger }: Anchor): { readonly [key: string]: string } {
  return ledger === undefined ? { kind, name } : { kind, name, ledger };
}

/** Those that were told to end, by the rows that tell it, and are there all the same. */
export async function remaining(connection: Connection, rows: readonly unknown[][]): Promise<number> {
  const doubtful = rows.flatMap(([pid, ended]) => (ended === true || typeof pid !== 'number' ? [] : [pid]));
  if (doubtful.length === 0) return 0;
  // One that went by itself was not ended by anybody. What a transaction has seen of sessions once, it sees until its end.
  const [, found] = await connection.rows(
    `SELECT pg_catalog.pg_stat_clear_snapshot(); SELECT a.pid FROM pg_catalog.pg_stat_activity a WHERE a.pid = ANY (ARRAY[${doubtful.join(', ')}])`,
  );
  return found?.length ?? 0;
}

/** CT3008: what was taken is still in use. */
export function notEnded(count: number, instance: string): DiagnosticError {
  const sessions = count === 1 ? 'a session' : `${count} sessions`;
  return fail('CT3008', `${sessions} on "${instance}" did not end: what was revoked from their login is still in use`, {
    hint: 'check in pg_stat_activity what keeps them, and run the command again: it ends them first',
    instance,
  });
}

export function isUnended(error: unknown): boolean {
  return error instanceof DiagnosticError && error.diagnostics.some(({ code }) => code === 'CT3008');
}

/** Writes down whose sessions have to end. */
export async function remember(connection: Connection, { who, ...at }: Note): Promise<void> {
  await rewrite(connection, at, (ending) => [...new Set([...ending, ...who])].sort());
}

export async function forget(connection: Connection, at: Anchor): Promise<void> {
  await rewrite(connection, at, () => []);
}

async function rewrite(connection: Connection, at: Anchor, change: (ending: readonly string[]) => readonly string[]): Promise<void> {
  const [kind, name] = at.ledger === undefined ? [at.kind, at.name] : (['role', at.ledger] as const);
  const [table, column] = kind === 'role' ? ['pg_authid', 'rolname'] : ['pg_database', 'datname'];
  const from = kind === 'role' ? 'pg_roles' : 'pg_database';
  const [rows] = await connection.rows(
    `SELECT pg_catalog.shobj_description(t.oid, '${table}') FROM pg_catalog.${from} t WHERE t.${column} = ${literal(name)}`,
  );
  const found = rows?.[0]?.[0];
  const comment = typeof found === 'string' ? found : null;
  const mark = readMark(comment);
  if (!mark) return;
  const next = writeMark(at.ledger === undefined ? inMark(mark, change) : inLedger(mark, at.name, change));
  const text = marked(textOf(comment).text, next);
  if (text !== comment) await connection.rows(`COMMENT ON ${kind === 'role' ? 'ROLE' : 'DATABASE'} ${ident(name)} IS ${literal(text)}`);
}

type Changing = (ending: readonly string[]) => readonly string[];

function inMark({ ending = [], ...rest }: Mark, change: Changing): Mark {
  const next = change(ending);
  return next.length === 0 ? rest : { ...rest, ending: next };
}

function inLedger({ shut = {}, ...rest }: Mark, database: string, change: Changing): Mark {
  const next = change(lookUp(shut, database) ?? []);
  const { [database]: _, ...others } = shut;
  if (next.length > 0) return { ...rest, shut: { ...others, [database]: next } };
  return Object.keys(others).length === 0 ? rest : { ...rest, shut: others };
}
