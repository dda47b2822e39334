import { SPARE_SESSIONS } from './compile-database.ts';
import type { FoundApp } from './import-apps.ts';
import type { SharedRows } from './queries/shared.ts';

const USUAL = 20;
const RESERVE = 10;

export interface Limits {
  of(found: FoundApp): number;
  /** Set where less than the usual reserve is left. */
  readonly reserve: number | null;
  readonly warnings: readonly string[];
}

/** Connection limits: those that are there, and for the rest an even share of what the server has. */
export function shareConnections(apps: readonly FoundApp[], rows: SharedRows): Limits {
  const [, , , , , max = 0, reserved = 0] = rows.server[0] ?? [];
  const fixed = apps.reduce((sum, found) => sum + (limitOf(found) ?? 0), 0);
  const open = apps.filter((found) => limitOf(found) === null).length;
  const there = max - reserved;
  const reserve = Math.max(0, Math.min(RESERVE, there - fixed - open));
  const share = open === 0 ? USUAL : Math.max(1, Math.min(USUAL, Math.floor((there - reserve - fixed) / open)));
  const warnings: string[] = [];
  if (fixed + open * share > there - reserve)
    warnings.push(
      `the server takes ${there} connections, and the logins may open ${fixed + open * share}: lower some limits before the first plan`,
    );
  else if (open > 0 && share < USUAL)
    warnings.push(
      `${open} ${open > 1 ? 'logins have' : 'login has'} no connection limit; an even share of what the server has is ${share}: look whether that is enough`,
    );
  return { of: (found) => limitOf(found) ?? share, reserve: reserve === RESERVE ? null : reserve, warnings };
}

/** The limit of the login, or what the one of its own database comes to. */
function limitOf({ login, schema, database }: FoundApp): number | null {
  const limit = login?.[8] ?? -1;
  if (limit > 0) return limit;
  const ofDatabase = schema === null ? database.row[5] - SPARE_SESSIONS : 0;
  return ofDatabase > 0 ? ofDatabase : null;
}
