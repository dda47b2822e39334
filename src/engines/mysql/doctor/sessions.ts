import {
  type Blocker,
  blockedSessions,
  common,
  type DoctorLimits,
  type Examining,
  longDoing,
  type LongSession,
  longSessions,
  type Waiting,
} from '../../../engine/index.ts';
import type { Remedy } from '../../../model/index.ts';
import { lasting } from '../../../util/duration.ts';
import type { Row } from '../connect/connection.ts';
import { text } from '../observe/read-rows.ts';
import { literal } from '../quote.ts';
import type { Whose } from './whose.ts';

const num = (value: unknown): number => Number(value ?? 0);

/** Who is there, and what of it is known. null: it could not be asked. */
export interface Seen {
  readonly sessions: readonly Row[];
  readonly transactions: readonly Row[] | null;
  readonly rowWaits: readonly Row[] | null;
  readonly tableWaits: readonly Row[] | null;
}

const AT = 'any session of the operator';

/** Not by its number alone where that can be helped: the server gives a number only once until it starts again. */
function endOf(id: string): readonly Remedy[] {
  return [
    { say: 'see what it does', where: AT, text: `SELECT STATE, INFO FROM information_schema.PROCESSLIST WHERE ID = ${id};` },
    { say: 'or end it; what it has not committed is lost', where: AT, text: `KILL ${id};` },
  ];
}

const UNKNOWN: Blocker = {
  id: 'unknown',
  who: { app: null, words: 'somebody' },
  words: 'a session that the server does not name',
  remedy: [
    {
      say: 'look for a transaction that sleeps',
      where: AT,
      text: 'SELECT trx_mysql_thread_id, trx_started FROM information_schema.INNODB_TRX ORDER BY trx_started;',
    },
  ],
};

/** How MariaDB says in a list of sessions that one waits for a lock on a table. */
const TABLE_LOCK = 'Waiting for table metadata lock';

export function examineSessions(
  on: Examining,
  { sessions, transactions, rowWaits, tableWaits }: Seen,
  whose: Whose,
  limits: DoctorLimits,
): void {
  const byId = new Map(sessions.map((row) => [text(row['id']), row]));
  const open = new Map((transactions ?? []).map((row) => [text(row['session']), num(row['seconds'])]));
  const who = (id: string): Waiting['who'] => whose.login(text(byId.get(id)?.['user_']));
  const blocker = (id: string): Blocker => {
    if (id === '0')
      return {
        ...UNKNOWN,
        id: 'prepared',
        words: 'a prepared transaction',
        remedy: [{ say: 'see which, and end it', where: AT, text: 'XA RECOVER;' }],
      };
    const idle = byId.get(id)?.['command'] === 'Sleep' ? 'idle in a transaction' : 'at work';
    const since = open.get(id);
    return { id, who: who(id), words: `session ${id}, ${idle}${since === undefined ? '' : ` for ${lasting(since)}`}`, remedy: endOf(id) };
  };
  // The server's lists are of different moments: who has gone since is in nobody's way.
  const isThere = (id: string): boolean => id === '0' || byId.has(id);
  const known = [...(rowWaits ?? []), ...(tableWaits ?? [])].flatMap((row): readonly Waiting[] => {
    const [id, other] = [text(row['waiter']), text(row['blocker'])];
    return isThere(id) && isThere(other) ? [{ id, who: who(id), seconds: num(row['seconds']), blocker: blocker(other) }] : [];
  });
  const told = new Set(known.map(({ id }) => id));
  const others = sessions
    .filter((row) => row['state'] === TABLE_LOCK && !told.has(text(row['id'])))
    .map((row): Waiting => ({ id: text(row['id']), who: who(text(row['id'])), seconds: num(row['seconds']), blocker: UNKNOWN }));
  blockedSessions(on, [...known, ...others], limits.wait);
  const waiting = new Set([...told, ...others.map(({ id }) => id)]);
  longSessions(
    on,
    sessions.flatMap((row): readonly LongSession[] => {
      const id = text(row['id']);
      const command = row['command'];
      if (num(row['mine']) === 1 || waiting.has(id)) return [];
      const state =
        command === 'Sleep' ? (open.has(id) ? 'idle' : 'other') : command === 'Query' || command === 'Execute' ? 'active' : 'other';
      const doing = longDoing(state, { open: open.get(id) ?? null, here: num(row['seconds']) }, limits);
      return doing === null ? [] : [{ id, who: who(id), ...doing, remedy: endOf(id) }];
    }),
  );
}

/** Transactions of no session, for long: those that wait for the second phase. */
export function examinePrepared(on: Examining, prepared: readonly Row[], transactions: readonly Row[], limit: number): void {
  const ages = transactions.filter((row) => text(row['session']) === '0').map((row) => num(row['seconds']));
  const oldest = ages.length === 0 ? -1 : Math.max(...ages);
  if (prepared.length === 0 || oldest < limit) return;
  const names = prepared.map((row) => ({
    format: num(row['formatID']),
    split: num(row['gtrid_length']),
    data: Buffer.from(text(row['data'])),
  }));
  const ids = names.map(({ format, split, data }) => {
    const part = (bytes: Buffer): string => `X'${bytes.toString('hex')}'`;
    return `${part(data.subarray(0, split))}, ${part(data.subarray(split))}, ${format}`;
  });
  on.found(common.prepared, 'warning', {
    apps: [],
    what: `${prepared.length} prepared XA ${prepared.length === 1 ? 'transaction waits' : 'transactions wait'} for the end, the oldest for ${lasting(oldest)}: ${names.map(({ data }) => literal(data.toString())).join(', ')}`,
    evidence: { count: prepared.length, seconds: oldest },
    remedy: ids.flatMap((id) => [
      { say: 'if what it wrote is wanted', where: AT, text: `XA COMMIT ${id};` },
      { say: 'or take it back, which loses what it wrote', where: AT, text: `XA ROLLBACK ${id};` },
    ]),
  });
}
