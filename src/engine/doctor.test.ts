import { describe, expect, it } from 'vitest';
import { lasting } from '../util/duration.ts';
import { Examining, usualLimits } from './doctor.ts';
import { clockSkew, common, commonChecksAs, type Lifetimes, versionOver } from './doctor-checks.ts';
import { type Blocker, blockedSessions, type Waiting } from './doctor-sessions.ts';

const examining = (): Examining => new Examining((error) => error instanceof RangeError);

describe('clocks', () => {
  const skew = (there: number): unknown => {
    const on = examining();
    clockSkew(on, { before: 1_000_000, after: 1_004_000, there }, usualLimits.skew);
    return on.findings.map(({ what }) => what);
  };

  it.each([
    ['inside of what the answer took', 1_002_000, []],
    ['less than the limit ahead', 1_008_000, []],
    ['ahead', 1_064_000, ['the clock of the server is 1 min ahead of that of this machine']],
    ['behind', 990_000, ['the clock of the server is 10 s behind that of this machine']],
  ])('%s', (_, there, told) => expect(skew(there)).toEqual(told));
});

describe('versions', () => {
  const lifetimes: Lifetimes = {
    title: 'Thing',
    source: 'https://example.com',
    read: '2026-01-01',
    ends: [
      ['3', null],
      ['2.1', '2026-06-30'],
      ['2', '2025-01-31'],
    ],
  };
  const on = (version: string, day: string): unknown => {
    const examined = examining();
    versionOver(examined, lifetimes, version, { now: new Date(day), limits: usualLimits, apps: null });
    return examined.findings.map(({ severity, what, remedy }) => [severity, what, remedy[0]?.say]);
  };

  it.each([
    ['2.1.7', '2026-01-01', []],
    [
      '2.1.7',
      '2026-06-01',
      [['info', 'Thing 2.1 gets its last fixes on 2026-06-30', 'upgrade to Thing 3; `cotenant backup run` before it']],
    ],
    [
      '2.10',
      '2026-06-01',
      [['warning', 'Thing 2 has had no fixes since 2025-01-31', 'upgrade to Thing 3; `cotenant backup run` before it']],
    ],
    ['3.4', '2099-01-01', []],
    ['4', '2099-01-01', []],
  ])('%s on %s', (version, day, told) => expect(on(version, day)).toEqual(told));
});

describe('who blocks whom', () => {
  const who = (app: string): Blocker['who'] => ({ app, words: app });
  const wait = (id: string, blocker: string): Waiting => ({
    id,
    who: who(`app${id}`),
    seconds: 60,
    blocker: { id: blocker, who: who(`app${blocker}`), words: `session ${blocker}`, remedy: [] },
  });
  const told = (...waits: readonly Waiting[]): readonly string[] => {
    const on = examining();
    blockedSessions(on, waits, 10);
    return on.findings.map(({ what }) => what);
  };

  it('is followed along a chain', () =>
    expect(told(wait('1', '2'), wait('2', '3'))).toEqual([
      'app3 (session 3) blocks 1 session of app1 and 1 session of app2, the longest for 1 min',
    ]));
  it('ends in a circle', () => expect(told(wait('1', '2'), wait('2', '1')).length).toBeGreaterThan(0));
  it('counts one that two are in the way of once for each', () => expect(told(wait('1', '2'), wait('1', '3'))).toHaveLength(2));
});

describe('what an examination comes to', () => {
  it('loses what fails and nothing else, and throws a defect on', async () => {
    const on = examining();
    await on.ask(['a', 'b'], () => Promise.resolve(1));
    expect(await on.ask(['c'], () => Promise.reject(new RangeError('no')))).toBeNull();
    expect(await on.ask(['b'], () => Promise.reject(new RangeError('not there')), 'there')).toBeNull();
    await expect(on.ask(['d'], () => Promise.reject(new TypeError('defect')))).rejects.toThrow('defect');
    expect(on.end()).toEqual({
      findings: [],
      blind: [
        { checks: ['c'], why: 'no' },
        { checks: ['b'], why: 'not there', where: 'there' },
      ],
      checks: ['a', 'b'],
      statements: 4,
    });
  });

  it('leaves out common checks that an engine does not make', () => {
    const made = commonChecksAs(new Map([[common.counter, 'Reads them.']]));
    expect(made.map(({ id }) => id)).toEqual([
      common.unreachable,
      common.missing,
      common.serverFull,
      common.version,
      common.clock,
      common.counter,
    ]);
    expect(made.at(-1)?.looks).toBe('Reads them.');
  });
});

it.each([
  [0.4, '0 s'],
  [59.9, '59 s'],
  [60, '1 min'],
  [7199, '1 h'],
  [86_400, '1 day'],
  [200_000, '2 days'],
])('%d seconds are %s', (seconds, words) => expect(lasting(seconds)).toBe(words));
