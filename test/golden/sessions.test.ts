import { describe, expect, it } from 'vitest';
import type { KillReport, ListedSession, SessionsReport } from '../../src/model/index.ts';
import { killDocument, sessionsDocument } from '../../src/report/documents/tending.ts';
import { killJson, killText, sessionsJson, sessionsText, victimsText } from '../../src/report/sessions-text.ts';
import type { Style } from '../../src/report/style.ts';
import { golden } from './write.ts';

const one = (id: string, app: string | null, more: Partial<ListedSession> = {}): ListedSession => ({
  id,
  started: '2026-12-01 03:00:00+00',
  instance: 'main',
  engine: 'postgres',
  app,
  kind: 'app',
  login: `${app ?? 'backup'}_user`,
  database: app,
  from: '10.0.0.7',
  state: 'idle',
  seconds: 3,
  transaction: null,
  waitsFor: [],
  ...more,
});

const sessions = [
  one('4711', 'blog', { state: 'idle in transaction', seconds: 900, transaction: 960 }),
  one('4712', 'shop', { state: 'waiting', seconds: 40, transaction: 40, waitsFor: ['4711'] }),
  one('4713', 'shop', { state: 'active', seconds: 0, transaction: 0 }),
  one('12', null, { kind: 'cotenant', login: 'postgres', database: 'postgres', from: '' }),
];
const report: SessionsReport = { format: 1, app: null, sessions, diagnostics: [] };
const killed: KillReport = {
  format: 1,
  target: 'shop',
  sessions: sessions.slice(1, 3).map((session, n) => ({
    ...session,
    gone: n === 0,
    ...(n === 0 ? {} : { why: 'it was told to end and has not yet: a long rollback can keep it' }),
  })),
  diagnostics: [],
};

describe('sessions', () => {
  it('sessions', async () => await golden('sessions', (style: Style) => sessionsText(report, style)));
  it('kill', async () => await golden('kill', (style: Style) => killText(killed, style)));

  it('says how many would end, of whom, and whose work is lost', () => {
    expect(victimsText(sessions)).toBe(
      '1 session of blog on main, 1 with a transaction open, whose work is lost; 2 sessions of shop on main, 2 with a transaction open, whose work is lost; 1 session of login "postgres" on main',
    );
    expect(killText({ ...killed, sessions: [] })).toBe('shop has no session: nothing was ended.\n');
  });

  it('prints for programs what its schema says', () => {
    expect(sessionsDocument.parse(JSON.parse(sessionsJson(report, 0)))).toMatchObject({ sessions });
    expect(killDocument.parse(JSON.parse(killJson(killed, 1)))).toMatchObject({ exitCode: 1, sessions: killed.sessions });
  });
});
