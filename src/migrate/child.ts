import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { fail } from '../model/index.ts';
import { Attended } from '../util/attended.ts';
import { LineReader } from './lines.ts';

export interface ChildOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** Milliseconds. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  say(line: string): void;
}

export interface ChildEnd {
  /** null: a signal ended it. */
  readonly code: number | null;
  readonly killedBy: string | null;
  readonly late: boolean;
  /** The last lines of what it said. */
  readonly tail: readonly string[];
  /** Its standard output as a whole, where it was asked for. */
  readonly output: string;
}

/** Milliseconds in which a tool that is told to end may do so. */
const PATIENCE = 10_000;
/** Lines that an error quotes. */
const TAIL = 12;
/** Characters of standard output that are kept. */
const OUTPUT = 64 * 1024 * 1024;
/**
 * The tool, and beside it somebody who waits until a pipe of this process closes, and then ends the group: a tool never outlives a
 * run that was killed, and meets no second one. It is nobody's child, for a tool may wait for all of its own, and deaf to what is
 * meant for the tool.
 */
const WATCHED = `( (trap '' HUP INT TERM; read -r _ <&3; kill -s TERM 0; sleep ${PATIENCE / 1000}; kill -s KILL 0) >/dev/null 2>&1 & ); exec "$@" 3<&-`;
/** How a shell says that there is no such program, or nothing that runs. */
const NOT_STARTED = /\bexec: (.*)$/;

/**
 * Runs a tool in a process group of its own to its end. SIGINT reaches it once, when the signal is given; whoever stops this
 * process, in whatever way, ends the tool with it. Throws the system's error where it cannot be started, and CT4101.
 */
export async function runChild(options: ChildOptions, keepOutput = false): Promise<ChildEnd> {
  const { program, args, cwd, env, signal } = options;
  signal.throwIfAborted();
  const child = spawn('/bin/sh', ['-c', WATCHED, 'sh', program, ...args], {
    cwd,
    env: { ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const kill = (by: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, by);
    } catch {
      // It has ended.
    }
  };
  const killNow = (): void => kill('SIGKILL');
  const heard = hear(child, options, keepOutput);
  let late = false;
  using beside = new Attended(signal, { stop: () => kill('SIGINT'), kill: killNow });
  beside.after(options.deadline, () => {
    late = true;
    kill('SIGTERM');
    beside.after(PATIENCE, killNow);
  });
  try {
    const end = await new Promise<{ code: number | null; by: NodeJS.Signals | null }>((resolve, reject) => {
      child.once('error', reject);
      // What it has left behind may hold its output open.
      child.once('exit', (code, by) => {
        const finish = (): void => resolve({ code, by });
        void heard.closed.then(finish);
        beside.after(2000, finish);
      });
    });
    const { tail, output } = heard.end();
    const why = end.code === 126 || end.code === 127 ? NOT_STARTED.exec(tail.at(-1) ?? '')?.[1] : undefined;
    if (why !== undefined) throw fail('CT4101', `it cannot be started: ${why}`);
    return { code: end.code, killedBy: end.by, late, tail, output };
  } finally {
    killNow();
  }
}

interface Heard {
  /** When nobody holds its output open any more. */
  readonly closed: Promise<unknown>;
  end(): Pick<ChildEnd, 'tail' | 'output'>;
}

/** Takes what a tool says, line by line. */
function hear({ stdout, stderr }: ChildProcess, options: ChildOptions, keepOutput: boolean): Heard {
  if (!stdout || !stderr) throw new Error('its output is a pipe');
  const tail: string[] = [];
  const quiet = (line: string): void => {
    tail.push(line);
    if (tail.length > TAIL) tail.shift();
  };
  const loud = (line: string): void => {
    quiet(line);
    options.say(line);
  };
  const output: string[] = [];
  let kept = 0;
  const [out, err] = [new LineReader(options.secrets, keepOutput ? quiet : loud), new LineReader(options.secrets, loud)];
  stdout.setEncoding('utf8').on('data', (text: string) => {
    if (keepOutput && kept < OUTPUT) output.push(text);
    kept += text.length;
    out.take(text);
  });
  stderr.setEncoding('utf8').on('data', (text: string) => err.take(text));
  const closed = Promise.all([stdout, stderr].map(async (stream) => await new Promise<void>((resolve) => stream.once('close', resolve))));
  const end = (): Pick<ChildEnd, 'tail' | 'output'> => {
    out.end();
    err.end();
    return { tail, output: output.join('') };
  };
  return { closed, end };
}
