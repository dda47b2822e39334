import type { FoundApp, FoundLogin } from './found.ts';
import type { SharedRows } from '../queries/shared.ts';

const USUAL = 20;
const RESERVE = 10;

/** What a login gets above what it has open now: a fifth, and at least this many. */
const MARGIN = 5;

/** login, database, sessions that are open now */
type SessionRow = readonly [string, string, number];

export interface Limits {
  /** `login` null: the one that the app is to get. */
  of(found: FoundApp, login: FoundLogin | null): number;
  /** Set where less than the usual reserve is left. */
  readonly reserve: number | null;
  readonly warnings: readonly string[];
}

/** Connection limits: those that are there, and for the rest an even share of what the server has, but never less than what runs now. */
export function shareConnections(apps: readonly FoundApp[], rows: SharedRows, sessions: readonly SessionRow[]): Limits {
  const [, , , , , max = 0, reserved = 0] = rows.server[0] ?? [];
  const all = apps.flatMap((found): { found: FoundApp; login: FoundLogin | null }[] =>
    (found.logins.length === 0 ? [null] : found.logins).map((login) => ({ found, login })),
  );
  const open = all.filter(({ found, login }) => limitOf(found, login) === null);
  const fixed = all.reduce((sum, { found, login }) => sum + (limitOf(found, login) ?? 0), 0);
  const there = max - reserved;
  const reserve = Math.max(0, Math.min(RESERVE, there - fixed - open.length));
  const needs = open.map(({ login }) => neededBy(login, sessions));
  const share = evenShare(needs, there - reserve - fixed);
  const of: Limits['of'] = (found, login) => limitOf(found, login) ?? Math.max(share, neededBy(login, sessions));
  const sum = all.reduce((total, { found, login }) => total + of(found, login), 0);
  const warnings: string[] = [];
  const busy = open.flatMap(({ login }) => (login !== null && neededBy(login, sessions) > share ? [`"${login.row[0]}"`] : []));
  if (sum > there - reserve)
    warnings.push(
      `the server takes ${there} connections, and the limits of the logins add up to ${sum}${busy.length > 0 ? `, including the sessions that ${busy.join(', ')} ${busy.length > 1 ? 'have' : 'has'} open now` : ''}: lower some limits before the first plan`,
    );
  else if (open.length > 0 && share < USUAL)
    warnings.push(
      `${open.length} ${open.length > 1 ? 'logins have' : 'login has'} no connection limit; an even share of what the server has is ${share}: check that it is enough`,
    );
  return { of, reserve: reserve === RESERVE ? null : reserve, warnings };
}

/** What each gets of those that need no more than that; the rest have what they need. */
function evenShare(needs: readonly number[], available: number): number {
  let [left, count] = [available, needs.length];
  let share = count === 0 ? USUAL : Math.max(1, Math.min(USUAL, Math.floor(left / count)));
  for (const need of [...needs].sort((a, b) => b - a)) {
    if (need <= share) break;
    [left, count] = [left - need, count - 1];
    if (count > 0) share = Math.max(1, Math.min(USUAL, Math.floor(left / count)));
  }
  return share;
}

function neededBy(login: FoundLogin | null, sessions: readonly SessionRow[]): number {
  const now = login === null ? 0 : sessions.reduce((sum, [who, , count]) => sum + (who === login.row[0] ? count : 0), 0);
  return now === 0 ? 0 : now + Math.max(MARGIN, Math.ceil(now / 5));
}

/** The limit of the login, or that of its own database; what is lower counts. null: none. */
function limitOf(found: FoundApp, login: FoundLogin | null): number | null {
  const limits = [login?.row[8] ?? -1, databaseLimit(found) ?? -1].filter((limit) => limit >= 0);
  return limits.length === 0 ? null : Math.max(1, Math.min(...limits));
}

/** The limit of an app's own database. */
export function databaseLimit({ schema, database }: FoundApp): number | null {
  const limit = database.row[5];
  return schema === null && limit >= 0 ? limit : null;
}
