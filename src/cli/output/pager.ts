import { spawn } from 'node:child_process';
import { widthOf } from '../../util/width.ts';
import type { Io } from '../io.ts';
import type { Options } from '../options.ts';
import { isCi } from '../prompt.ts';

/**
 * The program through which somebody at a terminal reads what is longer than the screen: COTENANT_PAGER, then PAGER, then
 * `less`. null: it goes to stdout as it is, as it does in a pipe, with `--no-pager`, in CI, and where the pager is `cat` or ''.
 */
export function pagerFor(text: string, io: Io, options: Options): string | null {
  const { stdin, stdout, env } = io;
  const isTerminal = stdin.isTTY === true && stdout.isTTY === true && env['TERM'] !== 'dumb';
  if (!isTerminal || !options.flag('pager') || isCi(env)) return null;
  const { rows, columns } = sizeOf(stdout);
  const lines = text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), -1);
  if (lines < rows) return null;
  const pager = (env['COTENANT_PAGER'] ?? env['PAGER'] ?? 'less').trim();
  return pager === '' || pager === 'cat' ? null : pager;
}

/** Of a terminal: endless where it does not know, as one that a program has opened may not. */
export function sizeOf({ rows, columns }: Io['stdout']): { readonly rows: number; readonly columns: number } {
  const known = (size: number | undefined): number => (size === undefined || size === 0 ? Infinity : size);
  return { rows: known(rows), columns: known(columns) };
}

/** Resolves when the pager has ended: false where it could not be started. A Ctrl-C is the pager's while it runs. */
export async function page(text: string, pager: string, io: Io): Promise<boolean> {
  const { interruption } = io;
  try {
    return await new Promise((resolve) => {
      const child = spawn(pager, { shell: true, stdio: ['pipe', 'inherit', 'inherit'], env: { LESS: 'FRX', LV: '-c', ...io.env } });
      interruption.handTo((signal) => {
        if (signal === 'SIGINT') return;
        child.kill();
        interruption.handTo(null);
        interruption.interrupt(signal);
      });
      child.on('error', () => resolve(false));
      // What a shell answers where there is no such program.
      child.on('close', (code) => resolve(code !== 126 && code !== 127));
      // It may be left before it has read everything.
      child.stdin.on('error', () => undefined);
      child.stdin.end(text);
    });
  } finally {
    interruption.handTo(null);
  }
}
