import {
  blockedSessions,
  common,
  type DoctorLimits,
  type Examining,
  longDoing,
  longSessions as tellLong,
  type Waiting,
} from '../../../engine/index.ts';
import type { Remedy } from '../../../model/index.ts';
import { lasting } from '../../../util/duration.ts';
import { literal } from '../quote.ts';
import { own } from './checks.ts';
import { blocked, longSessions, prepared } from './queries.ts';
import { number, type Row, text } from './rows.ts';
import type { Whose } from './whose.ts';

type Ask = (checks: readonly string[], sql: string) => Promise<readonly Row[] | null>;

/** Who waits for whom, and whose transactions and statements go on. */
export async function examineSessions(on: Examining, ask: Ask, whose: Whose, limits: DoctorLimits): Promise<void> {
  const waits = await ask([common.blocked], blocked(limits));
  if (waits)
    blockedSessions(
      on,
      waits.map((row) => waitOf(row, whose)),
      limits.wait,
    );
  const long = await ask([common.idle, common.transaction, common.query], longSessions(limits));
  if (long) examineLong(on, long, whose, limits);
  const left = await ask([common.prepared], prepared(limits));
  for (const [gid, owner, database, seconds] of left ?? []) {
    const who = whose.login(text(owner));
    const app = who.app ?? whose.database(text(database));
    const where = `database ${text(database)}`;
    on.found(common.prepared, 'warning', {
      apps: app === null ? [] : [app],
      what: `the prepared transaction ${literal(text(gid))} of ${who.words} in database "${text(database)}" has waited for ${lasting(number(seconds))}`,
      evidence: { gid: text(gid), owner: text(owner), database: text(database), seconds: Math.floor(number(seconds)) },
      remedy: [
        { say: 'if what it wrote is wanted', where, text: `COMMIT PREPARED ${literal(text(gid))};` },
        { say: 'or take it back, which loses what it wrote', where, text: `ROLLBACK PREPARED ${literal(text(gid))};` },
      ],
    });
  }
}

function waitOf([pid, login, seconds, blocker, holder, state, open, start]: Row, whose: Whose): Waiting {
  const base = { id: text(pid), who: whose.login(text(login)), seconds: seconds === null ? null : number(seconds) };
  if (number(blocker) === 0) {
    const remedy = [{ say: 'see which, and end it', where: 'any database', text: 'SELECT * FROM pg_prepared_xacts ORDER BY prepared;' }];
    return { ...base, blocker: { id: 'prepared', who: { app: null, words: 'somebody' }, words: 'a prepared transaction', remedy } };
  }
  const since = open === null ? '' : ` for ${lasting(number(open))}`;
  return {
    ...base,
    blocker: {
      id: text(blocker),
      who: whose.login(holder === null ? null : text(holder)),
      words: `session ${text(blocker)}, ${text(state)}${since}`,
      remedy: endOf(text(blocker), start),
    },
  };
}

function examineLong(on: Examining, rows: readonly Row[], whose: Whose, limits: DoctorLimits): void {
  const all = rows.flatMap(([pid, login, , state, open, here, start]) => {
    const kind = text(state).startsWith('idle in') ? 'idle' : text(state) === 'active' ? 'active' : 'other';
    const times = { open: open === null ? null : number(open), here: number(here) };
    const doing = longDoing(kind, times, limits);
    return doing === null ? [] : [{ id: text(pid), who: whose.login(text(login)), ...doing, remedy: endOf(text(pid), start) }];
  });
  tellLong(on, all);
}

/** By its start as well: the number may be another session's when this is pasted. */
function endOf(pid: string, start: unknown): readonly Remedy[] {
  const whole = start === null ? '' : ` AND backend_start = ${literal(text(start))}`;
  return [
    { say: 'see what it does', where: 'any database', text: `SELECT state, query FROM pg_stat_activity WHERE pid = ${pid}${whole};` },
    {
      say: 'or end it; what it has not committed is lost',
      where: 'any database',
      text: `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ${pid}${whole};`,
    },
  ];
}

/** Without a right to it, the server shows nobody else's state. */
export const NEEDS_STATS: readonly string[] = [common.blocked, common.idle, common.transaction, common.query, own.unused];
