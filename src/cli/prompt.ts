import { createInterface } from 'node:readline';
import type { Io } from './io.ts';
import type { Options } from './options.ts';

/** Whether somebody is there to answer: a terminal on both sides, and neither `--no-input` nor CI. */
export function canAsk(io: Io, options: Options): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true && options.flag('input') && !isCi(io.env);
}

export function isCi({ CI: ci }: Io['env']): boolean {
  return ci !== undefined && ci !== '' && ci !== 'false' && ci !== '0';
}

/** One line from the terminal; null where input ends or the command is interrupted. The question goes to stderr. */
export function askLine(io: Io, question: string): Promise<string | null> {
  const { signal } = io.interruption;
  if (signal.aborted) return Promise.resolve(null);
  const done = io.interruption.standsStill();
  const lines = createInterface({ input: io.stdin, output: io.stderr, terminal: true });
  return new Promise((resolve) => {
    const stop = (): void => lines.close();
    signal.addEventListener('abort', stop, { once: true });
    lines.on('SIGINT', () => io.interrupt());
    lines.on('close', () => {
      signal.removeEventListener('abort', stop);
      done();
      resolve(null);
    });
    lines.question(question, (answer) => {
      resolve(answer.trim());
      lines.close();
    });
  });
}
