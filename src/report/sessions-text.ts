import type { EndedSession, KillReport, ListedSession, SessionsReport } from '../model/index.ts';
import { lasting } from '../util/duration.ts';
import { prose } from './columns.ts';
import { document } from './documents/document.ts';
import { writeKill, writeSessions } from './documents/tending.ts';
import { count, printable } from './printable.ts';
import { plain, type Style } from './style.ts';
import { type Cell, type Column, table } from './table.ts';

const columns: readonly Column[] = [
  { title: 'SESSION', align: 'right' },
  { title: 'APP' },
  { title: 'LOGIN', spare: 3 },
  { title: 'INSTANCE', spare: 1 },
  { title: 'DATABASE', spare: 4 },
  { title: 'FROM', spare: 5 },
  { title: 'STATE' },
  { title: 'FOR', align: 'right' },
  { title: 'TRANSACTION', align: 'right', spare: 2 },
  { title: 'WAITS FOR' },
];

/** A row for each session, and how many there are. Ends with a line end. */
export function sessionsText({ sessions }: SessionsReport, style: Style = plain): string {
  if (sessions.length === 0) return 'Nobody is connected.\n';
  const rows = sessions.map((one) => cells(one, style));
  const waiting = sessions.filter(({ state }) => state === 'waiting').length;
  const open = sessions.filter(({ state }) => state === 'idle in transaction').length;
  const closing = `${count(sessions.length, 'session')}, ${waiting} waiting, ${open} idle in a transaction.`;
  return `${table(columns, rows, style)}\n\n${closing}\n`;
}

function cells(one: ListedSession, style: Style): readonly Cell[] {
  const paint = one.state === 'waiting' ? style.bad : one.state === 'idle in transaction' ? style.warn : undefined;
  return [
    { text: printable(one.id) },
    { text: whose(one), paint: one.app === null ? style.dim : style.bold },
    { text: printable(one.login) },
    { text: printable(one.instance) },
    { text: one.database === null ? '-' : printable(one.database) },
    { text: one.from === '' ? '-' : printable(one.from) },
    { text: one.state, ...(paint ? { paint } : {}) },
    { text: one.seconds === null ? '-' : lasting(one.seconds) },
    { text: one.transaction === null ? '-' : lasting(one.transaction) },
    { text: one.waitsFor.length === 0 ? '' : printable(one.waitsFor.join(', ')) },
  ];
}

function whose({ app, kind }: ListedSession): string {
  return app === null ? `(${kind})` : printable(app);
}

/** What would die, by whom: what somebody agrees to. */
export function victimsText(sessions: readonly ListedSession[]): string {
  const groups = Map.groupBy(sessions, (one) => JSON.stringify([one.app ?? `login "${one.login}"`, one.instance]));
  const parts = [...groups.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const all = [first, ...others];
    const open = all.filter(({ transaction, state }) => transaction !== null || state === 'idle in transaction').length;
    const lost = open === 0 ? '' : `, ${open} with a transaction open, whose work is lost`;
    return [
      `${count(all.length, 'session')} of ${printable(first.app ?? `login "${first.login}"`)} on ${printable(first.instance)}${lost}`,
    ];
  });
  return parts.join('; ');
}

/** How it ended. Ends with a line end. */
export function killText({ sessions, target }: KillReport, style: Style = plain): string {
  if (sessions.length === 0) return `${printable(target)} has no session: nothing was ended.\n`;
  const gone = sessions.filter((one) => one.gone);
  const left = sessions.filter((one) => !one.gone);
  const said = gone.length === 0 ? [] : [style.good(prose(`Ended, and gone: ${victimsOf(gone)}.`, 0, style))];
  return `${[...said, ...left.map((one) => style.bad(prose(stays(one), 0, style)))].join('\n')}\n`;
}

function victimsOf(sessions: readonly EndedSession[]): string {
  return [...Map.groupBy(sessions, (one) => `${one.app ?? `login "${one.login}"`} on ${one.instance}`)]
    .map(([who, some]) => `${count(some.length, 'session')} of ${printable(who)}`)
    .join('; ');
}

const stays = ({ id, instance, why = '' }: EndedSession): string => printable(`Session ${id} on ${instance} is still there: ${why}`);

export function sessionsJson(report: SessionsReport, exitCode: number): string {
  return document(writeSessions({ ...report, exitCode }));
}

export function killJson(report: KillReport, exitCode: number): string {
  return document(writeKill({ ...report, exitCode }));
}
