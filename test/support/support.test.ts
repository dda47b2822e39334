import { existsSync } from 'node:fs';
import { stat, utimes } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runCli, startCli } from './cli.ts';
import { inTurn, summary, unknown, unmet, versionSaid } from './roster.ts';
import { removeOldTempDirs, tempDir } from './temp-dir.ts';

const entries = [
  { name: 'one14', way: 'embedded', version: '14.2' },
  { name: 'one15', way: null },
  { name: 'one16', way: 'local' },
];

describe('the roster of engines', () => {
  it('is said in one line, with what is missing', () => {
    expect(summary(entries, {})).toBe('engines: one14 embedded 14.2, one16 local. MISSING: one15');
    expect(summary(entries, { ENGINES: 'one16' })).toBe('engines: one16 local. not asked for (ENGINES): one14. MISSING: one15');
    expect(summary([], {})).toBe('engines: none');
  });

  it.each([
    [undefined, []],
    ['', []],
    ['one14, one16', []],
    ['one15', ['one15']],
    ['one14,one17', ['one17']],
    ['all', ['one15']],
  ])('finds out whether REQUIRE_ENGINES=%s is met', (required, lacking) => {
    expect(unmet(entries, { REQUIRE_ENGINES: required })).toEqual(lacking);
  });

  it('holds an engine that ENGINES leaves out for missing', () => {
    expect(unmet(entries, { REQUIRE_ENGINES: 'one14,one16', ENGINES: 'one16' })).toEqual(['one14']);
  });

  it('asks a program for its version', () => {
    expect(versionSaid(process.execPath)).toEqual({ version: process.versions.node });
    expect(versionSaid('/nowhere/server')).toEqual({});
  });

  it.each([1, 2, 3, 4, 5])(
    'takes each of %d that are there, and of each whatever can be run whole, once before any comes again',
    (more) => {
      const others = Array.from({ length: more - 1 }, (_, n) => ({ name: `two${n}`, way: 'local' }));
      const all = [...entries.slice(0, 1), ...others, { name: 'pool', way: 'local', beside: true as const }];
      const drawn = Array.from({ length: 4 * more }, (_, day) => inTurn(all, 20_000 + day));
      expect(new Set(drawn).size).toBe(4 * more);
      expect(new Set(drawn.map((one) => one.split('/')[0])).size).toBe(more);
      expect(unknown(all, { FULL: drawn.join(',') })).toEqual([]);
      expect(inTurn([], 3)).toBe('');
    },
  );

  it('tells names that no engine has', () => {
    expect(unknown(entries, { ENGINES: 'one14,on16', REQUIRE_ENGINES: 'all,one99', FULL: 'one15,two' })).toEqual(['on16', 'one99', 'two']);
  });
});

describe('a temporary folder', () => {
  it('is private and goes with its block', async () => {
    let path = '';
    {
      await using dir = await tempDir();
      path = dir.path;
      expect((await stat(path)).mode & 0o777).toBe(0o700);
    }
    expect(existsSync(path)).toBe(false);
  });

  it('of a run that was killed goes the day after', async () => {
    await using young = await tempDir();
    await using old = await tempDir();
    await utimes(old.path, 0, Date.now() / 1000 - 2 * 86_400);
    await removeOldTempDirs();
    expect([existsSync(young.path), existsSync(old.path)]).toEqual([true, false]);
  });
});

describe('the CLI in a process of its own', () => {
  it('gives what it printed and its exit code', async () => {
    await using dir = await tempDir();
    const result = await runCli(['--version'], { cwd: dir.path });
    expect(result).toMatchObject({ code: 0, signal: null, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as unknown });
  });

  it('can be killed', async () => {
    await using dir = await tempDir();
    const cli = startCli(['--version'], { cwd: dir.path });
    cli.kill('SIGKILL');
    expect(await cli.done).toMatchObject({ code: null, signal: 'SIGKILL' });
  });
});
