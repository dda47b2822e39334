import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalProcess, ProcessEnd, RunOptions, RunResult, ServerUser, StartOptions } from '../engine/local.ts';
import { fail } from '../model/index.ts';
import { onShutdown } from './shutdown.ts';
import { watchParent } from './watch-parent.ts';

/** Runs a program to its end and collects what it printed. */
export async function run(user: ServerUser | null, command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const child = spawn(command, args, {
    ...base(user, options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeout ?? 60_000,
    killSignal: 'SIGKILL',
  });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(notStarted(command, error)));
    child.once('close', resolve);
  });
  return { code, stdout: out.join(''), stderr: err.join('') };
}

/** Starts a server. It has been spawned when this resolves; whether it serves is another question. */
export async function start(
  user: ServerUser | null,
  command: string,
  args: readonly string[],
  options: StartOptions,
): Promise<LocalProcess> {
  const { pid, child, ended } = await spawnLogged(user, command, args, options);
  const lastSignal = options.stopSignals.at(-1) ?? 'SIGKILL';
  const unwatch = options.watchParent ? watchParent(pid, lastSignal, options.watchParent.remove, user) : () => undefined;
  let end: ProcessEnd | null = null;
  const kill = async (): Promise<ProcessEnd> => {
    if (end === null) child.kill('SIGKILL');
    return (await within(ended, 60_000)) ?? Promise.reject(new Error(`process ${pid} outlived SIGKILL by a minute`));
  };
  const stop = async (patience = options.patience ?? 10_000): Promise<ProcessEnd> => {
    for (const signal of options.stopSignals) {
      if (end === null) child.kill(signal);
      const stopped = await within(ended, patience);
      if (stopped) return stopped;
    }
    return await kill();
  };
  const takeBack = onShutdown(async () => void (await stop()));
  void ended.then((how) => {
    end = how;
    unwatch();
    takeBack();
  });
  return {
    pid,
    logFile: options.logFile,
    get end() {
      return end;
    },
    ended,
    stop,
    kill,
  };
}

interface Spawned {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly ended: Promise<ProcessEnd>;
}

async function spawnLogged(user: ServerUser | null, command: string, args: readonly string[], options: StartOptions): Promise<Spawned> {
  const log = await openLog(options.logFile, user);
  try {
    const child = spawn(command, args, { ...base(user, options.env), detached: true, stdio: ['ignore', log.fd, log.fd] });
    // Asked for before anything is awaited: a server may end at once.
    const ended = new Promise<ProcessEnd>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(notStarted(command, error)));
    });
    if (child.pid === undefined) throw new Error(`${command} was spawned without a process id`);
    child.unref();
    return { pid: child.pid, child, ended };
  } finally {
    await log.close();
  }
}

async function openLog(file: string, user: ServerUser | null): Promise<FileHandle> {
  const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW, 0o600);
  if (user) await handle.chown(user.uid, user.gid);
  return handle;
}

/** Nothing of this process's environment goes along: it may hold secrets, and the server may run as a shared user. */
function base(
  user: ServerUser | null,
  env: Readonly<Record<string, string>> | undefined,
): { cwd: string; env: NodeJS.ProcessEnv; uid?: number; gid?: number } {
  const identity = user && { uid: user.uid, gid: user.gid };
  return { cwd: '/', env: { PATH: process.env.PATH ?? '/usr/bin:/bin', ...env }, ...identity };
}

/** The promise's value, or null after `patience` milliseconds. */
async function within<T>(promise: Promise<T>, patience: number): Promise<T | null> {
  const giveUp = new AbortController();
  try {
    return await Promise.race([promise, sleep(patience, null, { signal: giveUp.signal })]);
  } finally {
    giveUp.abort();
  }
}

function notStarted(command: string, error: Error): Error {
  const code = 'code' in error ? String(error.code) : error.message;
  return fail('CT6003', `${command} cannot be started (${code}).`);
}
