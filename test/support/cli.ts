import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { spawn } from './children.ts';
import { checkout } from './places.ts';
import { compileCache, moduleUnderTest } from './under-test.ts';

export interface CliOptions {
  /** Where it runs; no default, so that no test works in the checkout by accident. */
  readonly cwd: string;
  /** Added to a small environment: PATH, HOME and a cache for compiled code, nothing else of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** For standard input, which is closed after it; null: it stays open, and brings nothing but what `reads` sends. */
  readonly input?: string | null;
  /** As which user, where this process is root. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Milliseconds until SIGKILL; the result then has code null. Default 60 000. */
  readonly timeout?: number;
}

export interface CliResult {
  /** null: ended by `signal`. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  /** Without the lines of whatever takes longer than two seconds: how fast a machine is decides whether they come. */
  readonly stderr: string;
  /** Milliseconds. */
  readonly duration: number;
}

export interface RunningCli {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it has begun to read standard input: more is sent than fits between the two. */
  reads(): Promise<void>;
  /** What it has said so far. */
  stdout(): string;
  stderr(): string;
  readonly done: Promise<CliResult>;
}

/** `Reading the servers… 2 of 3 servers, 5 s`. */
const STILL_AT_WORK = /^[^\n]+… (?:\d+ of \d+ [^\n]*, )?\d+ s\n/gm;

/** Runs the CLI as people do, in a process of its own, to its end. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return await startCli(args, options).done;
}

/** What it makes of a refusal: the code that it ends with, then code and words of each error. */
export function refusalOf({ code, stderr }: Pick<CliResult, 'code' | 'stderr'>): readonly (number | string | null)[] {
  return [code, ...[...stderr.matchAll(/error\[(CT\d+)\]: (.*)/g)].map((one) => `${one[1]} ${one[2]}`)];
}

/** Starts the CLI; `done` never rejects. */
export function startCli(args: readonly string[], options: CliOptions): RunningCli {
  const begun = performance.now();
  const child = spawn(nodePath(), [cliFile(), ...args], {
    cwd: options.cwd,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: options.cwd,
      NODE_NO_WARNINGS: '1',
      ...compileCache,
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...options.user,
    timeout: options.timeout ?? 60_000,
    killSignal: 'SIGKILL',
  });
  if (child.pid === undefined) throw new Error('node could not be started');
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // It may end before it has read everything.
  child.stdin.on('error', () => undefined);
  if (options.input !== null) child.stdin.end(options.input ?? '');
  const reads = (): Promise<void> => new Promise((resolve) => child.stdin.write('#'.repeat(2 ** 21), () => resolve()));
  const done = new Promise<CliResult>((resolve) => {
    child.once('close', (code, signal) =>
      resolve({ code, signal, stdout: stdout(), stderr: stderr().replace(STILL_AT_WORK, ''), duration: performance.now() - begun }),
    );
  });
  return { pid: child.pid, kill: (signal) => void child.kill(signal), reads, stdout, stderr, done };
}

function collect(stream: NonNullable<ChildProcess['stdout']>): () => string {
  const parts: string[] = [];
  stream.setEncoding('utf8').on('data', (text: string) => parts.push(text));
  return () => parts.join('');
}

export const cliFile = (): string => moduleUnderTest('cli/main');

/** The CLI is TypeScript, which Node runs from version 24 on; the checkout has one where the system's is older. */
export function nodePath(): string {
  return Number.parseInt(process.versions.node, 10) >= 24 ? process.execPath : join(checkout, 'node_modules/.bin/node');
}
