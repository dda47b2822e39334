import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail } from '../model/index.ts';
import { runs } from '../util/alive.ts';
import { livingSupervisor, untilNoSupervisor, untilOrphanGone } from './alive.ts';
import type { ServerJob } from './job.ts';
import type { Place } from './place.ts';
import { logHint } from './ready.ts';
import { errorCode } from '../util/system.ts';

/** Milliseconds for a process to begin. */
const beginning = 30_000;
/** Milliseconds for a server to write down what it has in memory. */
const ending = 180_000;

/**
 * Starts the supervisor in a session of its own, so that it outlives this process and its terminal, and waits until it says
 * that it lives. The caller holds the place's turn. Throws CT6001.
 */
export async function spawnSupervisor({ place, supervisor, env, signal }: ServerJob): Promise<void> {
  const [command, ...args] = supervisor;
  if (command === undefined) throw new Error('no command for the supervisor');
  // What an earlier one said must not be taken for this one's words.
  await rm(place.supervisor, { force: true });
  await using log = await open(place.supervisorLog, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o600);
  const child = spawn(command, [...args, place.folder], {
    cwd: '/',
    detached: true,
    // Nothing else of this environment: it may hold secrets, and the supervisor lives long.
    env: { PATH: env['PATH'] ?? '/usr/bin:/bin', HOME: env['HOME'] ?? '/', NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', log.fd, log.fd],
  });
  const failures: string[] = [];
  child.once('error', (error) => {
    failures.push(error.message);
  });
  child.once('exit', (code, killed) => {
    failures.push(killed ?? `code ${code}`);
  });
  child.unref();
  for (const deadline = Date.now() + beginning; Date.now() < deadline; ) {
    if (((await livingSupervisor(place))?.says ?? null) !== null) return;
    if (failures.length > 0 || signal.aborted) break;
    await sleep(20);
  }
  signal.throwIfAborted();
  throw fail(
    'CT6001',
    `The supervisor of ${place.folder} did not start (${failures[0] ?? 'no message from it'}).`,
    await logHint(place.supervisorLog),
  );
}

export async function supervised(place: Place): Promise<boolean> {
  return (await livingSupervisor(place)) !== null;
}

/** Ends the supervisor, which stops its server cleanly first. True: there was one. Throws CT6025. */
export async function stopSupervisor(place: Place): Promise<boolean> {
  const living = await livingSupervisor(place);
  if (living === null) {
    await untilOrphanGone(place);
    return false;
  }
  const pid = living.says?.pid ?? (await firstWord(place));
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ESRCH') throw fail('CT6025', `The supervisor of ${place.folder} (process ${pid}) cannot be stopped (${code}).`);
  }
  if (await untilNoSupervisor(place, ending)) {
    await untilGone(pid);
    return true;
  }
  throw fail(
    'CT6025',
    `The supervisor of ${place.folder} (process ${pid}) did not stop within ${ending / 1000} s.`,
    await logHint(place.log),
  );
}

/** The lock ends a moment before the process. */
async function untilGone(pid: number): Promise<void> {
  for (let waited = 0; waited < 2000 && runs(pid); waited += 10) await sleep(10);
}

/** It says who it is as soon as it holds the lock. */
async function firstWord(place: Place): Promise<number> {
  for (let waited = 0; waited < 5000; waited += 20) {
    await sleep(20);
    const living = await livingSupervisor(place);
    if (living?.says) return living.says.pid;
  }
  throw fail('CT6025', `The supervisor of ${place.folder} does not report its process id.`);
}
