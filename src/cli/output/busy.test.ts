import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Interruption } from '../interruption.ts';
import { Options } from '../options.ts';
import { TextOutput } from './text.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function at(isTTY: boolean, values: Readonly<Record<string, boolean>> = {}): { readonly output: TextOutput; readonly err: () => string } {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), Object.assign(new PassThrough(), { isTTY, columns: 80 })];
  const interruption = new Interruption(() => undefined);
  const io = { version: '9', cwd: '/', env: {}, stdin, stdout, stderr, interruption, interrupt: () => undefined };
  return { output: new TextOutput(io, new Options({ color: true, ...values })), err: () => String(stderr.read() ?? '') };
}

const foot = (text: string): string => `\r\u001b[K${text}`;

it('is one line at the foot of a screen, with the seconds after two of them, and goes away', async () => {
  const { output, err } = at(true);
  const { promise, resolve } = Promise.withResolvers<number>();
  const busy = output.busy('Reading the servers', async () => await promise);
  output.far(1, 3, 'servers');
  vi.advanceTimersByTime(2000);
  output.far(2, 3, 'servers');
  resolve(7);
  expect(await busy).toBe(7);
  output.far(3, 3, 'servers');
  vi.advanceTimersByTime(20_000);
  expect(err()).toBe(
    [
      'Reading the servers…',
      'Reading the servers… 1 of 3 servers',
      'Reading the servers… 1 of 3 servers, 2 s',
      'Reading the servers… 2 of 3 servers, 2 s',
      '',
    ]
      .map(foot)
      .join(''),
  );
});

it('elsewhere is lines as long as it takes, and none where it is quiet', async () => {
  for (const [quiet, said] of [
    [false, 'Reading the servers… 1 of 3 servers, 2 s\nReading the servers… 1 of 3 servers, 12 s\n'],
    [true, ''],
  ] as const) {
    const { output, err } = at(false, { quiet });
    const { promise, reject } = Promise.withResolvers<number>();
    const busy = output.busy('Reading the servers', async () => await promise);
    output.far(1, 3, 'servers');
    vi.advanceTimersByTime(12_000);
    reject(new Error('gone'));
    await expect(busy).rejects.toThrow('gone');
    vi.advanceTimersByTime(20_000);
    expect(err()).toBe(said);
  }
});
