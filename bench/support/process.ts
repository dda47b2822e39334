import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { spentByChildren } from './processor.ts';
import { privateTempFolder } from '../../src/runtime/index.ts';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Exit codes that are right. Default 0 alone. */
  readonly codes?: readonly number[];
  readonly stdin?: string;
}

export interface Timed {
  /** Milliseconds from the start of the process to its end. */
  readonly wall: number;
  /** Milliseconds of processor time, with that of its own children. Runs beside each other cannot be told apart. */
  readonly cpu: number;
  readonly stdout: string;
}

/** Runs a command to its end. Throws where its exit code is none of the right ones. */
export async function timed(command: Command): Promise<Timed> {
  const spent = spentByChildren();
  const began = performance.now();
  const child = spawn(command.program, command.args, { cwd: command.cwd, env: command.env, stdio: ['pipe', 'pipe', 'pipe'] });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
  child.stdin.on('error', () => undefined).end(command.stdin ?? '');
  let wall = 0;
  child.once('exit', () => {
    wall = performance.now() - began;
  });
  await once(child, 'close');
  if (!(command.codes ?? [0]).includes(child.exitCode ?? -1)) {
    throw new Error(
      `${command.program} ${command.args.join(' ')} ended with ${child.exitCode ?? child.signalCode}\n${err.join('').slice(-4000)}`,
    );
  }
  return { wall, cpu: spentByChildren() - spent, stdout: out.join('') };
}

const watched = z.object({ peak: z.number(), modules: z.array(z.string()) });

export interface Watched extends Timed {
  /** Peak resident memory in MB (10^6 bytes). */
  readonly peak: number;
  /** URLs and paths of the modules that were loaded. */
  readonly modules: readonly string[];
}

/** Like `timed` for a Node program, which tells its peak memory and its modules at its end. Slower than without. */
export async function watchedRun(command: Command): Promise<Watched> {
  await using folder = await privateTempFolder('cotenant-bench-');
  const report = join(folder.path, 'watched.json');
  await writeFile(report, '');
  const args = ['--import', new URL('watch.ts', import.meta.url).href, ...command.args];
  const run = await timed({ ...command, args, env: { ...command.env, BENCH_WATCH: report } });
  return { ...run, ...watched.parse(JSON.parse(await readFile(report, 'utf8'))) };
}
