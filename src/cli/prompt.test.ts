import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Interruption } from './interruption.ts';
import type { Io } from './io.ts';
import { Options } from './options.ts';
import { askLine, canAsk } from './prompt.ts';

interface Terminal {
  readonly io: Io;
  readonly stdin: PassThrough;
  shown(): string;
}

function terminal(env: Readonly<Record<string, string>> = {}, tty = { stdin: true, stderr: true }): Terminal {
  const stdin = Object.assign(new PassThrough(), { isTTY: tty.stdin, setRawMode: () => undefined });
  const stdout = new PassThrough();
  const stderr = Object.assign(new PassThrough(), { isTTY: tty.stderr, columns: 80 });
  const parts: string[] = [];
  stderr.on('data', (chunk: Buffer) => parts.push(chunk.toString()));
  const interruption = new Interruption(() => undefined);
  const io = { version: '0', cwd: '/', env, stdin, stdout, stderr, interruption, interrupt: () => void interruption.interrupt() };
  return { io, stdin, shown: () => parts.join('') };
}

describe('whether somebody can be asked', () => {
  const input = new Options({ input: true });

  it.each([
    [{}, true],
    [{ CI: 'true' }, false],
    [{ CI: '1' }, false],
    [{ CI: 'false' }, true],
    [{ CI: '' }, true],
  ])('with %j it is %s', (env, expected) => {
    expect(canAsk(terminal(env).io, input)).toBe(expected);
  });

  it('needs a terminal on both sides, and no --no-input', () => {
    expect(canAsk(terminal({}, { stdin: false, stderr: true }).io, input)).toBe(false);
    expect(canAsk(terminal({}, { stdin: true, stderr: false }).io, input)).toBe(false);
    expect(canAsk(terminal().io, new Options({ input: false }))).toBe(false);
  });
});

describe('a question', () => {
  it('goes to stderr and takes one line', async () => {
    const { io, stdin, shown } = terminal();
    const answer = askLine(io, 'Proceed? ');
    stdin.write(' yes \r');
    expect(await answer).toBe('yes');
    expect(shown()).toContain('Proceed? ');
  });

  it('is null where input ends', async () => {
    const { io, stdin } = terminal();
    const answer = askLine(io, '? ');
    stdin.end();
    expect(await answer).toBeNull();
  });

  it('is null after Ctrl-C, which counts as the first interruption', async () => {
    const { io, stdin } = terminal();
    const answer = askLine(io, '? ');
    stdin.write('\u0003');
    expect(await answer).toBeNull();
    expect(io.interruption.signal.aborted).toBe(true);
    expect(await askLine(io, '? ')).toBeNull();
  });
});
