import { describe, expect, it } from 'vitest';
import { exitOfDiagnostics, exitOfEnding } from './exit-codes.ts';
import { Interruption } from './interruption.ts';
import { closest } from '../util/closest.ts';
import { parseDuration, parseMoment } from './options.ts';
import { splitUrl } from './url.ts';
import { credentialCodes, unreachableCodes } from '../model/index.ts';

describe('durations', () => {
  it.each([
    ['0', 0],
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '5', '-1s', '1d', '1.5s', '30 s', 's', '9999999999s'])('%j is refused', (text) => {
    expect(() => parseDuration(text)).toThrow('Use a number with a unit');
  });

  it.each([
    ['2026-01-31T03:00Z', '2026-01-31T03:00:00.000Z'],
    ['2026-01-31T03:00:05.25+01:00', '2026-01-31T02:00:05.250Z'],
  ])('a moment %s is %s', (text, at) => {
    expect(parseMoment(text)).toBe(at);
  });

  it.each([
    '',
    'latest',
    '2026-01-31',
    '2026-01-31T03:00',
    '2026-02-31T03:00Z',
    '2026-13-01T00:00Z',
    '2026-01-31T25:00Z',
    '2026-01-31 03:00Z',
  ])('%j is no moment', (text) => {
    expect(() => parseMoment(text)).toThrow('Use a date and a time with its offset');
  });
});

describe('the nearest word', () => {
  it.each([
    ['CT1230', 'CT1203'],
    ['CT120', 'CT1203'],
    ['ZZZZZZ', null],
  ])('to %s is %s', (word, found) => {
    expect(closest(word, ['CT1203', 'CT9999'])).toBe(found);
  });
});

describe('a URL', () => {
  it('gives its password away, decoded', () => {
    expect(splitUrl('anydb://admin:p%40ss@host:1/db?x=1')).toEqual({ url: 'anydb://admin@host:1/db?x=1', password: 'p@ss' });
  });

  it('stays as it is without one', () => {
    expect(splitUrl('anydb://admin@host/db')).toEqual({ url: 'anydb://admin@host/db', password: null });
    expect(splitUrl('not a url')).toEqual({ url: 'not a url', password: null });
  });
});

describe('exit codes', () => {
  const error = (code: string) => ({ code, severity: 'error' as const, message: '' });
  const [credential] = [...credentialCodes];
  const [away] = [...unreachableCodes];

  it('is 0 without errors', () => {
    expect(exitOfDiagnostics([{ code: 'CT1', severity: 'warning', message: '' }])).toBe(0);
  });

  it('lets other trouble outweigh an unreachable server', () => {
    expect(exitOfDiagnostics([error(away ?? '')])).toBe(5);
    expect(exitOfDiagnostics([error(away ?? ''), error(credential ?? '')])).toBe(4);
    expect(exitOfDiagnostics([error(away ?? ''), error('CT1203')])).toBe(1);
  });

  it('has one for each ending', () => {
    expect([exitOfEnding('partly'), exitOfEnding('locked'), exitOfEnding('refused'), exitOfEnding('interrupted')]).toEqual([3, 6, 7, 130]);
  });
});

describe('an interruption', () => {
  it('says first what is half done, and then ends at once', () => {
    const said: string[] = [];
    const interruption = new Interruption((text) => said.push(text));
    interruption.watch(() => ['anydb/main/database/shop (Create the database)']);
    expect(interruption.interrupt()).toBe('first');
    expect(interruption.signal.aborted).toBe(true);
    expect(said.join()).toContain('anydb/main/database/shop (Create the database)');
    expect(interruption.interrupt()).toBe('again');
    expect(said).toHaveLength(1);
  });

  it('ends what changes nothing at once, and tells a request to end from a Ctrl-C', async () => {
    const said: string[] = [];
    const interruption = new Interruption((text) => said.push(text));
    const ended = interruption.endsAtOnce();
    interruption.interrupt('SIGTERM');
    await expect(ended).rejects.toThrow('interrupted');
    expect([said, interruption.code]).toEqual([['\nInterrupted.'], 143]);
  });
});
