import { PassThrough } from 'node:stream';
import { Interruption } from '../../src/cli/interruption.ts';
import { run } from '../../src/cli/run.ts';

export interface Typed {
  readonly code: number;
  /** Everything on the screen, both streams. */
  readonly shown: string;
  readonly stdout: string;
}

/** A command at a terminal at which somebody types an answer to each question. `typed` ends: so does the input. `\u0003`: Ctrl-C. */
export async function typing(
  cwd: string,
  typed: readonly string[],
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Typed> {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 200 });
  const stdout = new PassThrough();
  const shown: string[] = [];
  const printed: string[] = [];
  const answers = [...typed];
  stdout.on('data', (chunk: Buffer) => {
    printed.push(chunk.toString());
    shown.push(chunk.toString());
  });
  stderr.on('data', (chunk: Buffer) => {
    shown.push(chunk.toString());
    if (!/(?:: |\[(?:y\/N|Y\/n)\] )(?:\u001b\[\d+G)?$/.test(chunk.toString())) return;
    const next = answers.shift();
    setImmediate(() => (next === undefined ? stdin.end() : stdin.write(`${next}\r`)));
  });
  const interruption = new Interruption((text) => shown.push(`${text}\n`));
  const interrupt = (): void => void interruption.interrupt('SIGINT');
  const code = await run(args, { version: '9', cwd, env, stdin, stdout, stderr, interruption, interrupt });
  return { code, shown: shown.join(''), stdout: printed.join('') };
}
