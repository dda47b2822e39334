import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Attended } from './attended.ts';

export interface ProgramRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All that it finds in its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Read by the program as the file /dev/fd/3. */
  readonly secret?: string;
  /** Milliseconds without a word from it after which it is given up. Left out: it may be silent. */
  readonly silence?: number;
  /** Each line of its standard output as it comes. */
  readonly line?: (text: string) => void;
}

export interface ProgramEnd {
  /** null: a signal ended it. */
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
  /** It said nothing for too long. */
  readonly silent: boolean;
}

/** Characters of each stream that are kept. */
const KEPT = 32 * 1024 * 1024;
/** Milliseconds for an end in good order. */
const PATIENCE = 5000;

/**
 * Runs a program, and beside it what ends it when this process is gone, even by SIGKILL: its standard input is a pipe of ours, each
 * line of which is a signal, and whose end is ours. `wait` ends early at a signal of the shell's own: then it waits on.
 */
const GUARD = `exec 4<&0
"$@" </dev/null 4<&- &
program=$!
{ while read -r signal <&4; do kill -s "$signal" "$program"; done; kill "$program"; sleep ${PATIENCE / 1000}; kill -9 "$program"; } >/dev/null 2>&1 3<&- &
guard=$!
wait "$program"; code=$?
kill "$guard" 2>/dev/null
exit "$code"`;
/** The shell says a signal as 128 and its number. */
const BY_SIGNAL = 128;

/** Runs a program to its end, or to that of this process, whichever is first. Its code is 127 where it cannot be started. */
export async function runProgram(run: ProgramRun): Promise<ProgramEnd> {
  run.signal.throwIfAborted();
  const descriptor = run.secret === undefined ? null : descriptorOf(run.secret);
  const stdio = ['pipe' as const, 'pipe' as const, 'pipe' as const, ...(descriptor === null ? [] : [descriptor])];
  const child = spawn('/bin/sh', ['-c', GUARD, 'sh', run.program, ...run.args], { cwd: run.cwd, env: { ...run.env }, stdio });
  if (descriptor !== null) closeSync(descriptor);
  // It may be at its end when it is told.
  child.stdin?.on('error', () => undefined);
  let silent = false;
  const stop = (): void => {
    child.stdin?.write('TERM\n');
    beside.after(PATIENCE, kill);
  };
  const kill = (): void => void child.stdin?.write('KILL\n');
  using beside = new Attended(run.signal, { stop, kill });
  const patience =
    run.silence === undefined
      ? null
      : beside.after(run.silence, () => {
          silent = true;
          stop();
        });
  const said = { output: '', errors: '' };
  let rest = '';
  const take =
    (stream: keyof typeof said) =>
    (text: string): void => {
      patience?.refresh();
      if (said[stream].length < KEPT) said[stream] += text;
      if (stream !== 'output' || !run.line) return;
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) run.line(line);
    };
  child.stdout?.setEncoding('utf8').on('data', take('output'));
  child.stderr?.setEncoding('utf8').on('data', take('errors'));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (end) => resolve(end === null || end > BY_SIGNAL ? null : end));
  });
  return { code, ...said, silent };
}

/** What it says of its version, as `18.4` or `0.19.1`; null: it does not run, or says none. */
export async function versionOf(program: string, ...args: readonly string[]): Promise<string | null> {
  return /\d+(?:\.\d+)+/u.exec((await saidBy(program, ...args)) ?? '')?.[0] ?? null;
}

/** What it writes and then ends; null: it does not run. */
export async function saidBy(program: string, ...args: readonly string[]): Promise<string | null> {
  const said = await promisify(execFile)(program, args, { timeout: 10_000 }).catch(() => null);
  return said?.stdout ?? null;
}

/** A file without a name: nobody else can open it, and it is gone with the processes that have it. A pipe of Node's cannot be opened again by its path. */
function descriptorOf(secret: string): number {
  const file = join(tmpdir(), `.cotenant-${randomBytes(12).toString('hex')}`);
  const write = openSync(file, 'wx', 0o600);
  try {
    const read = openSync(file, 'r');
    rmSync(file);
    writeSync(write, secret);
    return read;
  } finally {
    rmSync(file, { force: true });
    closeSync(write);
  }
}
