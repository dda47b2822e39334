import { describe, expect, it } from 'vitest';
import { topOf } from '../../src/app/usage/top.ts';
import type { AppUsage, Usage, UsageDown } from '../../src/model/index.ts';
import { topDocument } from '../../src/report/documents/usage.ts';
import { createStyle, type Style } from '../../src/report/style.ts';
import { topJson, topText } from '../../src/report/top-text.ts';
import { golden } from './write.ts';

const states = { active: 0, idle: 0, idleInTransaction: 0, waiting: 0 };
const app = (name: string, more: Partial<AppUsage> = {}): AppUsage => ({
  app: name,
  kind: 'app',
  connections: states,
  connectionLimit: 4,
  size: { bytes: 8_000_000, exact: true, at: '2026-12-01T03:00:00.000Z' },
  work: { seconds: 0, calls: 0, denied: 0 },
  blocked: 0,
  oldestTransaction: null,
  ...more,
});

const usage = (at: string, apps: readonly AppUsage[], more: Partial<Usage> = {}): Usage => ({
  instance: 'main',
  engine: 'postgres',
  at,
  version: '18.4',
  uptime: 86_400,
  connections: { open: 81, max: 100, reserved: 3 },
  apps,
  others: { ...states, idle: 2 },
  waits: [],
  pressures: [
    { metric: 'xid_age', title: 'age of the oldest transaction number', value: 1_500_000_000, unit: 'transactions', limit: 2 ** 31 },
    { metric: 'slot_retained_bytes', title: 'log kept for a replication slot', of: 'standby', value: 1e9, unit: 'bytes', limit: null },
  ],
  lost: [],
  untold: [],
  statements: [],
  ...more,
});

const cache = usage(
  '2026-12-01T03:00:02.000Z',
  [app('shop', { connectionLimit: null, work: {}, size: { bytes: 2048, exact: false, at: '' } })],
  {
    instance: 'cache',
    engine: 'redis',
    version: '8.0.6',
    connections: { open: 4, max: 10_000, reserved: 0 },
    pressures: [{ metric: 'memory_used_bytes', title: 'memory', value: 2 ** 30, unit: 'bytes', limit: 2 ** 31, state: 'noeviction' }],
    untold: ['commands and bytes of apps: this version of the server does not count them by connection'],
  },
);
const down: UsageDown = {
  instance: 'far',
  engine: 'mysql',
  at: '2026-12-01T03:00:02.000Z',
  diagnostics: [{ code: 'CT3001', severity: 'error', message: '"far" could not be reached', instance: 'far' }],
};

const report = topOf(
  [usage('2026-12-01T03:00:00.000Z', [app('shop'), app('blog')]), cache, down],
  [
    usage(
      '2026-12-01T03:00:02.000Z',
      [
        app('shop', { connections: { ...states, active: 1, waiting: 3 }, blocked: 3, work: { seconds: 0.2, calls: 40, denied: 0 } }),
        app('blog', {
          connections: { ...states, active: 2, idle: 1, idleInTransaction: 1 },
          connectionLimit: 10,
          oldestTransaction: 900,
          work: { seconds: 1.8, calls: 6, denied: 0 },
        }),
      ],
      {
        waits: [
          { waiting: 'shop', holding: 'blog', sessions: 2, seconds: 40 },
          { waiting: 'shop', holding: 'shop', sessions: 1, seconds: 3 },
        ],
        lost: [{ statement: 'slots', why: 'canceling statement due to statement timeout' }],
      },
    ),
    cache,
    down,
  ],
);

describe('top', () => {
  it('top', async () => await golden('top', (style: Style) => topText(report, style)));

  it('names who does most and who holds up whom, and gives rates by second', () => {
    expect(report.rows.map((row) => [row.app, row.instance, row.share, row.rates.calls, row.blocking])).toEqual([
      ['blog', 'main', 0.9, 3, 2],
      ['shop', 'main', 0.1, 20, 0],
      ['shop', 'cache', null, undefined, 0],
    ]);
  });

  it('says the same with colour, and what is printed for programs is what its schema says', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour is made of them
    expect(topText(report, createStyle(true)).replace(/\u001b\[\d+m/g, '')).toBe(topText(report));
    expect(topDocument.parse(JSON.parse(topJson(report, 5)))).toMatchObject({ exitCode: 5, rows: report.rows, waits: report.waits });
  });
});
