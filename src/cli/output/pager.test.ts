import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../test/support/temp-dir.ts';
import { Interruption } from '../interruption.ts';
import type { Io } from '../io.ts';
import { Options } from '../options.ts';
import { pagerFor } from './pager.ts';
import { TextOutput } from './text.ts';

const long = 'line\n'.repeat(30);
const options = new Options({ pager: true, color: true });

function terminal(env: Io['env'], isTTY = true): { readonly io: Io; readonly out: () => string; readonly err: () => string } {
  const size = { isTTY, columns: 80, rows: 24 };
  const [stdin, stdout, stderr] = [
    Object.assign(new PassThrough(), { isTTY }),
    Object.assign(new PassThrough(), size),
    Object.assign(new PassThrough(), size),
  ];
  const io = {
    version: '9',
    cwd: '/',
    env,
    stdin,
    stdout,
    stderr,
    interruption: new Interruption(() => undefined),
    interrupt: () => undefined,
  };
  return { io, out: () => String(stdout.read() ?? ''), err: () => String(stderr.read() ?? '') };
}

describe('the pager', () => {
  it.each([
    [{}, 'less'],
    [{ PAGER: 'more' }, 'more'],
    [{ PAGER: 'more', COTENANT_PAGER: 'less -S' }, 'less -S'],
    [{ PAGER: 'more', COTENANT_PAGER: '' }, null],
    [{ PAGER: 'cat' }, null],
    [{ CI: 'true' }, null],
    [{ TERM: 'dumb' }, null],
  ])('with %j is %s', (env, expected) => expect(pagerFor(long, terminal(env).io, options)).toBe(expected));

  it('is none for what fits, in a pipe, and where it is not wanted', () => {
    expect(pagerFor('line\n'.repeat(23), terminal({}).io, options)).toBeNull();
    expect(pagerFor(`${'x'.repeat(81)}\n`.repeat(12), terminal({}).io, options)).toBe('less');
    expect(pagerFor(long, terminal({}, false).io, options)).toBeNull();
    expect(pagerFor(long, terminal({}).io, new Options({ pager: false }))).toBeNull();
  });

  it('is none, and lines are whole, at a terminal that does not know its size', async () => {
    const { io, out } = terminal({});
    Object.assign(io.stdout, { columns: 0, rows: 0 });
    expect(pagerFor(long, io, options)).toBeNull();
    const output = new TextOutput(io, options);
    output.result({ text: ({ width }) => String(width), json: () => '' });
    await output.read();
    expect(out()).toBe('Infinity');
  });

  it('gets the text, and what follows waits for it', async () => {
    await using folder = await tempDir();
    const { io, out, err } = terminal({ PAGER: `cat > ${join(folder.path, 'read')}`, PATH: process.env['PATH'], NO_COLOR: '1' });
    const output = new TextOutput(io, options);
    output.result({ text: () => long, json: () => '', paged: true });
    output.note('Next: something');
    expect([out(), err()]).toEqual(['', '']);
    // Ctrl-C is the pager's.
    expect([io.interruption.interrupt('SIGINT'), io.interruption.signal.aborted]).toEqual(['first', false]);
    await output.read();
    expect(await readFile(join(folder.path, 'read'), 'utf8')).toBe(long);
    expect([out(), err()]).toEqual(['', 'Next: something\n']);
  });

  it('that is not there is none', async () => {
    const { io, out } = terminal({ PAGER: 'cotenant-no-such-pager 2>/dev/null', PATH: process.env['PATH'], NO_COLOR: '1' });
    const output = new TextOutput(io, options);
    output.result({ text: () => long, json: () => '', paged: true });
    await output.read();
    expect(out()).toBe(long);
  });

  it('ends with a signal that ends the command', async () => {
    const { io } = terminal({ PAGER: 'exec sleep 60', PATH: process.env['PATH'] });
    const output = new TextOutput(io, options);
    output.result({ text: () => long, json: () => '', paged: true });
    io.interruption.interrupt('SIGTERM');
    await output.read();
    expect([io.interruption.signal.aborted, io.interruption.code]).toEqual([true, 143]);
  });
});
